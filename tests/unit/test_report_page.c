/* The page of a run: words are escaped, scales are round, numbers that are missing
 * leave gaps, and whatever a run lacks is said in its place. */
#include <check.h>

#include "../../src/report/page.h"
#include "some_checkpoint.h"
#include "store_folder.h"
#include "suite.h"

static td_slots weights, norms;
static td_checkpoint checkpoint;
static td_report_run run;

static td_metrics row_of(int epoch, double loss)
{
    td_metrics row = { .epoch = epoch,
                       .lr_weights = 0.025,
                       .lr_arch = 3e-4,
                       .train_loss = loss,
                       .train_top1 = 0.5,
                       .valid_loss = NAN,
                       .valid_top1 = 0.25 * (epoch + 1),
                       .mixing = NAN,
                       .valid_balanced_top1 = NAN,
                       .group_top1 = { NAN, NAN, NAN },
                       .alpha_entropy_normal = 2.07,
                       .alpha_entropy_reduce = 2.05,
                       .alpha_change = 0.125,
                       .skip_count_normal = 3,
                       .valid_ece = NAN };
    return row;
}

/* Alphas that are numbers: some_reals has infinities. */
static void make_finite(td_real *alphas, size_t n)
{
    for (size_t i = 0; i < n; i++)
        alphas[i] = (td_real) (0.01 * (double) (i % 17));
}

static void set_up(void)
{
    static td_metrics rows[3];
    folder_make();
    some_slots(&weights, &norms);
    checkpoint = some_checkpoint(&weights, &norms, 100);
    make_finite(checkpoint.state.alphas, SOME_TABLES);
    make_finite(checkpoint.state.alphas_start, SOME_TABLES);
    make_finite(checkpoint.arch_history, SOME_EPOCHS * SOME_TABLES);
    for (int i = 0; i < 3; i++)
        rows[i] = row_of(i, i == 1 ? NAN : 2.5 - i);
    run = (td_report_run){ .name = "runs/<a> & \"b\"",
                           .checkpoint = &checkpoint,
                           .rows = rows,
                           .row_count = 3,
                           .epochs = 5 };
}

static void tear_down(void)
{
    clear_checkpoint(&checkpoint);
    folder_remove();
}

static int count_of(const char *text, const char *words)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, words)); at += strlen(words))
        count++;
    return count;
}

/* The page of \a count copies of the run; for td_free. */
static char *page_of(int count)
{
    td_report_run *runs[4] = { &run, &run, &run, &run };
    return td_report_page(runs, count);
}

static void check_page(const char *page, const char *words)
{
    ck_assert_msg(strstr(page, words) != NULL, "\"%s\" is not in the page", words);
}

/* ---- words and numbers ------------------------------------------------------- */

START_TEST(test_words_are_escaped)
{
    td_text text = { 0 };
    td_html_escape(&text, "<b a=\"1\" c='2'>&amp;\x01\n\xc3\xa9");
    ck_assert_str_eq(text.chars,
                     "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;\\x01\n"
                     "\xc3\xa9");
    td_free(text.chars);
}
END_TEST

START_TEST(test_numbers_for_people)
{
    td_text text = { 0 };
    td_html_whole(&text, 1234567);
    td_html_whole(&text, -100);
    td_html_whole(&text, 0);
    td_text_write(&text, "|");
    td_html_seconds(&text, 5.25);
    td_text_write(&text, "|");
    td_html_seconds(&text, 197);
    td_text_write(&text, "|");
    td_html_seconds(&text, 3600 * 30 + 61);
    td_html_seconds(&text, NAN);
    td_html_number(&text, "%.2f", INFINITY);
    td_html_number(&text, "%.2f", 0.256);
    ck_assert_str_eq(text.chars, "1\u202f234\u202f567-1000|5.2 s|3 min 17 s|30 h 1 min"
                                 "––0.26");
    td_free(text.chars);
}
END_TEST

/* ---- scales ------------------------------------------------------------------ */

static void check_axis(td_axis axis, double low, double high, int most)
{
    ck_assert_int_ge(axis.ticks, 2);
    ck_assert_int_le(axis.ticks, most);
    double least = 1e-6 * axis.step;
    ck_assert(axis.low <= low + least && high - least <= axis.high);
    for (int i = 0; i < axis.ticks; i++) {
        double share = td_axis_share(&axis, td_axis_tick(&axis, i));
        ck_assert(share >= -1e-9 && share <= 1 + 1e-9);
    }
    ck_assert(td_axis_share(&axis, axis.low) == 0 &&
              td_axis_share(&axis, axis.high) == 1);
}

