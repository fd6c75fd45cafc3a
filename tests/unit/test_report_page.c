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
        ck_assert(end <= axis.high && (last < 2 || (axis.low == 1 && end <= last)));
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
        td_metrics_parse(&rows, "later,train_loss,epoch\n9,0.5,3\nx,y,z\n\n1,abc,4"),
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
    check_page(page, "<title>class 0 (one): 1000 images</title>");
    check_page(page, "class 1 (&lt;two&gt; &amp; &quot;three&quot;): 901 images<");
    check_page(page, "<title>class 2: 802 images</title>");
    check_page(page, "<title>class 9: 109 images</title>");
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
    ck_assert_ptr_null(strstr(page, "training, epoch 2:"));
    check_page(page, "training, epoch 3: 0.5");
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
    check_page(page, "3 values are not drawn: infinite or above 1e30");
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
    ck_assert_ptr_null(strstr(page, "<mark>"));
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
    ck_assert_int_eq(count_of(page, "<tr>"), 4);
    ck_assert_int_eq(count_of(page, "<figure>"), count_of(page, "<figcaption>"));
    ck_assert_ptr_null(strstr(page, "<mark>"));
    td_free(page);
}
END_TEST

START_TEST(test_runs_share_their_scales)
{
    td_metrics large = row_of(9, 40.0);
    td_report_run other = run, *both[] = { &run, &other };
    other.rows = &large;
    other.row_count = 1;
    char *page = td_report_page(both, 2);
    const char *losses = strstr(page, "<h2>Losses");
    char *section =
        td_format("%.*s", (int) (strstr(losses, "</section>") - losses), losses);
    ck_assert_int_eq(count_of(section, ">40</text>"), 2);
    ck_assert_int_eq(count_of(section, ">9</text>"), 2);
    td_free(section);
    td_free(page);
}
END_TEST

START_TEST(test_other_values_are_marked)
{
    td_checkpoint changed = checkpoint;
    td_report_run other = run, *both[] = { &run, &other };
    char mine[] = "seed: 2\ndata: 1\n", theirs[] = "seed: 2\ndata: 2\n";
    td_free(checkpoint.texts.config);
    checkpoint.texts.config = mine;
    changed.texts.config = theirs;
    other.checkpoint = &changed;
    char *page = td_report_page(both, 2);
    check_page(page, "<mark>data: 1</mark>");
    check_page(page, "<mark>data: 2</mark>");
    ck_assert_ptr_null(strstr(page, "<mark>seed"));
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
    ck_assert_int_eq(count_of(page, "class=\"wire\""), 8);
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
    check_page(page, "The cell that is trained. k−2");
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
    ck_assert_ptr_nonnull(strstr(td_error_hint_message(), "checkpoint.minutes"));
    ck_assert_int_eq(td_report_run_read(&read, in_folder("none")), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_message(), "no such directory"));
    write_text(in_folder("file"), "");
    ck_assert_int_eq(td_report_run_read(&read, in_folder("file")), TD_CHECKPOINT);
    ck_assert_ptr_nonnull(strstr(td_error_hint_message(), folder));
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
    tcase_add_test(page, test_runs_share_their_scales);
    tcase_add_test(page, test_other_values_are_marked);
    tcase_add_test(page, test_the_cell_is_drawn);
    tcase_add_test(page, test_a_training_has_no_architecture);
    TCase *directory = case_of(suite, "directory");
    tcase_add_test(directory, test_directory_is_read);
    tcase_add_test(directory, test_planned_epochs_are_those_of_the_command);
    tcase_add_test(directory, test_older_checkpoint_serves);
    tcase_add_test(directory, test_what_is_no_run_is_refused);
    return suite;
}
