/* taildart genotype: the cells of a checkpoint, as text or picture. */
#include "cli_internal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/checkpoint_genotype.h"
#include "taildart/choice.h"
#include "taildart/config_nearest.h"
#include "taildart/genotype_space.h"
#include "taildart/report.h"

static const td_cli_option options[] = {
    { "format", "python|json|dot|svg", "of the output; svg needs Graphviz [python]",
      0 },
    { "output", "FILE", "write there instead of to stdout", 'o' },
    { "alphas", NULL, "architecture parameters and mixture weights instead", 0 },
    { "csv", NULL, "those as a table for programs: one row per operation", 0 },
    { "random", "SEED", "a random genotype, a search's control; no CHECKPOINT", 0 },
    { "nodes", "N", "nodes of a random cell, 1 to 8 [4]", 0 },
    { "operations", "WORDS", "of a random cell, as net.operations [all]", 0 },
    { "threshold", "T", "derive a search's cells anew, as search.threshold does", 0 },
    { 0 },
};

const td_cli_form td_cli_genotype_form = {
    .name = "genotype",
    .operands = "[CHECKPOINT]",
    .purpose = "Show the cells of a checkpoint, of a run, of a text or of a name.",
    .detail =
        "CHECKPOINT is a file, the directory of a run, a genotype.txt or .json, a log\n"
        "of the DARTS scripts (its last genotype), lists of pairs, such a text "
        "itself,\n"
        "or DARTS_V1, DARTS_V2, PCDARTS, PDARTS; so is --genotype of a training.\n"
        "Cells of two operations per node are printed as the DARTS scripts read them.\n"
        "Others, of search.discretise threshold, are triples (operation, node,\n"
        "input), and those of net.operations all-skip end in auxiliary_skip=True:\n"
        "these scripts know neither.\n"
        "Words and pictures name a cell's inputs c_{k-2} and c_{k-1} and its nodes "
        "from\n"
        "node 0 on; texts, JSON and --csv count them in one row, as the DARTS scripts\n"
        "do: 0 and 1 are the inputs, 2 is node 0.",
    .options = options,
    .examples =
        "taildart genotype runs/a\n"
        "taildart genotype runs/a/checkpoint.h5 --format svg --output cell.svg\n"
        "taildart genotype DARTS_V2 --format json\n"
        "taildart genotype runs/a --alphas\n"
        "taildart genotype genotype.txt --format dot | dot -Tpdf > cell.pdf\n"
        "taildart genotype --random 1 > random.txt\n",
};

/* ---- reading -------------------------------------------------------------------- */

static td_status read_genotype(td_genotype *genotype, const char *words)
{
    static const char mine[] = "genotype: ";
    td_status status = td_checkpoint_find_genotype(genotype, words);
    bool is_named = strncmp(td_error_message(), mine, strlen(mine)) == 0;
    return status == TD_USAGE && !is_named
               ? td_error(status, "%s%s", mine, td_error_message())
               : status;
}

/* The checkpoint that an option needs. */
static td_status load(td_checkpoint **checkpoint, const char *words, const char *option)
{
    td_genotype genotype;
    if (td_checkpoint_is_meant(words))
        return td_checkpoint_load(checkpoint, words);
    td_status status = read_genotype(&genotype, words);
    if (status != TD_OK)
        return status;
    return td_error(TD_USAGE,
                    "--%s: %s is a %s, without strengths; give the checkpoint of a "
                    "search",
                    option, words,
                    td_genotype_named(&genotype, words) ? "name" : "text");
}

/* The epoch whose cell a search has returned: an earlier one where search.stop
 * eigenvalue has ended it, TD_NEVER otherwise. */
static int find_epoch(const td_checkpoint *checkpoint, const char *path)
{
    td_choice_end end = td_choice_end_of(checkpoint, path);
    if (!end.is_there || end.genotype_epoch >= checkpoint->arch_epochs - 1)
        return TD_NEVER;
    td_log(TD_LOG_NOTE, "the cells are those after epoch %d, which the search returned",
           end.genotype_epoch + 1);
    return end.genotype_epoch;
}

