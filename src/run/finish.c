/* The end of a search: the cell, what it is worth, how far the search has come. */
#include <math.h>
#include <string.h>

#include "run.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"
#include "taildart/report.h"

/* How much the strongest operation of an edge must outweigh the average one before the
 * cell is more than chance. */
static const double HARDLY = 1.25;

static void print_cell(const char *name, const td_gene *genes, int nodes)
{
    for (int i = 0; i < nodes; i++)
        td_log(TD_LOG_INFO, "%s  node %d = %s(%d) + %s(%d)", name, i + 2,
               td_op_name(genes[2 * i].op), genes[2 * i].state,
               td_op_name(genes[2 * i + 1].op), genes[2 * i + 1].state);
}

static void print_movement(const td_search *s)
{
    const td_search_state *state = s->state;
    double strongest =
        td_arch_mean_strongest(state->relaxation, state->alphas, 2 * state->edges);
    double even = td_arch_undecided(state->relaxation);
    td_log_wrapped(
        TD_LOG_INFO, 0,
        "alpha has moved by %.4f from its start; the strongest operation of an edge "
        "weighs %.4f on average, %.4f would be even",
        td_search_alpha_change(s->state), strongest, even);
    if (strongest < HARDLY * even)
        td_log_wrapped(
            TD_LOG_INFO, 0,
            "That is hardly at all: this cell is little better than a random one; "
            "more epochs or a larger arch.lr.start let the search decide.");
}

static void print_accuracies(const td_search *s)
{
    const td_progress *p = &s->progress;
    td_log(TD_LOG_INFO,
           "validation: loss %.4f, top-1 %.4f, balanced %.4f; best %s %.4f after "
           "epoch %lld",
           td_score_loss(s->score), td_measures_top1(s->score->measures),
           td_measures_balanced(s->score->measures),
           td_best_title(td_search_best_by(s)), p->best_value,
           (long long) p->best_epoch + 1);
}

/* Which file is what: the best epoch is not chosen by test images. */
static void print_checkpoints(const td_search *s)
{
    td_log(TD_LOG_INFO, "last epoch: %s/checkpoint.h5", s->config->run.out);
    if (td_search_holds_out(s))
        td_log(TD_LOG_INFO,
               "best epoch by the %s of the images held out, %lld: %s/best.h5",
               td_best_title(td_search_best_by(s)),
               (long long) s->progress.best_epoch + 1, s->config->run.out);
    else
        td_log(TD_LOG_INFO, "no best epoch: data.train_share 1 holds nothing out to "
                            "choose it by");
}

/* Where Graphviz is missing the DOT file has to do. */
void td_search_draw(td_search *s)
{
    td_genotype genotype = td_search_genotype(s);
    char *svg = NULL, *dot = td_report_dot(&genotype);
    td_status status = td_report_svg(&svg, dot);
    if (status == TD_OK)
        status = td_run_write(s->directory, "genotype.svg", svg);
    if (status != TD_OK)
        td_log(TD_LOG_NOTE, "no picture: %s", td_error_message());
    td_free(svg);
    td_free(dot);
}

static void finish_on_root(td_search *s)
{
    td_genotype genotype = td_search_genotype(s);
    TD_ASSERT(td_genotype_is_valid(&genotype));
    td_search_draw(s);
    char *python = td_genotype_python(&genotype);
    print_cell("normal", genotype.normal, genotype.nodes);
    print_cell("reduce", genotype.reduce, genotype.nodes);
    td_log(TD_LOG_INFO, "%s", python);
    td_free(python);
    if (td_search_holds_out(s))
        print_accuracies(s);
    if (s->command == TD_FOR_TRAIN)
        print_checkpoints(s);
    else
        print_movement(s);
    td_log(TD_LOG_INFO, "done: %d %s, %lld images, %.1f s; see %s",
           s->config->search.epochs,
           td_noun(s->config->search.epochs, "epoch", "epochs"),
           (long long) s->progress.images, s->progress.seconds, s->config->run.out);
}

td_status td_search_finish(td_search *s)
{
    if (s->rank == 0)
        finish_on_root(s);
    return TD_OK;
}
