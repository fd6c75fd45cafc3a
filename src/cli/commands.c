/* The table of commands, and the program's own --help. */
#include "taildart/cli.h"
#include "taildart/machine.h"

#include <stdio.h>
#include <string.h>

#include "cli_internal.h"
#include "forms.h"
#include "help_topics.h"
#include "taildart/base_file.h"
#include "taildart/base_signals.h"
#include "taildart/config_nearest.h"

/* ---- the table ------------------------------------------------------------------ */

static const struct {
    const char *name, *purpose;
    int (*run)(int argc, char **argv);
    bool needs_ranks; /* may be started by mpirun                         */
    bool keeps_state; /* a signal is a request to save and stop: status 85 */
} commands[] = {
    { "search", "search a cell on long-tailed images", td_cli_search, true, true },
    { "train", "train the network that a cell makes", td_cli_train, true, true },
    { "genotype", "show the cells of a checkpoint: text, JSON, graph, picture",
      td_cli_genotype, false, false },
    { "eval", "accuracy of a checkpoint's network", td_cli_eval, true, false },
    { "predict", "what a checkpoint's network says of pictures", td_cli_predict, false,
      false },
    { "export", "a trained network for other programs", td_cli_export, false, false },
    { "data", "import, describe and sample data sets", td_cli_data, false, false },
    { "report", "picture runs as a page of HTML", td_cli_report, false, false },
    { "watch", "follow a run from outside: where it is, whether it lives", td_cli_watch,
      false, false },
    { "study", "methods over seeds: a grid of runs, a table", td_cli_study, true,
      true },
    { "bench", "time whole steps of a search", td_cli_bench, true, false },
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static const char examples[] =
    "Examples:\n"
    "  taildart search --data cifar10.h5 --imbalance 100 --out runs/a\n"
    "  taildart train --genotype runs/a --data cifar10.h5 --out runs/b\n";

/* ---- help and mistakes ---------------------------------------------------------- */

static void show_help(void)
{
    printf("Usage: taildart COMMAND [OPTION]...     or: taildart --version\n"
           "Search network architectures on long-tailed images, on clusters of CPUs.\n"
           "Help: `taildart COMMAND --help`, `taildart help keys`, `taildart help "
           "shapes`\nCommands:\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-10s  %s%s\n", commands[i].name, commands[i].purpose,
               commands[i].needs_ranks ? " (also under mpirun)" : "");
    printf("\n%s\n%s", examples, td_cli_statuses);
}

static void show_version(void)
{
    char *text = td_cli_version();
    printf("%s", text);
    td_free(text);
}

static bool is(const char *word, const char *option)
{
    return word && strcmp(word, option) == 0;
}

/* Whether a word is a part of `taildart data`. */
static bool is_of_data(const char *word)
{
    for (const td_cli_form *const *part = td_cli_data_form.parts; *part; part++)
        if (is(word, strchr((*part)->name, ' ') + 1))
            return true;
    return false;
}

static td_status refuse(const char *word)
{
    const char *names[COMMANDS];
    td_status status = TD_USAGE;
    for (int i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    if (word[0] == '-')
        status = td_error(TD_USAGE, "unknown option %s; a command comes first", word);
    else if (is_of_data(word))
        status = td_error(TD_USAGE, "unknown command %s; it is `taildart data %s`",
                          word, word);
    else if (td_is_near(word, td_nearest(word, names, COMMANDS)))
        status = td_error(TD_USAGE, "unknown command %s; the nearest is %s", word,
                          td_nearest(word, names, COMMANDS));
    else
        status = td_refuse_word(TD_USAGE, word, names, COMMANDS,
                                "unknown command \"%s\"", word);
    td_error_hint("try `taildart --help`");
    return status;
}

static int find(const char *word)
{
    for (int i = 0; i < COMMANDS; i++)
        if (is(word, commands[i].name))
            return i;
    return -1;
}

/* Answer `help data import` as `data import --help`. */
static int answer_help(int i, int argc, char **argv)
{
    char *words[] = { argv[0], NULL, NULL, NULL };
    int count = 1;
    if (argc > 1)
        words[count++] = argv[1];
    words[count++] = "--help";
    return commands[i].run(count, words);
}

/* Install signal handlers first, so that a slow start can be stopped, too. */
static void install_handlers(int i)
{
    if (commands[i].needs_ranks)
        td_base_set_rank(td_launch_rank()); /* until MPI does: one rank prints */
    if (commands[i].keeps_state)
        td_signals_begin();
    else
        td_signals_tidy();
}

static bool asks_help(const char *word)
{
    return !word || is(word, "help") || is(word, "--help") || is(word, "-h");
}

/* What is no command's: help, the version, a mistake. */
static td_status answer(const char *word, int count, char **topic)
{
    td_status status = TD_OK;
    if (asks_help(word) && count > 0)
        return td_cli_help_topic(&status, count, topic) ? status : refuse(topic[0]);
    if (asks_help(word))
        show_help();
    else if (is(word, "--version") || is(word, "-V"))
        show_version();
    else
        status = refuse(word);
    return status;
}

int td_cli_run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    td_file_keep_streams();
    int i = find(word);
    if (i >= 0) {
        install_handlers(i);
        if (commands[i].needs_ranks)
            td_waiting_settle(argv);
        return commands[i].run(argc - 1, argv + 1);
    }
    if (asks_help(word) && argc > 2 && find(argv[2]) >= 0)
        return answer_help(find(argv[2]), argc - 2, argv + 2);
    /* Every process of an mpirun sees the same words: rank 0 prints and returns the
     * status. */
    if (td_launch_rank() != 0)
        return 0;
    return td_cli_finish(answer(word, argc - 2, argv + 2));
}