/* Derive the cells anew. */
static td_status derive(td_genotype *genotype, const char *words, double threshold)
{
    td_checkpoint *checkpoint = NULL;
    td_status status = load(&checkpoint, words, "threshold");
    if (status == TD_OK)
        status = td_checkpoint_derive(genotype, checkpoint, words, threshold,
                                      find_epoch(checkpoint, words));
    td_checkpoint_free(checkpoint);
    return status;
}

/* Of --threshold, within the limits of its key; 0 where it is not given. */
static td_status find_threshold(double *threshold, const td_cli_line *line)
{
    const char *text = td_cli_value(line, "threshold");
    *threshold = 0.0;
    if (!text)
        return TD_OK;
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    td_status status =
        td_settings_set(settings, "search.threshold", text, TD_ORIGIN_OPTION);
    *threshold = td_settings_config(settings)->search.threshold;
    td_settings_free(settings);
    return status;
}

/* ---- at random ------------------------------------------------------------------- */

static td_status draw_random(td_genotype *genotype, const td_cli_line *line)
{
    int64_t seed = 0, nodes = 4;
    const char *words = td_cli_value(line, "operations");
    td_space space;
    td_status status = td_cli_integer(line, "random", 0, INT64_MAX, &seed);
    if (status == TD_OK)
        status = td_cli_integer(line, "nodes", 1, TD_MAX_NODES, &nodes);
    if (status == TD_OK)
        status = td_space_find(&space, words ? words : "all", (int) nodes);
    if (status == TD_OK)
        td_genotype_random(genotype, seed, (int) nodes, &space);
    return status;
}

/* Read the genotype or draw it at random. */
static td_status get_genotype(td_genotype *genotype, const td_cli_line *line)
{
    bool random = td_cli_value(line, "random") != NULL;
    double threshold;
    td_status status = find_threshold(&threshold, line);
    if (status != TD_OK)
        return status;
    if (random && threshold > 0.0)
        status = td_error(TD_USAGE, "genotype: --threshold goes with a CHECKPOINT");
    else if (random && line->operands > 0)
        status = td_error(TD_USAGE, "genotype: --random takes no %s", line->operand[0]);
    else if (!random && td_cli_value(line, "nodes"))
        status = td_error(TD_USAGE, "genotype: --nodes goes with --random");
    else if (!random && td_cli_value(line, "operations"))
        status = td_error(TD_USAGE, "genotype: --operations goes with --random");
    else if (!random && line->operands == 0)
        status = td_error(TD_USAGE, "genotype: CHECKPOINT is missing");
    if (status == TD_USAGE)
        td_error_hint("try `taildart genotype --help`");
    if (status != TD_OK)
        return status;
    if (random)
        return draw_random(genotype, line);
    return threshold > 0.0 ? derive(genotype, line->operand[0], threshold)
                           : read_genotype(genotype, line->operand[0]);
}

/* ---- writing -------------------------------------------------------------------- */

static td_status write_python(char **text, const td_genotype *genotype)
{
    char *line = td_genotype_python(genotype);
    *text = td_format("%s\n", line);
    td_free(line);
    return TD_OK;
}

static td_status write_json(char **text, const td_genotype *genotype)
{
    *text = td_report_json(genotype);
    return TD_OK;
}

static td_status write_dot(char **text, const td_genotype *genotype)
{
    *text = td_report_dot(genotype);
    return TD_OK;
}

static td_status write_svg(char **text, const td_genotype *genotype)
{
    char *dot = td_report_dot(genotype);
    td_status status = td_report_svg(text, dot);
    td_free(dot);
    return status;
}

static const struct {
    const char *name;
    td_status (*write)(char **text, const td_genotype *genotype);
} formats[] = {
    { "python", write_python },
    { "json", write_json },
    { "dot", write_dot },
    { "svg", write_svg },
};

enum { FORMATS = sizeof formats / sizeof *formats };

