/* The tables of a study: every run one row, every method and imbalance one row. */
#include <math.h>
#include <string.h>

#include "internal.h"
#include "taildart/base_text.h"

static const struct {
    const char *name, *title; /* in CSV and in Markdown */
    int decimals;             /* in Markdown            */
} forms[TD_STUDY_MEASURES] = {
    [TD_STUDY_VALID_TOP1] = { "valid_top1", "search: top-1", 3 },
    [TD_STUDY_VALID_BALANCED] = { "valid_balanced", "search: balanced", 3 },
    [TD_STUDY_TEST_TOP1] = { "test_top1", "test: top-1", 3 },
    [TD_STUDY_TEST_BALANCED] = { "test_balanced", "test: balanced", 3 },
    [TD_STUDY_TEST_MANY] = { "test_many", "many", 3 },
    [TD_STUDY_TEST_MEDIUM] = { "test_medium", "medium", 3 },
    [TD_STUDY_TEST_FEW] = { "test_few", "few", 3 },
    [TD_STUDY_TEST_ECE] = { "test_ece", "ece", 3 },
    [TD_STUDY_TEST_RANGE_MANY] = { "test_range_many", "first third", 3 },
    [TD_STUDY_TEST_RANGE_MEDIUM] = { "test_range_medium", "middle third", 3 },
    [TD_STUDY_TEST_RANGE_FEW] = { "test_range_few", "last third", 3 },
    [TD_STUDY_SKIPS] = { "skip_count_normal", "skips", 1 },
    [TD_STUDY_ALPHA_CHANGE] = { "alpha_change", "alpha change", 3 },
    [TD_STUDY_SEARCH_IMAGES] = { "search_images", "search images", 0 },
    [TD_STUDY_SEARCH_MINUTES] = { "search_minutes", "search minutes", 1 },
    [TD_STUDY_TRAIN_IMAGES] = { "train_images", "train images", 0 },
    [TD_STUDY_TRAIN_MINUTES] = { "train_minutes", "train minutes", 1 },
};

/* ---- CSV ------------------------------------------------------------------------ */

/* Write a number; an unknown one is an empty field. */
static void write_number(td_text *text, double value)
{
    if (!isnan(value))
        td_text_write(text, "%.9g", value);
}

/* Write a text between quotes, with quotes doubled (RFC 4180). */
static void write_quoted(td_text *text, const char *words)
{
    td_text_write(text, "\"");
    for (const char *at = words; *at; at++)
        td_text_write(text, *at == '"' ? "\"%c" : "%c", *at);
    td_text_write(text, "\"");
}

static const char *state_of(const td_study_result *result)
{
    if (result->failure)
        return "failed";
    if (result->done[TD_STUDY_EVAL])
        return "done";
    if (result->done[TD_STUDY_TRAIN])
        return "trained";
    return result->done[TD_STUDY_SEARCH] ? "searched" : "missing";
}

static void write_row(td_text *text, const td_study *study, td_grid_point point,
                      const td_study_result *result)
{
    td_text_write(text, "%s,%g,%lld,%s", study->methods[point.method].name,
                  study->imbalances[point.imbalance],
                  (long long) study->seeds[point.seed], state_of(result));
    for (int m = 0; m < TD_STUDY_MEASURES; m++) {
        td_text_write(text, ",");
        write_number(text, result->value[m]);
    }
    td_text_write(text, ",");
    if (result->failure)
        write_quoted(text, result->failure);
    td_text_write(text, "\n");
}

char *td_study_rows(const td_study *study, const td_study_result *results)
{
    td_text text = { 0 };
    td_text_write(&text, "method,imbalance,seed,state");
    for (int m = 0; m < TD_STUDY_MEASURES; m++)
        td_text_write(&text, ",%s", forms[m].name);
    td_text_write(&text, ",failure\n");
    for (int i = 0; i < td_grid_point_count(study); i++)
        write_row(&text, study, td_grid_point_at(study, i), &results[i]);
    return text.chars;
}

/* ---- over seeds ----------------------------------------------------------------- */

/* Runs of a method at an imbalance. */
typedef struct {
    int done, failed;
} tally;

