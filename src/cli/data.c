/* taildart data: the table of its sub-commands. */
#include <string.h>

#include "data_internal.h"
#include "taildart/base_text.h"
#include "taildart/config_nearest.h"
#include "taildart/machine.h"

static const struct {
    const char *name;
    const td_cli_form *form;
    td_status (*work)(const td_cli_line *line);
} commands[] = {
    { "import", &td_cli_data_import_form, td_cli_data_import },
    { "info", &td_cli_data_info_form, td_cli_data_info },
    { "draws", &td_cli_data_draws_form, td_cli_data_draws },
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static const td_cli_form *const parts[] = { &td_cli_data_import_form,
                                            &td_cli_data_info_form,
                                            &td_cli_data_draws_form, NULL };

const td_cli_form td_cli_data_form = {
    .name = "data",
    .operands = "COMMAND",
    .purpose = "Import, describe and sample data sets.",
    .detail =
        "IN is a folder, or a file, of one of these:\n"
        "  IDX        [prefix-]train-images-idx3-ubyte and its siblings, plain or .gz\n"
        "  CIFAR-10   data_batch_1.bin to data_batch_5.bin, test_batch.bin\n"
        "  CIFAR-100  train.bin, test.bin (the fine labels)\n"
        "  pictures   a folder of class folders of JPEG or PNG files; train and test "
        "(or\n"
        "             val) above the class folders or not; import --size N makes one "
        "size\n"
        "  HDF5       what `taildart data import` writes",
    .examples =
        "taildart data info /usr/share/datasets/fashion-mnist --imbalance 100\n"
        "taildart data import cifar-10-batches-bin cifar10.h5\n"
        "taildart data draws --data cifar10.h5 --ranks 2 --epoch 3 --stream arch\n",
    .parts = parts,
};

/* "import, info or draws". */
static td_status refuse_none(void)
{
    td_text names = { 0 };
    for (int i = 0; i < COMMANDS; i++) {
        const char *between = i < COMMANDS - 1 ? ", " : " or ";
        td_text_write(&names, "%s%s", i > 0 ? between : "", commands[i].name);
    }
    td_error(TD_USAGE, "data: a command is missing: %s", names.chars);
    td_free(names.chars);
    return TD_USAGE;
}

static td_status refuse(const char *word)
{
    const char *names[COMMANDS];
    for (int i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    const char *nearest = word ? td_nearest(word, names, COMMANDS) : NULL;
    td_status status = TD_USAGE;
    if (!word)
        status = refuse_none();
    else if (td_is_near(word, nearest))
        status = td_error(TD_USAGE, "data: unknown command %s; the nearest is %s", word,
                          nearest);
    else
        status = td_refuse_word(TD_USAGE, word, names, COMMANDS,
                                "data: unknown command \"%s\"", word);
    td_error_hint("try `taildart data --help`");
    return status;
}

static td_status run_command(int i, int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, commands[i].form, argc, argv);
    if (status == TD_OK && !td_cli_answer(&line)) {
        status = td_cli_apply(&line);
        if (status == TD_OK)
            status = commands[i].work(&line);
    }
    td_cli_clear(&line);
    return status;
}

/* Options of the command itself: --help and --version, which need no other word. */
static td_status run_without(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_data_form, argc, argv);
    if (status == TD_OK && !td_cli_answer(&line))
        status = refuse(line.operand[0]);
    td_cli_clear(&line);
    return status;
}

static td_status run(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;
    for (int i = 0; word && i < COMMANDS; i++)
        if (strcmp(word, commands[i].name) == 0)
            return run_command(i, argc - 1, argv + 1);
    return word && word[0] == '-' ? run_without(argc, argv) : refuse(word);
}

int td_cli_data(int argc, char **argv)
{
    if (td_launch_rank() != 0) /* under mpirun one process does the work */
        return TD_OK;
    return td_cli_finish(run(argc, argv));
}
