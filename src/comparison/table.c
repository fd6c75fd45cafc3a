/* The tables of a study: every training one row, every method, setting and imbalance
 * one row. */
#include <string.h>

#include "internal.h"
#include "taildart/base_number.h"
#include "taildart/base_text.h"

/* Write a text between quotes, with quotes doubled (RFC 4180). */
static void write_quoted(td_text *text, const char *words)
{
    td_text_write(text, "\"");
    for (const char *at = words; *at; at++)
        td_text_write(text, *at == '"' ? "\"%c" : "%c", *at);
    td_text_write(text, "\"");
}

/* What a study has beside methods, imbalances and seeds. */
static bool has_settings(const td_study *study)
{
    return study->axis_count > 0;
}

static bool has_sets(const td_study *study)
{
    return study->grid_count > 0;
}

static void write_setting(td_text *text, const td_study *study, int setting)
{
    if (!has_settings(study))
        return;
    char *name = td_study_setting_name(study, setting);
    td_text_write(text, ",%s", name);
    td_free(name);
}

/* ---- trainings --------------------------------------------------------------- */

const char *td_study_state_of(const td_study_result *result,
                              const td_study_training *training)
{
    bool is_trained = training ? training->is_trained : result->done[TD_STUDY_TRAIN];
    bool is_tested = training ? training->is_tested : result->done[TD_STUDY_EVAL];
    if (result->failure)
        return "failed";
    if (is_tested)
        return "done";
    if (is_trained)
        return "trained";
    return result->done[TD_STUDY_SEARCH] ? "searched" : "missing";
}

static void write_training(td_text *text, const td_study *study, int number)
{
    int set = td_study_set_of(study, number);
    if (has_sets(study)) {
        char *values = td_study_set_name(study, set);
        td_text_write(text, ",");
        write_quoted(text, values);
        td_free(values);
    }
    if (study->repeats > 1)
        td_text_write(text, ",%d", td_study_repeat_of(study, number) + 1);
}

static void write_row(td_text *text, const td_study *study, td_grid_point point,
                      const td_study_result *result, int number)
{
    const td_study_training *training =
        result->trainings ? &result->trainings[number] : NULL;
    td_text_write(text, "%s,%g", study->methods[point.method].name,
                  study->imbalances[point.imbalance]);
    write_setting(text, study, point.setting);
    td_text_write(text, ",%lld", (long long) study->seeds[point.seed]);
    write_training(text, study, number);
    td_text_write(text, ",%s", td_study_state_of(result, training));
    for (int m = 0; m < TD_STUDY_MEASURES; m++) {
        bool is_own = training && td_study_is_of_training((td_study_measure) m);
        td_text_write(text, ",");
        td_study_write_number(text, is_own ? training->value[m] : result->value[m]);
    }
    td_text_write(text, ",");
    if (result->failure)
        write_quoted(text, result->failure);
    td_text_write(text, "\n");
}

char *td_study_rows(const td_study *study, const td_study_result *results)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    td_text_write(&text, "method,imbalance%s,seed%s%s,state",
                  has_settings(study) ? ",setting" : "", has_sets(study) ? ",set" : "",
                  study->repeats > 1 ? ",repeat" : "");
    for (int m = 0; m < TD_STUDY_MEASURES; m++)
        td_text_write(&text, ",%s", td_study_measure_name((td_study_measure) m));
    td_text_write(&text, ",failure\n");
    for (int i = 0; i < td_grid_point_count(study); i++) {
        td_grid_point point = td_grid_point_at(study, i);
        int rows =
            td_study_is_excluded(study, point) ? 0 : td_study_training_count(study);
        for (int number = 0; number < rows; number++)
            write_row(&text, study, point, &results[i], number);
    }
    td_numbers_restore(before);
    return text.chars;
}

/* ---- over seeds -------------------------------------------------------------- */

td_study_tally td_study_tally_of(const td_study *study, const td_study_result *results,
                                 td_grid_point point)
{
    td_study_tally t = { 0, 0 };
    for (point.seed = 0; point.seed < study->seed_count; point.seed++) {
        const td_study_result *result = td_study_result_of(study, results, point);
        t.done += !result->failure && result->done[TD_STUDY_EVAL];
        t.failed += result->failure != NULL;
    }
    return t;
}

static void write_extras(td_text *text, const td_study *study,
                         const td_study_result *results, td_grid_point point)
{
    int block = td_study_block_of(study, point), best;
    td_study_statistics rank = td_study_rank(study, results, point.method, block);
    td_text_write(text, ",");
    td_study_write_number(text, rank.mean);
    td_text_write(text, ",%d", rank.n);
    if (study->repeats > 1) {
        td_text_write(text, ",");
        td_study_write_number(text, td_study_repeat_sd(study, results, point));
    }
    if (has_sets(study)) {
        double most = td_study_best_set(study, results, point, &best);
        char *set = best < 0 ? td_strdup("") : td_study_set_name(study, best);
        td_text_write(text, ",");
        write_quoted(text, set);
        td_text_write(text, ",");
        td_study_write_number(text, most);
        td_free(set);
    }
}

static void write_table_row(td_text *text, const td_study *study,
                            const td_study_result *results, td_grid_point point)
{
    td_study_tally t = td_study_tally_of(study, results, point);
    td_text_write(text, "%s,%g", study->methods[point.method].name,
                  study->imbalances[point.imbalance]);
    write_setting(text, study, point.setting);
    td_text_write(text, ",%d,%d", t.done, t.failed);
    for (int m = 0; m < TD_STUDY_MEASURES; m++) {
        td_study_statistics s =
            td_study_over_seeds(study, results, point, (td_study_measure) m);
        td_text_write(text, ",");
        td_study_write_number(text, s.mean);
        td_text_write(text, ",");
        td_study_write_number(text, s.sd);
        td_text_write(text, ",%d", s.n);
    }
    write_extras(text, study, results, point);
    td_text_write(text, "\n");
}

char *td_study_table(const td_study *study, const td_study_result *results)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    td_text_write(&text, "method,imbalance%s,done,failed",
                  has_settings(study) ? ",setting" : "");
    for (int m = 0; m < TD_STUDY_MEASURES; m++)
        td_text_write(&text, ",%s,%s_sd,%s_n",
                      td_study_measure_name((td_study_measure) m),
                      td_study_measure_name((td_study_measure) m),
                      td_study_measure_name((td_study_measure) m));
    td_text_write(&text, ",rank,rank_n%s%s\n",
                  study->repeats > 1 ? ",test_balanced_repeat_sd" : "",
                  has_sets(study) ? ",best_set,best_set_test_balanced" : "");
    for (int block = 0; block < td_study_block_count(study); block++)
        for (int method = 0; method < study->method_count; method++) {
            td_grid_point point = td_study_block_point(study, block);
            point.method = method;
            if (!td_study_is_excluded(study, point))
                write_table_row(&text, study, results, point);
        }
    td_numbers_restore(before);
    return text.chars;
}
