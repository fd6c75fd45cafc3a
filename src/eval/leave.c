/* The row of an evaluation in the directory of its run. */
#include "eval.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/base_log.h"
#include "taildart/base_text.h"
#include "taildart/store_evaluations.h"

/* Which state of the run it is: its label, or the file's name in an older one. */
static const char *state_of(const td_eval *e)
{
    const char *slash = strrchr(e->checkpoint, '/');
    return e->saved->texts.label ? e->saved->texts.label
           : slash               ? slash + 1
                                 : e->checkpoint;
}

/* The data set by its real path, as there is one: names that were typed are of one
 * folder in many ways, and of many in one.  For td_free. */
static char *data_of(const td_eval *e)
{
    char real[PATH_MAX];
    return td_strdup(realpath(e->data, real) ? real : e->data);
}

/* The figures of one score; texts are borrowed, the lists of classes are owned. */
static td_evaluation evaluation_of(const td_eval *e, const td_eval_classes *table,
                                   char *data, int row)
{
    const td_measures *m = e->score[row]->measures;
    int classes = e->plan.info.classes;
    td_evaluation out = {
        .checkpoint = (char *) state_of(e),
        .part = (char *) e->part_name,
        .data = data,
        .epoch = e->saved->progress.epoch,
        .step = e->saved->progress.step,
        .images = e->plan.count,
        .adjust = e->plan.is_adjusted ? e->plan.tau[row] : NAN,
        .tau_norm = e->plan.is_normalised ? e->plan.tau_norm : NAN,
        .loss = td_score_loss(e->score[row]),
        .top1 = td_measures_top1(m),
        .balanced = td_measures_balanced(m),
        .macro_f1 = td_measures_macro_f1(m),
        .ece = td_measures_calibration(m),
        .classes = classes,
        .class_images = td_malloc((size_t) classes * sizeof *out.class_images),
        .class_top1 = td_malloc((size_t) classes * sizeof *out.class_top1),
    };
    for (int g = 0; g < TD_GROUPS; g++)
        out.group_top1[g] = e->plan.knows_training
                                ? td_measures_group(m, table->by_count, (td_group) g)
                                : NAN;
    for (int c = 0; c < classes; c++) {
        out.class_images[c] = m->count[c];
        out.class_top1[c] = m->count[c] > 0 ? td_measures_class(m, c) : NAN;
    }
    return out;
}

void td_eval_leave_rows(const td_eval *e, const td_eval_classes *table)
{
    td_evaluation rows[TD_EVAL_SCORES];
    char *data, *run = td_run_of_checkpoint(e->checkpoint);
    TD_ASSERT(e->rank == 0 && e->plan.scores <= TD_EVAL_SCORES);
    if (!run)
        return;
    data = data_of(e);
    for (int row = 0; row < e->plan.scores; row++)
        rows[row] = evaluation_of(e, table, data, row);
    if (td_evaluations_add(run, rows, e->plan.scores) != TD_OK)
        td_log(TD_LOG_NOTE, "the run has no row of these figures: %s",
               td_error_message());
    for (int row = 0; row < e->plan.scores; row++) {
        td_free(rows[row].class_images);
        td_free(rows[row].class_top1);
    }
    td_free(data);
    td_free(run);
}
