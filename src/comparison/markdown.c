/* Tables and differences of a study as Markdown. */
#include <math.h>

#include "internal.h"
#include "taildart/base_number.h"
#include "taildart/base_text.h"

/* ---- means ------------------------------------------------------------------- */

/* Write "0.512 ± 0.013", and its number of runs where that is not the row's. */
static void write_figure(td_text *text, td_study_statistics s, int decimals, int runs)
{
    if (s.n == 0) {
        td_text_write(text, " n/a |");
        return;
    }
    td_text_write(text, " %.*f", decimals, s.mean);
    if (s.n > 1 && !isnan(s.sd))
        td_text_write(text, " ± %.*f", decimals, s.sd);
    if (s.n != runs)
        td_text_write(text, " (n=%d)", s.n);
    td_text_write(text, " |");
}

/* Write "| NAME | 100 | wide |"; the setting where there are some. */
static void write_place(td_text *text, const td_study *study, const char *name,
                        int block)
{
    td_grid_point point =
        td_study_block_point(study, block == TD_STUDY_ALL ? 0 : block);
    char *setting = td_study_setting_name(study, point.setting);
    td_text_write(text, "| %s |", name);
    if (block == TD_STUDY_ALL)
        td_text_write(text, " all |");
    else
        td_text_write(text, " %g |", study->imbalances[point.imbalance]);
    if (study->axis_count > 0)
        td_text_write(text, " %s |", block == TD_STUDY_ALL ? "all" : setting);
    td_free(setting);
}

static void write_mean_row(td_text *text, const td_study *study,
                           const td_study_result *results, int method, int block)
{
    td_grid_point point = td_study_block_point(study, block);
    point.method = method;
    if (td_study_is_excluded(study, point))
        return;
    td_study_tally t = td_study_tally_of(study, results, point);
    write_place(text, study, study->methods[method].name, block);
    td_text_write(text, " %d |", t.done);
    write_figure(text, td_study_rank(study, results, method, block), 1, t.done);
    for (int m = 0; m < TD_STUDY_MEASURES; m++)
        write_figure(text,
                     td_study_over_seeds(study, results, point, (td_study_measure) m),
                     td_study_measure_decimals((td_study_measure) m), t.done);
    td_text_write(text, " %d |\n", t.failed);
}

static void write_means(td_text *text, const td_study *study,
                        const td_study_result *results)
{
    const char *setting = study->axis_count > 0 ? " setting |" : "";
    td_text_write(text, "| method | imbalance |%s n | rank |", setting);
    for (int m = 0; m < TD_STUDY_MEASURES; m++)
        td_text_write(text, " %s |", td_study_measure_title((td_study_measure) m));
    td_text_write(text, " failed |\n| --- | --: |%s --: | --: |",
                  study->axis_count > 0 ? " --- |" : "");
    for (int m = 0; m < TD_STUDY_MEASURES + 1; m++)
        td_text_write(text, " --: |");
    td_text_write(text, "\n");
    for (int block = 0; block < td_study_block_count(study); block++)
        for (int method = 0; method < study->method_count; method++)
            write_mean_row(text, study, results, method, block);
}

/* ---- differences ------------------------------------------------------------- */

static const td_study_measure compared[] = { TD_STUDY_TEST_BALANCED,
                                             TD_STUDY_TEST_RANGE_FEW,
                                             TD_STUDY_TEST_TOP1,
                                             TD_STUDY_VALID_BALANCED };
enum { COMPARED = sizeof compared / sizeof *compared };

/* Write "+0.012 [-0.003, +0.025]". */
static void write_difference(td_text *text, td_study_difference d)
{
    if (d.of.n == 0)
        td_text_write(text, " n/a |");
    else if (d.of.n == 1)
        td_text_write(text, " %+.3f |", d.of.mean);
    else
        td_text_write(text, " %+.3f [%+.3f, %+.3f] |", d.of.mean, d.low, d.high);
}

static void write_difference_row(td_text *text, const td_study *study,
                                 const td_study_result *results, int method, int block)
{
    td_study_pair pair = { method, block, TD_STUDY_TEST_BALANCED };
    write_place(text, study, study->methods[method].name, block);
    td_text_write(text, " %d |", td_study_difference_of(study, results, pair).of.n);
    for (int i = 0; i < COMPARED; i++) {
        pair.measure = compared[i];
        write_difference(text, td_study_difference_of(study, results, pair));
    }
    td_text_write(text, "\n");
}

static void write_difference_head(td_text *text, const td_study *study)
{
    bool has_settings = study->axis_count > 0;
    td_text_write(text, "| method | imbalance |%s n |",
                  has_settings ? " setting |" : "");
    for (int i = 0; i < COMPARED; i++)
        td_text_write(text, " %s |", td_study_measure_title(compared[i]));
    td_text_write(text, "\n| --- | --: |%s --: |", has_settings ? " --- |" : "");
    for (int i = 0; i < COMPARED; i++)
        td_text_write(text, " --: |");
    td_text_write(text, "\n");
}

