/* A study file, and what is made of a study before anything runs. */
#include <math.h>

#include "fuzz.h"
#include "taildart/comparison.h"

static void print_commands(const td_study *study, td_grid_point point)
{
    for (int i = 0; i < td_study_step_count(study); i++) {
        td_study_command command =
            td_study_command_of(study, point, td_study_step_at(study, i), "taildart");
        td_free(td_study_command_text(&command));
        td_study_command_clear(&command);
    }
}

/* Tables without a result. */
static void print_tables(const td_study *study, int points)
{
    td_study_result *results = td_malloc((size_t) points * sizeof *results);
    for (int i = 0; i < points; i++)
        for (int m = 0; m < TD_STUDY_MEASURES; m++)
            results[i].value[m] = NAN;
    td_free(td_study_rows(study, results));
    td_free(td_study_table(study, results));
    td_free(td_study_differences(study, results));
    td_free(td_study_markdown(study, results));
    td_free(td_study_plot(study, results));
    td_free(results);
}

static void use(const td_study *study)
{
    enum { MOST = 20 }; /* all of them would be a test of patience */
    int points = td_grid_point_count(study);
    FUZZ_MUST(points > 0);
    for (int i = 0; i < points && i < MOST; i++)
        print_commands(study, td_grid_point_at(study, i));
    if (points < MOST)
        print_tables(study, points);
}

static void read_input(const uint8_t *bytes, size_t n)
{
    const td_study_replacements instead = { .out = NULL };
    td_study *study = NULL;
    if (td_study_read(&study, fuzz_file("study.yaml", bytes, n), &instead) == TD_OK)
        use(study);
    td_study_free(study);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    return fuzz_one(bytes, n, read_input);
}
