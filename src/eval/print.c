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

static void print_all_groups(const td_measures *m, const td_eval_classes *table)
{
    static const char unknown[] = "the training images of each class are not known";
    td_print("%-10s %-8s %-8s %s", "groups", td_group_name(TD_GROUP_MANY),
             td_group_name(TD_GROUP_MEDIUM), td_group_name(TD_GROUP_FEW));
    print_groups(m, "by count", table->known ? table->by_count : NULL,
                 table->known ? "more than 100, 20 to 100, fewer training images"
                              : unknown);
    print_groups(m, "by range", table->known ? table->by_range : NULL,
                 table->known ? "thirds of the classes in falling order of training "
                                "images"
                              : unknown);
}

static void print_class(const td_eval *e, const td_eval_classes *table, int c)
{
    const td_measures *m = e->score->measures;
    figure text;
    char training[64];
    if (table->known)
        snprintf(training, sizeof training, "%8lld  %8s  %8s",
                 (long long) table->training[c], td_group_name(table->by_count[c]),
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
    for (int c = 0; c < e->score->measures->classes; c++)
        print_class(e, table, c);
}

void td_eval_print(const td_eval *e, const td_eval_classes *table)
{
    TD_ASSERT(e->rank == 0 && e->score && e->saved);
    const td_measures *m = e->score->measures;
    figure text;
    const char *label = e->saved->texts.label;
    bool is_best = label && strcmp(label, "best") == 0;
    long long epoch = e->saved->progress.epoch, step = e->saved->progress.step;
    char *steps = step == 0
                      ? td_strdup("")
                      : td_format(" and %lld %s", step, td_noun(step, "step", "steps"));
    td_print("checkpoint %s%s%s%s, after %lld %s%s%s%s", e->options->checkpoint,
             label ? " (" : "", label ? label : "", label ? ")" : "", epoch,
             td_noun(epoch, "epoch", "epochs"), steps, is_best ? ", chosen by " : "",
             is_best ? td_best_title((td_best) e->saved->progress.best_by) : "");
    td_free(steps);
    td_print("part       %s of %s, %lld %s", e->options->part, e->options->data,
             (long long) e->plan.count, td_noun(e->plan.count, "image", "images"));
    td_print("loss       %.4f", td_score_loss(e->score));
    td_print("top-1      %.4f", td_measures_top1(m));
    td_print("balanced   %.4f", td_measures_balanced(m));
    td_print("ece        %s (expected calibration error, %d bins)",
             write_figure(text, td_measures_calibration(m)), TD_CONFIDENCE_BINS);
    print_all_groups(m, table);
    if (e->options->per_class)
        print_classes(e, table);
}