void td_study_write_power(td_text *text, const td_study *study,
                          const td_study_result *results, int block)
{
    int n;
    double sd = td_study_pooled_sd(study, results, block, &n);
    if (isnan(sd) && block == TD_STUDY_ALL) { /* some rows are done, but not all */
        block = TD_STUDY_EACH;
        sd = td_study_pooled_sd(study, results, block, &n);
    }
    if (isnan(sd)) {
        td_text_write(text, "\nToo few runs are done to tell what %d %s can show.\n",
                      study->seed_count, td_noun(study->seed_count, "seed", "seeds"));
        return;
    }
    const char *whose = block == TD_STUDY_ALL ? ", averaged over all rows of a method"
                        : block == TD_STUDY_EACH ? " of a row"
                                                 : "";
    if (td_study_detectable(sd, n) < 0.0005) {
        td_text_write(
            text,
            "\nThe %d seeds do not differ: each gave the same differences in "
            "the balanced test\naccuracy%s, which trained networks hardly "
            "ever do. Look whether the trainings have learned\n(naming one "
            "class for all images gives 1/classes), whether the test part has "
            "more than a few\nimages, and whether methods differ in more "
            "than their names (config.yaml of their runs).\n",
            n, whose);
        return;
    }
    td_text_write(text,
                  "\n%d seeds can show differences above %.3f in the balanced test "
                  "accuracy%s\n(paired t-test, two-sided at 5 %%, power 80 %%; between "
                  "seeds the differences have a\ndeviation of %.3f).\n",
                  n, td_study_detectable(sd, n), whose, sd);
}

static void write_differences(td_text *text, const td_study *study,
                              const td_study_result *results)
{
    int blocks = td_study_block_count(study), first = blocks > 1 ? TD_STUDY_ALL : 0;
    if (study->method_count < 2)
        return;
    td_text_write(text,
                  "\nDifferences to %s, seed by seed; in brackets what 95 %% of 10,000 "
                  "resamples of the\nseeds have as their mean (bootstrap; with fewer "
                  "than about ten seeds it is too narrow).\n\n",
                  study->methods[study->control].name);
    write_difference_head(text, study);
    for (int block = first; block < blocks; block++)
        for (int method = 0; method < study->method_count; method++)
            if (td_study_has_row(study, method, block))
                write_difference_row(text, study, results, method, block);
    if (study->excluded_count > 0)
        td_text_write(text, "\nWhat `exclude` leaves out is in no row; `all` is of the "
                            "rows that a method has.\n");
    td_study_write_power(text, study, results, first);
}

/* ---- trainings --------------------------------------------------------------- */

static void write_training_row(td_text *text, const td_study *study,
                               const td_study_result *results, int method, int block)
{
    td_grid_point point = td_study_block_point(study, block);
    int best;
    point.method = method;
    if (td_study_is_excluded(study, point))
        return;
    double sd = td_study_repeat_sd(study, results, point);
    double most = td_study_best_set(study, results, point, &best);
    char *set = best < 0 ? td_strdup("n/a") : td_study_set_name(study, best);
    write_place(text, study, study->methods[method].name, block);
    td_text_write(text, isnan(sd) ? " n/a |" : " %.3f |", sd);
    td_text_write(text, " %s |", set);
    td_text_write(text, isnan(most) ? " n/a |\n" : " %.3f |\n", most);
    td_free(set);
}

static void write_trainings(td_text *text, const td_study *study,
                            const td_study_result *results)
{
    if (td_study_training_count(study) == 1)
        return;
    td_text_write(text,
                  "\nEach cell is trained %d times; figures of the test are means of "
                  "these. The deviation\nof repeats is that of one cell trained with "
                  "one set of values; the best set is that which\ndoes best on images "
                  "that its trainings hold out (n/a where data.train_share 1 holds\n"
                  "none out).\n\n",
                  td_study_training_count(study));
    td_text_write(text,
                  "| method | imbalance |%s deviation of repeats | best set |"
                  " test: balanced |\n| --- | --: |%s --: | --- | --: |\n",
                  study->axis_count > 0 ? " setting |" : "",
                  study->axis_count > 0 ? " --- |" : "");
    for (int block = 0; block < td_study_block_count(study); block++)
        for (int method = 0; method < study->method_count; method++)
            write_training_row(text, study, results, method, block);
}

char *td_study_markdown(const td_study *study, const td_study_result *results)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    td_text_write(
        &text,
        "Mean ± sample standard deviation over seeds; n counts complete runs, and "
        "stands behind\na figure that has another number of them. `rank` is that of "
        "the "
        "balanced test accuracy\namong all methods, 1 the best, as a mean over seeds. "
        "`search` is the supernet on its\nvalidation half (long-tailed), `test` the "
        "trained cell on the test part, after its last\nepoch: what train.best chooses "
        "is best.h5, which no figure here is of; many, medium\nand few are classes of "
        "more than 100, 20 to 100, fewer training images, thirds those of\nthe classes "
        "in falling order of training images.\n\n");
    write_means(&text, study, results);
    write_trainings(&text, study, results);
    write_differences(&text, study, results);
    td_numbers_restore(before);
    return text.chars;
}
