/* Printing of an evaluation's results. */
#include "eval.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_log.h"
#include "taildart/base_text.h"

typedef char figure[16];

static const char *write_figure(figure text, double value)
{
    if (isnan(value))
        snprintf(text, sizeof(figure), "n/a");
    else
        snprintf(text, sizeof(figure), "%.4f", value);
    return text;
}

static void print_groups(const td_measures *m, const char *name, const td_group *groups,
                         const char *what)
{
    td_text line = { 0 };
    td_text_write(&line, "%-10s", name);
    for (int g = 0; g < TD_GROUPS; g++) {
        figure text = "n/a";
        if (groups)
            write_figure(text, td_measures_group(m, groups, (td_group) g));
        td_text_write(&line, " %-8s", text);
    }
    td_print("%s %s", line.chars, what);
    td_free(line.chars);
}

static void print_all_groups(const td_eval *e, const td_eval_classes *table)
{
    const td_measures *m = e->score[0]->measures;
    bool known = e->plan.knows_training;
    static const char unknown[] = "training images of classes are not known";
    td_print("%-10s %-8s %-8s %s", "groups", td_group_name(TD_GROUP_MANY),
             td_group_name(TD_GROUP_MEDIUM), td_group_name(TD_GROUP_FEW));
    print_groups(m, "by count", known ? table->by_count : NULL,
                 known ? "over 100, 20 to 100, fewer training images" : unknown);
    print_groups(m, "by range", known ? table->by_range : NULL,
                 known ? "thirds of the classes by training images" : unknown);
}

static void print_class(const td_eval *e, const td_eval_classes *table, int c)
{
    const td_measures *m = e->score[0]->measures;
    figure text;
    char training[64];
    if (e->plan.knows_training)
        snprintf(training, sizeof training, "%8lld  %8s  %8s",
                 (long long) e->training[c], td_group_name(table->by_count[c]),
                 td_group_name(table->by_range[c]));
    else
        snprintf(training, sizeof training, "%8s  %8s  %8s", "n/a", "n/a", "n/a");
    td_print("%5d  %7lld  %8s  %s  %s", c, (long long) m->count[c],
             m->count[c] > 0 ? write_figure(text, td_measures_class(m, c)) : "n/a",
             training, e->dataset->class_names[c]);
}

static void print_classes(const td_eval *e, const td_eval_classes *table)
{
    td_print("%5s  %7s  %8s  %8s  %8s  %8s  %s", "class", "images", "accuracy",
             "training", "by count", "by range", "name");
    for (int c = 0; c < e->plan.info.classes; c++)
        print_class(e, table, c);
}

/* ---- cures of the tail ------------------------------------------------------- */

static void print_cures(const td_eval *e)
{
    if (e->plan.is_normalised)
        td_print("classifier rows over their norm to the power of %g, no bias",
                 e->plan.tau_norm);
    if (e->plan.is_adjusted)
        td_print("adjusted   logits less %g times the log of class shares%s",
                 e->plan.tau[0], e->plan.scores > 1 ? "; others below" : "");
}

static void print_adjustment(const td_eval *e, const td_eval_classes *table, int row)
{
    const td_measures *m = e->score[row]->measures;
    td_text line = { 0 };
    td_text_write(&line, "%-10g %8.4f  %8.4f  %8.4f", e->plan.tau[row],
                  td_score_loss(e->score[row]), td_measures_top1(m),
                  td_measures_balanced(m));
    for (int g = 0; g < TD_GROUPS; g++) {
        figure text;
        write_figure(text, td_measures_group(m, table->by_count, (td_group) g));
        td_text_write(&line, "  %8s", text);
    }
    td_print("%s", line.chars);
    td_free(line.chars);
}

/* A row an adjustment; --adjust knows the training images. */
static void print_adjustments(const td_eval *e, const td_eval_classes *table)
{
    td_print("%-10s %8s  %8s  %8s  %8s  %8s  %8s", "adjusted", "loss", "top-1",
             "balanced", td_group_name(TD_GROUP_MANY), td_group_name(TD_GROUP_MEDIUM),
             td_group_name(TD_GROUP_FEW));
    for (int row = 0; row < e->plan.scores; row++)
        print_adjustment(e, table, row);
}

void td_eval_print(const td_eval *e, const td_eval_classes *table)
{
    TD_ASSERT(e->rank == 0 && e->score[0] && e->saved);
    const td_measures *m = e->score[0]->measures;
    figure text;
    const char *label = e->saved->texts.label;
    bool is_best = label && strcmp(label, "best") == 0;
    long long epoch = e->saved->progress.epoch, step = e->saved->progress.step;
    char *steps = step == 0
                      ? td_strdup("")
                      : td_format(" and %lld %s", step, td_noun(step, "step", "steps"));
    td_print("checkpoint %s%s%s%s, after %lld %s%s%s%s", e->checkpoint,
             label ? " (" : "", label ? label : "", label ? ")" : "", epoch,
             td_noun(epoch, "epoch", "epochs"), steps, is_best ? ", chosen by " : "",
             is_best ? td_best_title((td_best) e->saved->progress.best_by) : "");
    td_free(steps);
    if (!e->options->data || !e->options->data[0])
        td_print("data       %s, as the run names it", e->data);
    td_print("part       %s of %s, %lld %s", e->part_name, e->data,
             (long long) e->plan.count, td_noun(e->plan.count, "image", "images"));
    print_cures(e);
    td_print("loss       %.4f", td_score_loss(e->score[0]));
    td_print("top-1      %.4f", td_measures_top1(m));
    if (e->options->top > 0)
        td_print("top-%-6d %.4f", e->plan.top, td_measures_in_top(m));
    td_print("balanced   %.4f", td_measures_balanced(m));
    td_print("macro-f1   %.4f (mean of the classes' F1)", td_measures_macro_f1(m));
    td_print("ece        %s (expected calibration error, %d bins)",
             write_figure(text, td_measures_calibration(m)), TD_CONFIDENCE_BINS);
    print_all_groups(e, table);
    if (e->plan.scores > 1)
        print_adjustments(e, table);
    if (e->options->per_class)
        print_classes(e, table);
}
