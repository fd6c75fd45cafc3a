/* The files of an evaluation: logits, confusion matrix, measures as CSV. */
#include "eval.h"

#include <math.h>

#include "taildart/base_file.h"
#include "taildart/base_number.h"
#include "taildart/base_text.h"
#include "taildart/checkpoint_logits.h"
#include "taildart/store_confusion.h"

/* Check that only files of the same kind are replaced. */
static td_status check_kinds(const td_eval_options *options)
{
    static const td_file_kind matrices[] = { { "class,", NULL }, { NULL, NULL } };
    static const td_file_kind tables[] = { { "top1,balanced,", NULL }, { NULL, NULL } };
    td_status status =
        td_file_check_kind(options->confusion, matrices, "confusion matrix");
    if (status == TD_OK)
        status = td_file_check_kind(options->csv, tables, "table of measures");
    if (status == TD_OK && options->logits)
        status = td_logits_check(options->logits);
    return status;
}

td_status td_eval_try_files(const td_eval *e)
{
    const td_eval_options *options = e->options;
    enum { INPUTS = 2, ALL = 5 };
    const char *const files[ALL] = { e->checkpoint, e->data, options->logits,
                                     options->confusion, options->csv };
    td_status status = TD_OK;
    for (int i = INPUTS; i < ALL && status == TD_OK; i++) {
        for (int other = 0; other < i && status == TD_OK; other++)
            status = td_file_keep_apart(files[i], files[other]);
        if (status == TD_OK && files[i])
            status = td_file_try(files[i]);
    }
    return status == TD_OK ? check_kinds(options) : status;
}

/* Write a measure; an unknown one is an empty field. */
static void write_figure(td_text *text, double value)
{
    if (!isnan(value))
        td_text_write(text, "%.6f", value);
}

static void write_groups(td_text *text, const td_measures *m, const td_group *groups)
{
    for (int g = 0; g < TD_GROUPS; g++) {
        td_text_write(text, ",");
        if (groups)
            write_figure(text, td_measures_group(m, groups, (td_group) g));
    }
}

static void write_row(td_text *text, const td_eval *e, const td_eval_classes *table,
                      int row)
{
    const td_measures *m = e->score[row]->measures;
    bool known = e->plan.knows_training;
    write_figure(text, td_measures_top1(m));
    td_text_write(text, ",");
    write_figure(text, td_measures_balanced(m));
    write_groups(text, m, known ? table->by_count : NULL);
    td_text_write(text, ",");
    write_figure(text, td_measures_calibration(m));
    write_groups(text, m, known ? table->by_range : NULL);
    if (e->plan.is_adjusted)
        td_text_write(text, ",%.10g", e->plan.tau[row]);
    if (e->plan.is_normalised)
        td_text_write(text, ",%.10g", e->plan.tau_norm);
    td_text_write(text, ",");
    write_figure(text, td_measures_macro_f1(m));
    if (e->options->top > 0)
        td_text_write(text, ",%.6f", td_measures_in_top(m));
    td_text_write(text, "\n");
}

static td_status write_csv(const td_eval *e, const td_eval_classes *table)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    td_text_write(&text,
                  "top1,balanced,many,medium,few,ece,"
                  "range_many,range_medium,range_few%s%s,macro_f1",
                  e->plan.is_adjusted ? ",adjust" : "",
                  e->plan.is_normalised ? ",tau_norm" : "");
    if (e->options->top > 0)
        td_text_write(&text, ",top%d", e->plan.top);
    td_text_write(&text, "\n");
    for (int row = 0; row < e->plan.scores; row++)
        write_row(&text, e, table, row);
    td_numbers_restore(before);
    td_status status = td_file_write(e->options->csv, text.chars, text.length);
    td_free(text.chars);
    return status;
}

td_status td_eval_write_files(const td_eval *e, const td_eval_classes *table)
{
    TD_ASSERT(e->rank == 0 && e->score[0]);
    const td_eval_options *options = e->options;
    td_status status = TD_OK;
    TD_ASSERT(!options->logits || e->all_logits);
    if (options->logits)
        status = td_logits_write(options->logits, e->all_logits, e->plan.count,
                                 e->plan.info.classes);
    if (status == TD_OK && options->confusion)
        status = td_confusion_write(
            options->confusion, e->score[0]->measures->confusion,
            (const char(*)[TD_CLASS_NAME_BYTES]) e->dataset->class_names,
            e->plan.info.classes);
    if (status == TD_OK && options->csv)
        status = write_csv(e, table);
    return status;
}