START_TEST(test_scales_are_round)
{
    td_axis axis = td_axis_fit(0, 0.3, 4);
    ck_assert(axis.low == 0 && fabs(axis.high - 0.3) < 1e-12 && axis.ticks == 4);
    ck_assert(fabs(td_axis_tick(&axis, 3) - 0.3) < 1e-12);
    static const double ranges[][2] = {
        { 0, 1 },      { 0.123, 0.1234 }, { -5, 17 },       { 1e-9, 3e-4 },
        { 1e6, 6e6 },  { -3, -2.5 },      { 0.999, 1.001 }, { 2.079, 2.0795 },
        { 0, 1.2e19 }, { -1e-3, 1e-3 },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        for (int most = 3; most < 10; most++)
            check_axis(td_axis_fit(ranges[i][0], ranges[i][1], most), ranges[i][0],
                       ranges[i][1], most);
}
END_TEST

START_TEST(test_scales_of_odd_ranges)
{
    check_axis(td_axis_fit(NAN, NAN, 5), 0, 1, 5);
    check_axis(td_axis_fit(0, INFINITY, 5), 0, 1, 5);
    check_axis(td_axis_fit(0, 0, 5), 0, 0, 5);
    check_axis(td_axis_fit(0.025, 0.025, 5), 0.025, 0.025, 5);
    check_axis(td_axis_fit(-7, -7, 5), -7, -7, 5);
    check_axis(td_axis_fit(3, 1, 5), 1, 3, 5);
}
END_TEST

START_TEST(test_scales_of_epochs)
{
    for (int last = 0; last < 1300; last++) {
        td_axis axis = td_axis_epochs(last, 8);
        double end = td_axis_tick(&axis, axis.ticks - 1);
        ck_assert(axis.ticks <= 8 && axis.step >= 1 && axis.step == floor(axis.step));
        ck_assert(end <= fmax(last, 1) && (last < 2 || axis.low == 1));
        ck_assert(td_axis_share(&axis, 1) >= 0 && td_axis_share(&axis, 1) < 1);
    }
}
END_TEST

START_TEST(test_colours_run_from_dark_to_light)
{
    char colour[8];
    td_heat_colour(0, colour);
    ck_assert_str_eq(colour, "#440154");
    td_heat_colour(7, colour);
    ck_assert_str_eq(colour, "#fde725");
    td_heat_colour(0.5, colour);
    ck_assert_str_eq(colour, "#21908d");
}
END_TEST

/* ---- metrics.csv --------------------------------------------------------------- */

START_TEST(test_metrics_come_back)
{
    td_metrics *rows = NULL;
    td_metrics first = row_of(0, 1.5), second = row_of(7, NAN);
    char *parts[] = { td_metrics_header(), td_metrics_row(&first),
                      td_metrics_row(&second) };
    char *text = td_format("%s%s%s", parts[0], parts[1], parts[2]);
    ck_assert_int_eq(td_metrics_parse(&rows, text), 2);
    ck_assert(rows[0].epoch == 0 && rows[0].train_loss == 1.5);
    ck_assert(rows[1].epoch == 7 && isnan(rows[1].train_loss));
    ck_assert(rows[1].valid_top1 == 2.0 && isnan(rows[1].mixing));
    for (int i = 0; i < 3; i++)
        td_free(parts[i]);
    td_free(text);
    td_free(rows);
}
END_TEST

START_TEST(test_metrics_of_other_versions)
{
    td_metrics *rows = NULL;
    ck_assert_int_eq(
        td_metrics_parse(&rows,
                         "later,train_loss,\"epoch\"\n\"9\",0.5,3\nx,y,z\n\n1,abc,4"),
        2);
    ck_assert(rows[0].epoch == 3 && rows[0].train_loss == 0.5);
    ck_assert(isnan(rows[0].valid_top1) && isnan(rows[0].skip_count_normal));
    ck_assert(rows[1].epoch == 4 && isnan(rows[1].train_loss));
    td_free(rows);
    ck_assert_int_eq(td_metrics_parse(&rows, "no,header\n1,2\n"), 0);
    td_free(rows);
    ck_assert_int_eq(td_metrics_parse(&rows, ""), 0);
    td_free(rows);
}
END_TEST

/* ---- the page ------------------------------------------------------------------ */

START_TEST(test_page_of_a_run)
{
    char *page = page_of(1);
    check_page(page, "runs/&lt;a&gt; &amp; &quot;b&quot;");
    ck_assert_ptr_null(strstr(page, "<a>"));
    check_page(page, "3 of 5");
    check_page(page, "not finished: 100 steps into epoch 4");
    check_page(page, "<title>validation top-1, epoch 3: 0.75</title>");
    check_page(page,
               "one <em>0</em></th><td class=\"bar\" style=\"--s:1.0000\">1\u202f000<");
    check_page(page, "&lt;two&gt; &amp; &quot;three&quot; <em>1</em></th>");
    check_page(page, ">2</th><td class=\"bar\" style=\"--s:0.8020\">802</td>");
    check_page(page, ">109</td>");
    check_page(page, "after epoch 3: 0.");
    check_page(page, "within epoch 4: 0.");
    check_page(page, "Gr\xc3\xb6\xc3\x9f"
                     "e");
    check_page(page, "There is no genotype");
    ck_assert_ptr_null(strstr(page, "history is absent"));
    ck_assert_ptr_null(strstr(page, "nan"));
    ck_assert_ptr_null(strstr(page, "inf"));
    ck_assert_ptr_null(strstr(page, "http"));
    ck_assert_ptr_null(strstr(page, "<script"));
    td_free(page);
}
END_TEST

/* A gap in a line is a new stretch: no line leads over an epoch without a number. */
START_TEST(test_gaps_are_gaps)
{
    char *page = page_of(1);
    ck_assert_ptr_null(strstr(page, "training loss, epoch 2:"));
    check_page(page, "training loss, epoch 3: 0.5");
    const char *loss = strstr(page, "loss (nats)");
    const char *line = strstr(loss, "class=\"line l0\" d=\"M");
    const char *end = strchr(line + strlen("class=\"line l0\" d=\""), '"');
    const char *second = strchr(line + strlen("class=\"line l0\" d=\"M"), 'M');
    ck_assert(second && second < end);
    td_free(page);
}
END_TEST

/* ---- files of others ------------------------------------------------------------- */

START_TEST(test_scales_of_any_numbers)
{
    const double ends[] = { 0,        5e-324, -5e-324,  1e-300,    1.7e308,
                            -1.7e308, 1e250,  INFINITY, -INFINITY, NAN };
    enum { ENDS = sizeof ends / sizeof *ends };
    for (int i = 0; i < ENDS * ENDS; i++) {
        td_axis axis = td_axis_fit(ends[i / ENDS], ends[i % ENDS], 6);
        ck_assert(isfinite(axis.low) && isfinite(axis.high) && axis.low < axis.high);
        ck_assert(axis.ticks >= 2 && axis.ticks <= 6 && axis.step > 0);
        for (int k = 0; k < axis.ticks; k++)
            ck_assert(isfinite(td_axis_tick(&axis, k)));
    }
}
END_TEST

START_TEST(test_values_beyond_any_axis_are_said)
{
    run.rows[0].train_loss = 1.7e308;
    run.rows[1].train_loss = -1.7e308;
    run.rows[2].valid_loss = INFINITY;
    run.rows[2].valid_top1 = 1.7e308;
    char *page = page_of(2);
    check_page(page, "4 values are not drawn: infinite or above 1e30");
    check_page(page, "1.7e+308");
    ck_assert_ptr_null(strstr(page, "nan"));
    ck_assert_ptr_null(strstr(page, "inf\""));
    td_free(page);
}
END_TEST

START_TEST(test_broken_rows_are_counted)
{
    static const char text[] = "epoch,seconds,train_loss\n"
                               "0,1,0.5\n"
                               "1,2\n"             /* a field is missing      */
                               "2,words,0.25\n"    /* no number               */
                               "2,3,0.125\n"       /* again                   */
                               "x,y,z\n"           /* no row                  */
                               "1,9,9\n"           /* an earlier one again    */
                               "5,,\n"             /* whole: nothing is known */
                               "-1,0,0\n\0more\n"; /* no epoch; the end is cut */
    td_metrics *rows;
    int unread = -1;
    int count = td_metrics_parse_noting(&rows, text, sizeof text, &unread);
    ck_assert_int_eq(count, 3);
    ck_assert_int_eq(rows[0].epoch, 0);
    ck_assert_int_eq(rows[1].epoch, 1);
    ck_assert(rows[1].seconds == 9);
    ck_assert_int_eq(rows[2].epoch, 5);
    ck_assert(isnan(rows[2].seconds));
    ck_assert_int_eq(unread, 7);
    td_free(rows);
}
END_TEST

/* Line by line through all runs, not from the first line each time. */
START_TEST(test_a_long_configuration_takes_no_time)
{
    td_text config = { 0 };
    for (int i = 0; i < 80000; i++)
        td_text_write(&config, "key_of_a_certain_length_%d: value\n", i);
    char *before = checkpoint.texts.config;
    checkpoint.texts.config = config.chars;
    char *page = page_of(2); /* the limit of a test's time is the assertion */
    check_page(page, "key_of_a_certain_length_79999: value\n");
    check_page(page, "Nothing: the runs have the same configuration");
    td_free(page);
    checkpoint.texts.config = before;
    td_free(config.chars);
}
END_TEST

START_TEST(test_run_without_anything)
{
    run.row_count = 0;
    run.epochs = 0;
    checkpoint.progress.best_epoch = -1;
    checkpoint.state.edges = 0;
    td_free(checkpoint.texts.command);
    checkpoint.texts.command = td_strdup("train");
    td_free(checkpoint.class_counts);
    checkpoint.class_counts = NULL;
    char *page = page_of(2);
    check_page(page, "no epoch has ended yet");
    check_page(page, "does not hold the counts of its 10 classes");
    ck_assert_ptr_null(strstr(page, "Architecture weights"));
    ck_assert_ptr_null(strstr(page, "Calibration"));
    ck_assert_ptr_null(strstr(page, "nan"));
    td_free(page);
}
END_TEST

START_TEST(test_absent_history_is_said)
{
    td_free(checkpoint.arch_history);
    checkpoint.arch_history = NULL;
    checkpoint.arch_epochs = 0;
    checkpoint.state.stage = 0;
    char *page = page_of(1);
    check_page(page, "The history is absent");
    check_page(page, "skip_connect start: 0.");
    check_page(page, "within epoch 4: 0.");
    td_free(page);
}
END_TEST

/* Its start is not the run's, with history or without. */
START_TEST(test_a_later_stage_has_no_start)
{
    checkpoint.state.stage = 1;
    char *page = page_of(1);
    ck_assert_ptr_null(strstr(page, "skip_connect start:"));
    check_page(page, "skip_connect after epoch 1: 0.");
    td_free(page);
    td_free(checkpoint.arch_history);
    checkpoint.arch_history = NULL;
    checkpoint.arch_epochs = 0;
    page = page_of(1);
    check_page(page, "within epoch 4: 0.");
    td_free(page);
}
END_TEST

/* Rows that an older program did not keep, and numbers beyond all bounds. */
START_TEST(test_alphas_that_are_no_numbers)
{
    for (int i = 0; i < SOME_TABLES; i++)
        checkpoint.arch_history[i] = (td_real) NAN;
    checkpoint.state.alphas_start[3] = (td_real) INFINITY;
    char *page = page_of(1);
    ck_assert_ptr_null(strstr(page, "after epoch 1:"));
    check_page(page, "after epoch 2: 0.");
    check_page(page, "The history is absent");
    ck_assert_ptr_null(strstr(page, "nan"));
    td_free(page);
}
END_TEST

START_TEST(test_long_runs_show_some_epochs)
{
    enum { EPOCHS = 600 };
    td_free(checkpoint.arch_history);
    checkpoint.arch_history = td_malloc(EPOCHS * SOME_TABLES * sizeof(td_real));
    checkpoint.arch_epochs = checkpoint.progress.epoch = EPOCHS;
    char *page = page_of(1);
    check_page(page, "skip_connect after epoch 600: 0.5000");
    check_page(page, "skip_connect after epoch 588: 0.5000");
    ck_assert_ptr_null(strstr(page, "after epoch 599:"));
    td_free(page);
}
END_TEST

START_TEST(test_several_runs_stand_side_by_side)
{
    char *page = page_of(3);
    ck_assert_int_eq(count_of(page, "<svg class=\"heat\""), 6);
    ck_assert_int_eq(count_of(page, "<tr class=\"best-run\">"), 0);
    ck_assert_int_eq(count_of(page, "<figure>"), count_of(page, "<figcaption>"));
    check_page(page, "Nothing: the runs have the same configuration");
    td_free(page);
}
END_TEST

/* The section of a heading; for td_free. */
static char *section_of(const char *page, const char *heading)
{
    char *start = td_format("<h2>%s", heading);
    const char *from = strstr(page, start);
    ck_assert_msg(from != NULL, "no section %s", heading);
    td_free(start);
    return td_format("%.*s", (int) (strstr(from, "</section>") - from), from);
}

/* Of two runs a panel has one axis and two lines. */
START_TEST(test_runs_are_overlaid)
{
    td_metrics large = row_of(9, 40.0);
    td_report_run other = run, *both[] = { &run, &other };
    other.name = "runs/other";
    other.rows = &large;
    other.row_count = 1;
    char *page = td_report_page(both, 2);
    char *section = section_of(page, "Losses");
    ck_assert_int_eq(count_of(section, ">40</text>"), 1);
    ck_assert_int_eq(count_of(section, ">9</text>"), 1);
    check_page(section, "class=\"line h0 d0\" d=\"M66");
    check_page(section, "class=\"line h1 d0\" d=\"M446");
    check_page(section, "<title>other, training loss, epoch 10: 40</title>");
    ck_assert_int_eq(count_of(section, "<figcaption>"), 1); /* no one has the other */
    td_free(section);
    td_free(page);
}
END_TEST

/* More lines than hues: the first two dozen are all different. */
START_TEST(test_lines_of_many_runs_differ)
{
    enum { RUNS = 24 };
    char line[RUNS][24], point[8];
    for (int r = 0; r < RUNS; r++) {
        td_run_style(r, line[r], point);
        for (int other = 0; other < r; other++)
            ck_assert_str_ne(line[r], line[other]);
    }
    td_run_style(24, line[1], point);
    ck_assert_str_eq(line[1], line[0]);
}
END_TEST

static void check_names(const char *const *given, const char *const *wanted, int count,
                        const char *folder_of_all)
{
    td_report_run some[3], *runs[3];
    for (int r = 0; r < count; r++) {
        some[r] = run;
        some[r].name = (char *) given[r];
        runs[r] = &some[r];
    }
    td_runs named = td_runs_named(runs, count);
    for (int r = 0; r < count; r++)
        ck_assert_str_eq(named.names[r], wanted[r]);
    ck_assert_str_eq(named.folder, folder_of_all);
    td_runs_clear(&named);
}

START_TEST(test_names_lose_what_all_begin_with)
{
    check_names((const char *[]){ "a/b/seed-1", "a/b/seed-10", "a/b/x/y" },
                (const char *[]){ "seed-1", "seed-10", "x/y" }, 3, "a/b/");
    check_names((const char *[]){ "a/bc", "a/bd", "a/b" },
                (const char *[]){ "bc", "bd", "b" }, 3, "a/");
    check_names((const char *[]){ "a/bb/x", "a/bc/y" },
                (const char *[]){ "bb/x", "bc/y" }, 2, "a/");
    check_names((const char *[]){ "a/x", "b/x" }, (const char *[]){ "a/x", "b/x" }, 2,
                "");
    check_names((const char *[]){ "/far/away" }, (const char *[]){ "away" }, 1,
                "/far/");
    check_names((const char *[]){ "a/x", "a/x" }, (const char *[]){ "x", "x" }, 2,
                "a/");
    check_names((const char *[]){ "a", "a/x" }, (const char *[]){ "a", "a/x" }, 2, "");
    check_names((const char *[]){ "/" }, (const char *[]){ "/" }, 1, "/");
}
END_TEST

/* By balanced accuracy, whatever best.h5 was chosen by; an impossible one is none. */
START_TEST(test_the_best_is_marked)
{
    td_metrics rows[] = { row_of(0, 1), row_of(1, 1), row_of(2, 1) };
    td_report_run other = run, *both[] = { &run, &other };
    other.rows = rows;
    run.name = "runs/worse";
    other.name = "runs/better";
    run.rows[0].valid_balanced_top1 = 0.25;
    run.rows[2].valid_balanced_top1 = 17;
    rows[1].valid_balanced_top1 = 0.5;
    rows[2].valid_balanced_top1 = 0.375;
    char *page = td_report_page(both, 2);
    ck_assert_int_eq(count_of(page, "★ best"), 1);
    check_page(page, "better <b class=\"star\"");
    check_page(page, "<td>0.5000 <em>epoch 2</em></td>");
    check_page(page, "<td>0.2500 <em>epoch 1</em></td>");
    check_page(page, "<title>better, validation balanced, best epoch 2: 0.5</title>");
    check_page(page, "<title>worse, validation balanced, best epoch 1: 0.25</title>");
    td_free(page);
}
END_TEST

/* The axis is that of what could be. */
START_TEST(test_what_hardly_moved_is_said)
{
    for (int i = 0; i < SOME_EPOCHS * SOME_TABLES; i++)
        checkpoint.arch_history[i] = 0;
    for (int i = 0; i < SOME_TABLES; i++)
        checkpoint.state.alphas[i] = checkpoint.state.alphas_start[i] = 0;
    char *page = page_of(1), *section = section_of(page, "Entropy");
    check_page(section,
               "Hardly moved: &lt;a&gt; &amp; &quot;b&quot; (by no more than 0 ");
    check_page(section, ">0</text>");
    check_page(section, "text-anchor=\"end\">3</text>");
    check_page(section, ">undecided</text>");
    td_free(section);
    section = section_of(page, "Architecture weights");
    check_page(section, ">0.0000</text>");
    check_page(section, "They have hardly moved: none has changed by more than 0");
    td_free(section);
    td_free(page);
    for (int i = 0; i < 3; i++)
        run.rows[i].alpha_entropy_normal = run.rows[i].alpha_entropy_reduce =
            0.5 - 0.2 * i;
    for (int k = 0; k < SOME_TABLES; k += TD_NUM_OPS)
        checkpoint.state.alphas[k] = 4;
    page = page_of(1);
    ck_assert_ptr_null(strstr(page, "ardly moved"));
    section = section_of(page, "Entropy");
    check_page(section,
               "text-anchor=\"end\">3</text>"); /* and room for all that it has lost */
    td_free(section);
    td_free(page);
}
END_TEST

/* Without branches there are no words about them. */
START_TEST(test_branches_are_explained)
{
    char *page = page_of(1);
    ck_assert_ptr_null(strstr(page, "two branches"));
    td_free(page);
    run.rows[0].mixing = 0.75;
    page = page_of(1);
    char *section = section_of(page, "The two branches");
    check_page(section, "The conventional branch draws images as often");
    check_page(section, "The re-balancing branch draws rare classes more often");
    check_page(section, "<title>conventional branch, m, epoch 1: 0.75</title>");
    check_page(section, "<title>re-balancing branch, 1 − m, epoch 1: 0.25</title>");
    td_free(section);
    td_free(page);
}
END_TEST

/* ---- what evaluations and starts have left ------------------------ */

static int64_t class_images[10] = { 5, 5, 5, 5, 5, 5, 5, 5, 5, 0 };
static double class_top1[10] = { 0.5, 1, 0, 0, 0, 0, 0, 0, 0.25, NAN };

static td_evaluation evaluation(const char *state, double balanced, double adjust)
{
    return (td_evaluation){ .date = "",
                            .checkpoint = (char *) state,
                            .part = "test",
                            .data = "<my> data",
                            .epoch = 2,
                            .images = 45,
                            .adjust = adjust,
                            .tau_norm = NAN,
                            .loss = 1.5,
                            .top1 = 0.625,
                            .balanced = balanced,
                            .macro_f1 = 0.125,
                            .group_top1 = { 0.75, NAN, 0.0625 },
                            .ece = 0.03125,
                            .classes = 10,
                            .class_images = class_images,
                            .class_top1 = class_top1 };
}

START_TEST(test_evaluations_are_shown)
{
    td_evaluation all[] = { evaluation("last", 0.1, NAN), evaluation("best", 0.2, NAN),
                            evaluation("best", 0.3, 1), evaluation("last", 0.4, NAN) };
    char *page = page_of(1), *section = section_of(page, "Test");
    check_page(section, "No evaluation is known: taildart eval RUN");
    td_free(section);
    td_free(page);
    run.evaluations = all;
    run.evaluation_count = 4;
    ck_assert_ptr_eq(td_report_test(&run), &all[1]);
    page = page_of(1);
    section = section_of(page, "Test");
    check_page(section,
               "test images, best epoch, logits adjusted by 1 <em>after epoch 2, "
               "of &lt;my&gt; data</em>");
    check_page(section, "<td>45</td><td>0.6250</td><td>0.1000</td><td>0.1250</td>"
                        "<td>0.7500</td><td>–</td><td>0.0625</td><td>1.5000</td>"
                        "<td>0.0312</td>");
    td_free(section);
    section = section_of(page, "Classes");
    ck_assert_int_eq(count_of(section, ">test images, "), 4);
    check_page(section, "style=\"--s:0.2500\">0.250</td>");
    check_page(section, "style=\"--s:0.0000\">–</td>");
    td_free(section);
    td_free(page);
}
END_TEST

/* An evaluation of other classes has no column. */
START_TEST(test_evaluations_of_other_classes)
{
    td_evaluation one = evaluation("best", 0.2, NAN);
    one.classes = 3;
    run.evaluations = &one;
    run.evaluation_count = 1;
    char *page = page_of(1), *section = section_of(page, "Classes");
    ck_assert_ptr_null(strstr(section, "test images"));
    td_free(section);
    td_free(page);
}
END_TEST

/* However many runs there are, each has its column; what it was tested on stands in
 * its head where that is not the same for all. */
START_TEST(test_every_run_has_a_column_of_classes)
{
    enum { RUNS = 40 };
    td_evaluation best = evaluation("best", 0.2, NAN),
                  last = evaluation("last", 0, NAN);
    td_report_run other = run, *all[RUNS];
    for (int r = 0; r < RUNS; r++)
        all[r] = r + 1 < RUNS ? &run : &other;
    run.evaluations = other.evaluations = &best;
    run.evaluation_count = other.evaluation_count = 1;
    char *page = td_report_page(all, RUNS), *section = section_of(page, "Classes");
    ck_assert_int_eq(count_of(section, "<th scope=\"col\">"), 2 + RUNS);
    ck_assert_ptr_null(strstr(section, "test images"));
    td_free(section);
    td_free(page);
    other.evaluations = &last;
    page = td_report_page(all, RUNS);
    section = section_of(page, "Classes");
    ck_assert_int_eq(count_of(section, "best epoch of &lt;my&gt; data"), RUNS - 1);
    check_page(section, "<em>test images, last epoch of &lt;my&gt; data</em></th>");
    td_free(section);
    td_free(page);
}
END_TEST

/* The largest first, equal ones by their numbers; different runs have tables each. */
START_TEST(test_classes_are_sorted)
{
    td_checkpoint changed = checkpoint;
    td_report_run other = run, *both[] = { &run, &other };
    int64_t counts[10] = { 5, 9, 9, 1, 1, 1, 1, 1, 1, 100 };
    other.checkpoint = &changed;
    changed.class_counts = counts;
    char *page = td_report_page(both, 2), *section = section_of(page, "Classes");
    ck_assert_int_eq(count_of(section, "<table"), 2);
    const char *second = strstr(strstr(section, "<table") + 1, "<table");
    const char *first_row = strstr(second, "--s:1.0000\">100</td>");
    ck_assert(first_row && first_row < strstr(second, ">9</td>"));
    ck_assert(strstr(second, "<em>1</em>") < strstr(second, "<th scope=\"row\">2<"));
    ck_assert(strstr(second, ">9</td>") < strstr(second, ">5</td>"));
    td_free(section);
    td_free(page);
    page = page_of(2);
    section = section_of(page, "Classes");
    ck_assert_int_eq(count_of(section, "<table"), 1);
    td_free(section);
    td_free(page);
}
END_TEST

START_TEST(test_starts_are_told)
{
    td_start starts[] = {
        { "2026-11-28T19:31:37Z", "node<1>", 1, "", "", 1, 1, "abc",
          "taildart search" },
        { "2026-11-29T07:00:59+01:00", "node3", 4, "Slurm", "4711", 8, 2, "abc",
          "taildart search --out '<x>'" },
    };
    char *page = page_of(1);
    check_page(page, "Date, host and command line are not known");
    td_free(page);
    run.starts = starts;
    run.start_count = 2;
    page = page_of(1);
    check_page(page,
               "<dt>Started</dt><dd>2026-11-28 19:31 UTC; started 2 times, the last "
               "2026-11-29 07:00 UTC+01:00</dd>");
    check_page(page, "<dt>Host</dt><dd>node3 and 3 more</dd>");
    check_page(page, "<dt>Job</dt><dd>Slurm 4711</dd>");
    check_page(page, "<dt>Processes</dt><dd>8 ranks, 2 threads each</dd>");
    check_page(page, "<dt>Commit</dt><dd>abc</dd>");
    check_page(page, ">taildart search --out &#39;&lt;x&gt;&#39;</pre>");
    td_free(page);
    run.start_count = 1;
    page = page_of(2);
    check_page(page, "<dt>Host</dt><dd>node&lt;1&gt;</dd>");
    ck_assert_ptr_null(strstr(page, "<dt>Job</dt>"));
    td_free(page);
}
END_TEST

/* ---- what is drawn has room ---------------------------------------------- */

/* Bytes of an attribute's number behind \a from. */
static double number_of(const char *from, const char *name)
{
    return atof(strstr(from, name) + strlen(name));
}

static int letters_of(const char *words)
{
    int count = 0;
    for (; *words && *words != '<'; words++)
        count += ((unsigned char) *words & 0xc0) != 0x80;
    return count;
}

/* Narrow screens write charts with 14 of their units: a letter has 8 at most. */
START_TEST(test_no_label_of_a_chart_is_cut)
{
    for (int i = 0; i < 3; i++) {
        run.rows[i].lr_weights = 0.000125 * i;
        run.rows[i].lr_arch = 2.5e-7 * i;
        run.rows[i].train_loss = 1e29 * (i + 1);
    }
    run.rows[2].epoch = 100000; /* a number at the very end */
    run.rows[2].valid_loss = INFINITY;
    char *page = page_of(1);
    int texts = 0;
    for (const char *svg = page; (svg = strstr(svg, "<svg class=\"chart\"")); svg++) {
        double width = number_of(svg, "viewBox=\"0 0 ");
        const char *end = strstr(svg, "</svg>");
        for (const char *at = svg; (at = strstr(at, "<text ")) && at < end; at++) {
            const char *close = strchr(at, '>');
            double x = number_of(at, " x=\""), room = 8 * letters_of(close + 1);
            const char *anchor = strstr(at, "text-anchor=\"");
            bool has = anchor && anchor < close;
            char place = has ? anchor[strlen("text-anchor=\"")] : 's';
            double left = place == 'e' ? x - room : place == 'm' ? x - room / 2 : x;
            ck_assert_msg(left >= -4 && left + room <= width + 4, "%.*s",
                          (int) (strchr(close, '<') - at), at);
            texts++;
        }
    }
    ck_assert_int_gt(texts, 40);
    td_free(page);
}
END_TEST

/* Keys by their whole names, whichever run has them; the directory tells nothing. */
START_TEST(test_what_differs_is_a_table)
{
    td_checkpoint changed = checkpoint;
    td_report_run other = run, *both[] = { &run, &other };
    char mine[] = "seed: 2\nnet:\n  a: 1\n  b:\n    c: <x>\nrun:\n  out: p\n";
    char theirs[] = "seed: 2\nnet:\n  a: 2\n  b:\n    d: y\nrun:\n  out: q\n";
    td_free(checkpoint.texts.config);
    checkpoint.texts.config = mine;
    changed.texts.config = theirs;
    other.checkpoint = &changed;
    char *page = td_report_page(both, 2);
    check_page(page, "<th scope=\"row\">net.a</th><td>1</td><td>2</td>");
    check_page(page, "<th scope=\"row\">net.b.c</th><td>&lt;x&gt;</td><td>–</td>");
    check_page(page, "<th scope=\"row\">net.b.d</th><td>–</td><td>y</td>");
    ck_assert_ptr_null(strstr(page, ">seed</th>"));
    ck_assert_ptr_null(strstr(page, ">run.out</th>"));
    ck_assert_ptr_null(strstr(page, "open=\"open\"")); /* the whole is folded */
    td_free(page);
    checkpoint.texts.config = td_strdup("");
}
END_TEST

START_TEST(test_the_cell_is_drawn)
{
    static const char python[] =
        "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), "
        "('max_pool_3x3', 2), ('dil_conv_5x5', 0)], normal_concat=range(2, 4), "
        "reduce=[('sep_conv_3x3', 0), ('skip_connect', 1), ('max_pool_3x3', 2), "
        "('dil_conv_5x5', 0)], reduce_concat=range(2, 4))";
    ck_assert_int_eq(td_genotype_parse(&run.genotype, python), TD_OK);
    run.has_genotype = true;
    char *page = page_of(1);
    ck_assert_int_eq(count_of(page, "<svg class=\"cell\""), 2);
    ck_assert_int_eq(count_of(page, "class=\"wire\""),
                     8 + 4); /* into the output, too */
    ck_assert_int_eq(count_of(page, "class=\"taken\""), 8);
    ck_assert_int_eq(count_of(page, ">dil_conv_5x5</text>"), 2);
    check_page(page, "(&#39;skip_connect&#39;, 1)");
    td_free(page);
}
END_TEST

/* Leave out members that a derived network has not. */
static void make_training(void)
{
    td_free(checkpoint.arch_history);
    checkpoint.arch_history = NULL;
    checkpoint.arch_epochs = 0;
    checkpoint.state.edges = 0;
    td_free(checkpoint.texts.command);
    checkpoint.texts.command = td_strdup("train");
}

START_TEST(test_a_training_has_no_architecture)
{
    char *page = page_of(1);
    check_page(page, "<h2>Architecture weights");
    check_page(page, "The two strongest edges of each node");
    td_free(page);
    make_training();
    page = page_of(1);
    ck_assert_ptr_null(strstr(page, "<h2>Architecture weights"));
    ck_assert_ptr_null(strstr(page, "<svg class=\"heat\""));
    ck_assert_ptr_null(strstr(page, "strongest edges"));
    check_page(page, "The cell that is trained. From");
    check_page(page, "<h2>Losses");
    ck_assert_ptr_null(strstr(page, "nan"));
    td_free(page);
}
END_TEST

/* ---- a directory ----------------------------------------------------------------- */

static void save_run(void)
{
    ck_assert_int_eq(td_checkpoint_save(&checkpoint, in_folder("checkpoint.h5")),
                     TD_OK);
}

START_TEST(test_directory_is_read)
{
    td_report_run *read = NULL;
    save_run();
    char *path = td_format("%s//", folder);
    ck_assert_msg(td_report_run_read(&read, path) == TD_OK, "%s", td_error_message());
    ck_assert_str_eq(read->name, folder);
    ck_assert_int_eq(read->row_count, 2); /* of the checkpoint */
    ck_assert(read->rows[1].seconds == 1.25 && !read->has_genotype);
    td_report_run_free(read);
    write_text(in_folder("metrics.csv"), "epoch,train_loss\n5,0.5\n");
    ck_assert_int_eq(td_report_run_read(&read, path), TD_OK);
    ck_assert(read->row_count == 1 && read->rows[0].epoch == 5);
    td_report_run_free(read);
    td_free(path);
}
END_TEST

static int planned_epochs(const char *config)
{
    td_report_run *read = NULL;
    td_free(checkpoint.texts.config);
    checkpoint.texts.config = td_strdup(config);
    save_run();
    ck_assert_int_eq(td_report_run_read(&read, folder), TD_OK);
    int epochs = read->epochs;
    td_report_run_free(read);
    return epochs;
}

/* Each command's own key counts; the other's is only checked. */
START_TEST(test_planned_epochs_are_those_of_the_command)
{
    const char *const both = "search: {epochs: 7}\ntrain: {epochs: 9}\n";
    ck_assert_int_eq(planned_epochs(both), 7);
    ck_assert_int_eq(planned_epochs("unknown: 1\n"), 0);
    make_training();
    ck_assert_int_eq(planned_epochs(both), 9);
    ck_assert_int_eq(planned_epochs("data: {train_share: 1}\n"), 600);
    ck_assert_int_eq(planned_epochs("unknown: 1\n"), 0);
}
END_TEST

START_TEST(test_older_checkpoint_serves)
{
    td_report_run *read = NULL;
    ck_assert_ptr_nonnull(freopen(in_folder("stderr"), "w", stderr));
    save_run();
    save_run();
    write_text(in_folder("checkpoint.h5"), "damaged");
    ck_assert_int_eq(td_report_run_read(&read, folder), TD_OK);
    td_report_run_free(read);
    write_text(in_folder("checkpoint.prev.h5"), "damaged");
    ck_assert_int_eq(td_report_run_read(&read, folder), TD_CHECKPOINT);
    ck_assert_ptr_null(read);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "checkpoint.h5"));
}
END_TEST

