/* taildart genotype: the cells of a checkpoint, as text or picture. */
#include "cli_internal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "taildart/arch.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/checkpoint.h"
#include "taildart/config_nearest.h"
#include "taildart/genotype_find.h"
#include "taildart/genotype_space.h"
#include "taildart/report.h"

static const td_cli_option options[] = {
    { "format", "FORMAT", "python, json, dot or svg (needs Graphviz) [python]", 0 },
    { "output", "FILE", "write there instead of to stdout", 'o' },
    { "random", "SEED", "a random genotype, the control of a search; no CHECKPOINT",
      0 },
    { "nodes", "N", "nodes of a random cell, 1 to 8 [4]", 0 },
    { "operations", "WORDS", "of a random cell, as net.operations [all]", 0 },
    { "threshold", "T", "derive the cells of a search anew, as search.threshold does",
      0 },
    { 0 },
};

const td_cli_form td_cli_genotype_form = {
    .name = "genotype",
    .operands = "[CHECKPOINT]",
    .purpose = "Show the cells that a checkpoint, a genotype.txt or a name stands for.",
    .detail =
        "Cells of two operations a node are printed as the DARTS scripts read them.\n"
        "Others, of search.discretise threshold, are triples (operation, node,\n"
        "input), and those of net.operations all-skip end in auxiliary_skip=True:\n"
        "these scripts know neither.",
    .options = options,
    .examples =
        "taildart genotype runs/a/checkpoint.h5\n"
        "taildart genotype runs/a/checkpoint.h5 --format svg --output cell.svg\n"
        "taildart genotype DARTS_V2 --format json\n"
        "taildart genotype genotype.txt --format dot | dot -Tpdf > cell.pdf\n"
        "taildart genotype --random 1 > random.txt\n",
};

/* ---- reading -------------------------------------------------------------------- */

static td_status parse(td_genotype *genotype, const char *text, const char *path)
{
    if (td_genotype_parse(genotype, text) == TD_OK)
        return TD_OK;
    return td_error(TD_CHECKPOINT, "%s: %s", path, td_error_message());
}

/* The limit on skip connections of the search that left a checkpoint. */
static int max_skips_of(const td_checkpoint *checkpoint, const char *path)
{
    int most = TD_NEVER;
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    if (td_settings_read_text(settings, path, checkpoint->texts.config) == TD_OK)
        most = td_settings_config(settings)->search.max_skips;
    td_settings_free(settings);
    return most;
}

/* From its alphas as they stand. */
static td_status derive(td_genotype *genotype, const td_checkpoint *checkpoint,
                        const char *path, double threshold)
{
    td_arch_rule rule = { .max_skips = max_skips_of(checkpoint, path),
                          .threshold = threshold };
    int nodes = td_nodes_of_edges(checkpoint->state.edges);
    if (threshold > 0.0 && checkpoint->state.edges == 0)
        return td_error(TD_USAGE,
                        "--threshold: %s is of a training, whose cell is given; leave "
                        "it out, or give the checkpoint of a search",
                        path);
    if (nodes == 0)
        return td_error(TD_CHECKPOINT, "%s: no cell has %d edges", path,
                        checkpoint->state.edges);
    td_search_state_derive(&checkpoint->state, genotype, nodes, &rule);
    if (td_genotype_check(genotype) != TD_OK)
        td_log(TD_LOG_WARNING, "%s", td_error_message());
    return TD_OK;
}

/* \param [in] threshold  0: the cells that it says it has */
static td_status read_checkpoint(td_genotype *genotype, const char *path,
                                 double threshold)
{
    td_checkpoint *checkpoint = NULL;
    td_status status = td_checkpoint_load(&checkpoint, path);
    if (status != TD_OK)
        return status;
    const char *text = checkpoint->texts.genotype;
    if (threshold > 0.0 || !text || text[0] == '\0')
        status = derive(genotype, checkpoint, path, threshold);
    else
        status = parse(genotype, text, path);
    td_checkpoint_free(checkpoint);
    return status;
}

static td_status read_text(td_genotype *genotype, const char *path)
{
    td_status status = td_genotype_read_file(genotype, path);
    return status == TD_OK ? TD_OK : td_error(TD_CHECKPOINT, "%s", td_error_message());
}

static td_status read_genotype(td_genotype *genotype, const char *path,
                               double threshold)
{
    size_t length = strlen(path);
    bool is_text = (length > 4 && strcmp(path + length - 4, ".txt") == 0) ||
                   (length > 5 && strcmp(path + length - 5, ".json") == 0);
    if (is_text && threshold > 0.0)
        return td_error(TD_USAGE,
                        "--threshold: %s is a text, without strengths; give the "
                        "checkpoint of a search",
                        path);
    /* A file is preferred to a published name, as in train.genotype. */
    bool is_name = access(path, F_OK) != 0 && td_genotype_named(genotype, path);
    if (is_name && threshold > 0.0)
        return td_error(TD_USAGE,
                        "--threshold: %s is a name, without strengths; give the "
                        "checkpoint of a search",
                        path);
    if (is_name)
        return TD_OK;
    if (access(path, F_OK) != 0 && !strpbrk(path, "./"))
        return td_error(TD_USAGE,
                        "genotype: found \"%.60s\"; accepted: a checkpoint, a "
                        "genotype.txt or .json, or DARTS_V1, DARTS_V2, PCDARTS, PDARTS",
                        path);
    return is_text ? read_text(genotype, path)
                   : read_checkpoint(genotype, path, threshold);
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
    return random ? draw_random(genotype, line)
                  : read_genotype(genotype, line->operand[0], threshold);
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
    return td_error(
        TD_USAGE,
        "--format: found \"%s\"; accepted: python, json, dot, svg; the nearest "
        "is %s",
        name, td_nearest(name, names, FORMATS));
}

static td_status put(const char *text, const char *output)
{
    if (output)
        return td_file_write(output, text, strlen(text));
    fputs(text, stdout); /* td_cli_finish checks for errors */
    return TD_OK;
}

/* Files that --output may replace: any form of a genotype. */
static const td_file_kind genotypes[] = {
    { "Genotype(", NULL }, { "{\"nodes\":", NULL }, { "digraph genotype", NULL },
    { "<?xml", "<svg" },   { NULL, NULL },
};

/* ---- the command ---------------------------------------------------------------- */

static td_status show(const td_cli_line *line)
{
    td_genotype genotype = { 0 };
    char *text = NULL;
    int format = 0;
    td_status status = find_format(&format, td_cli_value(line, "format"));
    for (int i = 0; i < line->operands && status == TD_OK; i++)
        status = td_file_keep_apart(td_cli_value(line, "output"), line->operand[i]);
    if (status == TD_OK)
        status = td_file_check_kind(td_cli_value(line, "output"), genotypes,
                                    "genotype or its picture");
    if (status == TD_OK)
        status = get_genotype(&genotype, line);
    if (status == TD_OK)
        status = formats[format].write(&text, &genotype);
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