static tally tally_of(const td_study *study, const td_study_result *results, int method,
                      int imbalance)
{
    tally t = { 0, 0 };
    for (int seed = 0; seed < study->seed_count; seed++) {
        td_grid_point point = { method, imbalance, seed };
        const td_study_result *result = td_study_result_of(study, results, point);
        t.done += !result->failure && result->done[TD_STUDY_EVAL];
        t.failed += result->failure != NULL;
    }
    return t;
}

static void write_table_row(td_text *text, const td_study *study,
                            const td_study_result *results, int method, int imbalance)
{
    tally t = tally_of(study, results, method, imbalance);
    td_text_write(text, "%s,%g,%d,%d", study->methods[method].name,
                  study->imbalances[imbalance], t.done, t.failed);
    for (int m = 0; m < TD_STUDY_MEASURES; m++) {
        td_study_statistics s = td_study_over_seeds(study, results, method, imbalance,
                                                    (td_study_measure) m);
        td_text_write(text, ",");
        write_number(text, s.mean);
        td_text_write(text, ",");
        write_number(text, s.sd);
        td_text_write(text, ",%d", s.n);
    }
    td_text_write(text, "\n");
}

char *td_study_table(const td_study *study, const td_study_result *results)
{
    td_text text = { 0 };
    td_text_write(&text, "method,imbalance,done,failed");
    for (int m = 0; m < TD_STUDY_MEASURES; m++) {
        const char *name = forms[m].name;
        td_text_write(&text, ",%s,%s_sd,%s_n", name, name, name);
    }
    td_text_write(&text, "\n");
    for (int imbalance = 0; imbalance < study->imbalance_count; imbalance++)
        for (int method = 0; method < study->method_count; method++)
            write_table_row(&text, study, results, method, imbalance);
    return text.chars;
}

/* ---- Markdown ------------------------------------------------------------------- */

/* Write "0.512 ± 0.013", and its number of runs where that is not the row's. */
static void write_figure(td_text *text, td_study_statistics s, int decimals, int runs)
{
    if (s.n == 0) {
        td_text_write(text, " n/a |");
        return;
    }
    td_text_write(text, " %.*f", decimals, s.mean);
    if (s.n > 1)
        td_text_write(text, " ± %.*f", decimals, s.sd);
    if (s.n != runs)
        td_text_write(text, " (n=%d)", s.n);
    td_text_write(text, " |");
}

static void write_markdown_row(td_text *text, const td_study *study,
                               const td_study_result *results, int method,
                               int imbalance)
{
    tally t = tally_of(study, results, method, imbalance);
    td_text_write(text, "| %s | %g | %d |", study->methods[method].name,
                  study->imbalances[imbalance], t.done);
    for (int m = 0; m < TD_STUDY_MEASURES; m++)
        write_figure(text,
                     td_study_over_seeds(study, results, method, imbalance,
                                         (td_study_measure) m),
                     forms[m].decimals, t.done);
    td_text_write(text, " %d |\n", t.failed);
}

static void write_markdown_head(td_text *text)
{
    td_text_write(text, "| method | imbalance | n |");
    for (int m = 0; m < TD_STUDY_MEASURES; m++)
        td_text_write(text, " %s |", forms[m].title);
    td_text_write(text, " failed |\n| --- | --: | --: |");
    for (int m = 0; m < TD_STUDY_MEASURES + 1; m++)
        td_text_write(text, " --: |");
    td_text_write(text, "\n");
}

char *td_study_markdown(const td_study *study, const td_study_result *results)
{
    td_text text = { 0 };
    td_text_write(
        &text,
        "Mean ± sample standard deviation over seeds; n counts complete runs, and "
        "stands behind\na figure that has another number of them. `search` is the "
        "supernet on its validation\nhalf (long-tailed), `test` the trained cell on "
        "the test part, after its last epoch: what\ntrain.best chooses is best.h5, "
        "which no figure here is of; many, medium and few are\nclasses of more than "
        "100, 20 to 100, fewer training images, thirds those of the classes\nin "
        "falling order of training images.\n\n");
    write_markdown_head(&text);
    for (int imbalance = 0; imbalance < study->imbalance_count; imbalance++)
        for (int method = 0; method < study->method_count; method++)
            write_markdown_row(&text, study, results, method, imbalance);
    return text.chars;
}