START_TEST(test_what_is_no_run_is_refused)
{
    td_report_run *read = NULL;
    ck_assert_int_eq(td_report_run_read(&read, folder), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), folder));
    ck_assert_ptr_nonnull(strstr(td_error_message(), "checkpoint.minutes"));
    ck_assert_int_eq(td_report_run_read(&read, in_folder("none")), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "No such file or directory"));
    write_text(in_folder("file"), "");
    ck_assert_int_eq(td_report_run_read(&read, in_folder("file")), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "; give "));
    ck_assert_ptr_nonnull(strstr(td_error_message(), folder));
}
END_TEST

static TCase *case_of(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    suite_add_tcase(suite, tests);
    return tests;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("report page");
    TCase *parts = case_of(suite, "parts");
    tcase_add_test(parts, test_words_are_escaped);
    tcase_add_test(parts, test_numbers_for_people);
    tcase_add_test(parts, test_scales_are_round);
    tcase_add_test(parts, test_scales_of_odd_ranges);
    tcase_add_test(parts, test_scales_of_epochs);
    tcase_add_test(parts, test_colours_run_from_dark_to_light);
    tcase_add_test(parts, test_metrics_come_back);
    tcase_add_test(parts, test_metrics_of_other_versions);
    TCase *page = case_of(suite, "page");
    tcase_add_test(page, test_page_of_a_run);
    tcase_add_test(page, test_gaps_are_gaps);
    tcase_add_test(page, test_scales_of_any_numbers);
    tcase_add_test(page, test_values_beyond_any_axis_are_said);
    tcase_add_test(page, test_broken_rows_are_counted);
    tcase_add_test(page, test_a_long_configuration_takes_no_time);
    tcase_add_test(page, test_run_without_anything);
    tcase_add_test(page, test_absent_history_is_said);
    tcase_add_test(page, test_a_later_stage_has_no_start);
    tcase_add_test(page, test_alphas_that_are_no_numbers);
    tcase_add_test(page, test_long_runs_show_some_epochs);
    tcase_add_test(page, test_several_runs_stand_side_by_side);
    tcase_add_test(page, test_runs_are_overlaid);
    tcase_add_test(page, test_lines_of_many_runs_differ);
    tcase_add_test(page, test_names_lose_what_all_begin_with);
    tcase_add_test(page, test_the_best_is_marked);
    tcase_add_test(page, test_what_hardly_moved_is_said);
    tcase_add_test(page, test_branches_are_explained);
    tcase_add_test(page, test_evaluations_are_shown);
    tcase_add_test(page, test_evaluations_of_other_classes);
    tcase_add_test(page, test_every_run_has_a_column_of_classes);
    tcase_add_test(page, test_classes_are_sorted);
    tcase_add_test(page, test_starts_are_told);
    tcase_add_test(page, test_no_label_of_a_chart_is_cut);
    tcase_add_test(page, test_what_differs_is_a_table);
    tcase_add_test(page, test_the_cell_is_drawn);
    tcase_add_test(page, test_a_training_has_no_architecture);
    TCase *directory = case_of(suite, "directory");
    tcase_add_test(directory, test_directory_is_read);
    tcase_add_test(directory, test_planned_epochs_are_those_of_the_command);
    tcase_add_test(directory, test_older_checkpoint_serves);
    tcase_add_test(directory, test_what_is_no_run_is_refused);
    return suite;
}
