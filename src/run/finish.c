/* The end of a search: the cell, what it is worth, how far the search has come. */
#include <math.h>
#include <string.h>

#include "run.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"
#include "taildart/report.h"

static void print_cell(const char *name, const td_gene *genes, int nodes)
{
    for (int i = 0; i < nodes; i++)
        td_log(TD_LOG_INFO, "%s  node %d = %s(%d) + %s(%d)", name, i + 2,
               td_op_name(genes[2 * i].op), genes[2 * i].state,
               td_op_name(genes[2 * i + 1].op), genes[2 * i + 1].state);
}

static void print_accuracies(const td_search *s)
{
    const td_progress *p = &s->progress;
    td_log(TD_LOG_INFO,
           "validation: loss %.4f, top-1 %.4f, balanced %.4f; best %s %.4f after "
           "epoch %lld",
           td_score_loss(s->score), td_measures_top1(s->score->measures),
           td_measures_balanced(s->score->measures),
           td_best_title(s->kind->best_by(s->config)), p->best_value,
           (long long) p->best_epoch + 1);
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
    if (td_plan_holds_out(s->selection))
        print_accuracies(s);
    s->kind->tell_end(&(td_run_result){
        .config = s->config,
        .state = s->state,
        .progress = &s->progress,
        .holds_out = td_plan_holds_out(s->selection),
    });
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