static td_status find_format(int *format, const char *name)
{
    const char *names[FORMATS];
    for (int i = 0; i < FORMATS; i++) {
        names[i] = formats[i].name;
        *format = i;
        if (!name || strcmp(name, names[i]) == 0)
            return TD_OK;
    }
    return td_refuse_word(TD_USAGE, name, names, FORMATS, "--format: found \"%s\"",
                          name);
}

static td_status put(const char *text, const char *output)
{
    if (output)
        return td_file_write(output, text, strlen(text));
    fputs(text, stdout); /* td_cli_finish checks for errors */
    return TD_OK;
}

/* ---- alphas --------------------------------------------------------------------- */

/* What does not go together. */
static td_status check_alphas(const td_cli_line *line)
{
    static const char *const others[] = { "format", "random", "threshold" };
    bool has_alphas = td_cli_value(line, "alphas") != NULL;
    td_status status = TD_OK;
    for (size_t i = 0; i < sizeof others / sizeof *others && has_alphas; i++)
        if (td_cli_value(line, others[i]))
            status = td_error(TD_USAGE, "genotype: --alphas takes no --%s", others[i]);
    if (has_alphas && line->operands == 0 && status == TD_OK)
        status = td_error(TD_USAGE, "genotype: CHECKPOINT is missing");
    if (!has_alphas && td_cli_value(line, "csv"))
        status = td_error(TD_USAGE, "genotype: --csv goes with --alphas");
    if (status != TD_OK)
        td_error_hint("try `taildart genotype --help`");
    return status;
}

static td_status write_alphas(char **text, const td_cli_line *line)
{
    td_checkpoint *checkpoint = NULL;
    const char *words = line->operand[0];
    td_status status = load(&checkpoint, words, "alphas");
    if (status == TD_OK)
        status = td_checkpoint_alphas(text, checkpoint, words,
                                      td_cli_value(line, "csv") != NULL);
    td_checkpoint_free(checkpoint);
    return status;
}

/* Files that --output may replace: any form of a genotype. */
static const td_file_kind genotypes[] = {
    { TD_ALPHAS_HEADER, NULL },
    { "alphas of the", NULL },
    { "Genotype(", NULL },
    { "{\"nodes\":", NULL },
    { "digraph genotype", NULL },
    { "<?xml", "<svg" },
    { NULL, NULL },
};

/* ---- the command ---------------------------------------------------------------- */

static td_status write_genotype(char **text, const td_cli_line *line)
{
    td_genotype genotype = { 0 };
    int format = 0;
    td_status status = find_format(&format, td_cli_value(line, "format"));
    if (status == TD_OK)
        status = get_genotype(&genotype, line);
    return status == TD_OK ? formats[format].write(text, &genotype) : status;
}

static td_status show(const td_cli_line *line)
{
    char *text = NULL;
    td_status status = check_alphas(line);
    for (int i = 0; i < line->operands && status == TD_OK; i++)
        status = td_file_keep_apart(td_cli_value(line, "output"), line->operand[i]);
    if (status == TD_OK)
        status = td_file_check_kind(td_cli_value(line, "output"), genotypes,
                                    "genotype or its picture");
    if (status == TD_OK && td_cli_value(line, "alphas"))
        status = write_alphas(&text, line);
    else if (status == TD_OK)
        status = write_genotype(&text, line);
    if (status == TD_OK)
        status = put(text, td_cli_value(line, "output"));
    td_free(text);
    return status;
}

td_status td_cli_genotype_work(td_comm *world, const td_cli_line *line)
{
    return td_comm_verdict(world, td_comm_rank(world) == 0 ? show(line) : TD_OK);
}

int td_cli_genotype(int argc, char **argv)
{
    td_cli_line line;
    td_status status = td_cli_scan(&line, &td_cli_genotype_form, argc, argv);
    if (status == TD_OK && !td_cli_answer(&line))
        status = show(&line);
    td_cli_clear(&line);
    return td_cli_finish(status);
}
