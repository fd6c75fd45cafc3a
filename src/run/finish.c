/* The end of a run: the cell, what it is worth, and what the kind has to say. */
#include <math.h>
#include <string.h>

#include "run.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"
#include "taildart/report.h"

/* "dil_conv_5x5(c_{k-1}) + skip_connect(node 0)": the inputs of a node from gene
 * \a first on. */
static char *inputs_of(const td_genes *genes, int first)
{
    char state[TD_STATE_TEXT];
    td_text text = { 0 };
    for (int i = first;
         i < genes->count && genes->gene[i].node == genes->gene[first].node; i++)
        td_text_write(&text, "%s%s(%s)", i > first ? " + " : "",
                      td_op_name(genes->gene[i].op),
                      td_state_text(genes->gene[i].state, state));
    return text.chars;
}

static void print_cell(const char *name, const td_genes *genes)
{
    for (int i = 0; i < genes->count; i++) {
        int node = genes->gene[i].node;
        if (i > 0 && genes->gene[i - 1].node == node)
            continue;
        char state[TD_STATE_TEXT], *inputs = inputs_of(genes, i);
        td_log(TD_LOG_INFO, "%s  %s = %s", name, td_state_text(node, state), inputs);
        td_free(inputs);
    }
}

static void print_accuracies(const td_score *score, const td_progress *progress,
                             td_best by)
{
    td_log_wrapped(TD_LOG_INFO, 4,
                   "validation: loss %.4f, top-1 %.4f, balanced %.4f; best %s %.4f "
                   "after epoch %lld",
                   td_score_loss(score), td_measures_top1(score->measures),
                   td_measures_balanced(score->measures), td_best_title(by),
                   progress->best_value, (long long) progress->best_epoch + 1);
}

/* Draw the cell; without Graphviz the DOT file has to do. */
void td_job_draw(td_run *directory, const td_genotype *genotype)
{
    char *svg = NULL, *dot = td_report_dot(genotype);
    td_status status = td_report_svg(&svg, dot);
    if (status == TD_OK)
        status = td_run_write(directory, TD_RUN_GENOTYPE_SVG, svg);
    if (status != TD_OK)
        td_log(TD_LOG_NOTE, "no picture: %s", td_error_message());
    td_free(svg);
    td_free(dot);
}

/* Where nothing else is left, or reaches search.threshold, more of them stay. */
static void note_skips(const td_genotype *genotype, int most)
{
    int skips = 0;
    for (int i = 0; i < genotype->normal.count; i++)
        skips += genotype->normal.gene[i].op == TD_OP_SKIP_CONNECT;
    if (most != TD_NEVER && skips > most)
        td_log(TD_LOG_NOTE,
               "search.max_skips %d, but the normal cell has %d skip connections: "
               "nothing else could stand in their place",
               most, skips);
}

/* What was found.  Rank 0. */
static void show_result(td_job *job)
{
    const td_progress *progress = &job->loop.progress;
    bool holds_out = td_plan_holds_out(job->data.selection);
    td_genotype genotype = td_job_genotype(job);
    TD_ASSERT(td_genotype_is_valid(&genotype));
    td_job_draw(job->files.directory, &genotype);
    char *python = td_genotype_python(&genotype);
    print_cell("normal", &genotype.normal);
    print_cell("reduce", &genotype.reduce);
    if (genotype.adds_skips)
        td_log(TD_LOG_INFO, "beside each operation: a skip connection");
    td_log(TD_LOG_INFO, "%s", python);
    td_free(python);
    if (td_genotype_check(&genotype) != TD_OK)
        td_log_wrapped(TD_LOG_WARNING, 0, "%s", td_error_message());
    if (job->loop.state->edges > 0)
        note_skips(&genotype, job->config->search.max_skips);
    if (holds_out)
        print_accuracies(job->loop.score, progress, job->kind->best_by(job->config));
    job->kind->tell_end(
        &(td_run_result){ job->config, job->loop.state, progress, holds_out });
}

td_status td_job_finish(td_job *job)
{
    int epochs = (int) job->loop.progress.epoch;
    if (job->rank == 0) {
        td_job_tell_end(job);
        show_result(job);
    }
    td_job_tell_times(job);
    td_log(TD_LOG_INFO, "done: %d %s, %lld images, %.1f s; see %s", epochs,
           td_noun(epochs, "epoch", "epochs"), (long long) job->loop.progress.images,
           job->loop.progress.seconds, job->config->run.out);
    if (job->rank == 0)
        td_job_warn(td_run_flush(job->files.directory));
    return TD_OK;
}
