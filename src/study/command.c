/* The commands that a study starts, as a user would type them. */
#include <string.h>

#include "internal.h"
#include "taildart/base_text.h"

/* Overrides are two words each, and there are some of the study's own. */
enum { OVERRIDES = TD_STUDY_LIST * (2 + TD_STUDY_AXES) + TD_STUDY_AXES };
_Static_assert(TD_STUDY_WORDS >= 2 * OVERRIDES + 128, "a command holds all of a run");

/* ---- words ------------------------------------------------------------------- */

/* Append a word, which the command owns from then on. */
static void add(td_study_command *command, char *word)
{
    TD_CHECK(command->count < TD_STUDY_WORDS - 1, "a command of more than %d words",
             TD_STUDY_WORDS - 1);
    command->word[command->count++] = word;
}

static void add_option(td_study_command *command, const char *option, char *value)
{
    add(command, td_strdup(option));
    add(command, value);
}

/* Copy the next word of a launcher and its options, which are split at blanks; NULL
 * after the last one. */
static char *next_word(const char **launch)
{
    static const char blanks[] = " \t\n";
    if (!*launch || !*(*launch += strspn(*launch, blanks)))
        return NULL;
    size_t length = strcspn(*launch, blanks);
    char *word = td_format("%.*s", (int) length, *launch);
    *launch += length;
    return word;
}

static void add_launch(td_study_command *command, const char *launch)
{
    for (char *word; (word = next_word(&launch));)
        add(command, word);
}

char *td_study_launcher(const td_study *study)
{
    const char *launch = study->launch;
    return next_word(&launch);
}

static void add_sets(td_study_command *command, const td_study_sets *sets)
{
    for (int i = 0; i < sets->count; i++)
        add_option(command, "--set",
                   td_format("%s=%s", sets->set[i].key, sets->set[i].value));
}

/* ---- stages ------------------------------------------------------------------ */

static void add_grid(td_study_command *command, const td_study *study, int training)
{
    int set = td_study_set_of(study, training);
    for (int key = 0; key < study->grid_count; key++)
        add_option(command, "--set",
                   td_format("%s=%s", study->grid[key].key,
                             td_study_grid_value(study, set, key)));
}

/* Add the options that search and train have in common; what is more special comes
 * later and wins. */
static void add_run(td_study_command *command, const td_study *study,
                    td_grid_point point, td_study_step step)
{
    TD_ASSERT(step.stage == TD_STUDY_SEARCH || step.stage == TD_STUDY_TRAIN);
    add_option(command, "--data", td_strdup(td_study_data_of(study, point.setting)));
    add_option(command, "--imbalance", td_study_imbalance_text(study, point));
    add_option(command, "--seed",
               td_format("%lld", (long long) td_study_seed_of(study, point, step)));
    add_sets(command, &study->common[step.stage]);
    for (int axis = 0; axis < study->axis_count; axis++)
        add_sets(command,
                 &td_study_choice_of(study, point.setting, axis)->sets[step.stage]);
    add_sets(command, &study->methods[point.method].sets[step.stage]);
    if (step.stage == TD_STUDY_TRAIN)
        add_grid(command, study, step.training);
    add_option(command, "--out", td_study_run_path(study, point, step, ""));
}

static void add_random(td_study_command *command, const td_study *study,
                       td_grid_point point)
{
    const td_study_lengths *lengths = td_study_lengths_of(study, point);
    TD_ASSERT(lengths->nodes > 0);
    add(command, td_strdup("genotype"));
    add_option(command, "--random",
               td_format("%lld", (long long) study->seeds[point.seed]));
    add_option(command, "--nodes", td_format("%d", lengths->nodes));
    if (strcmp(lengths->operations, "all") != 0)
        add_option(command, "--operations", td_strdup(lengths->operations));
    add_option(command, "--output",
               td_study_path(study, point, TD_STUDY_SEARCH_GENOTYPE));
}

static void add_train(td_study_command *command, const td_study *study,
                      td_grid_point point, td_study_step step)
{
    const td_study_method *method = &study->methods[point.method];
    bool is_given = method->genotype && !td_study_is_random(method);
    add(command, td_strdup("train"));
    add_option(command, "--genotype",
               is_given ? td_strdup(method->genotype)
                        : td_study_path(study, point, TD_STUDY_SEARCH_GENOTYPE));
    add_run(command, study, point, step);
}

static void add_eval(td_study_command *command, const td_study *study,
                     td_grid_point point, int training)
{
    const td_study_step trained = { TD_STUDY_TRAIN, training };
    add(command, td_strdup("eval"));
    add(command, td_study_run_path(study, point, trained, TD_RUN_CHECKPOINT));
    add_option(command, "--data", td_strdup(td_study_data_of(study, point.setting)));
    add_option(command, "--csv", td_study_test_path(study, point, training));
}

td_study_command td_study_command_of(const td_study *study, td_grid_point point,
                                     td_study_step step, const char *program)
{
    TD_ASSERT(program && step.stage < TD_STUDY_STAGES);
    td_study_command command = { .count = 0 };
    bool is_drawn =
        study->methods[point.method].genotype && step.stage == TD_STUDY_SEARCH;
    if (!is_drawn && step.stage != TD_STUDY_EVAL) /* others need no ranks */
        add_launch(&command, study->launch);
    add(&command, td_strdup(program));
    if (is_drawn)
        add_random(&command, study, point);
    else if (step.stage == TD_STUDY_SEARCH) {
        add(&command, td_strdup("search"));
        add_run(&command, study, point, step);
    } else if (step.stage == TD_STUDY_TRAIN)
        add_train(&command, study, point, step);
    else
        add_eval(&command, study, point, step.training);
    return command;
}

void td_study_command_clear(td_study_command *command)
{
    for (int i = 0; i < command->count; i++)
        td_free(command->word[i]);
    command->count = 0;
}

/* ---- text -------------------------------------------------------------------- */

/* Whether a terminal would show \a word as it is. */
static bool is_shown_as_it_is(const char *word)
{
    td_text shown = { 0 };
    td_text_write_shown(&shown, word, "");
    bool same = strcmp(shown.chars, word) == 0;
    td_free(shown.chars);
    return same;
}

/* Write a word with unprintable bytes as Bash reads it: $'a\x1bb'. */
static void write_escaped(td_text *text, const char *word)
{
    td_text_write(text, "$'");
    for (const char *c = word; *c; c++)
        if ((unsigned char) *c < ' ' || (unsigned char) *c >= 0x7f)
            td_text_write(text, "\\x%02x", (unsigned char) *c);
        else
            td_text_write(text, *c == '\'' || *c == '\\' ? "\\%c" : "%c", *c);
    td_text_write(text, "'");
}

/* Write a word as it is if it needs no quotes, else quoted. */
static void write_word(td_text *text, const char *word)
{
    static const char harmless[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        "0123456789_-+=./:,@%";
    if (word[0] && word[strspn(word, harmless)] == '\0') {
        td_text_write(text, "%s", word);
        return;
    }
    if (!is_shown_as_it_is(word)) {
        write_escaped(text, word);
        return;
    }
    td_text_write(text, "'");
    for (const char *c = word; *c; c++)
        td_text_write(text, *c == '\'' ? "'\\%c'" : "%c", *c);
    td_text_write(text, "'");
}

char *td_study_command_text(const td_study_command *command)
{
    td_text text = { 0 };
    TD_ASSERT(command->count > 0);
    for (int i = 0; i < command->count; i++) {
        td_text_write(&text, "%s", i ? " " : "");
        write_word(&text, command->word[i]);
    }
    return text.chars;
}
