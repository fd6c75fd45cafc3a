/* Answers to pictures as text, CSV or JSON. */
#include "predict.h"

#include <math.h>
#include <stdio.h>

#include "taildart/base_log.h"
#include "taildart/base_number.h"
#include "taildart/objective_measures.h"

/* ---- one answer ------------------------------------------------------------------ */

/* The likeliest class after those that are taken; of equal ones the lower. */
static int next_best(const double *probability, const bool *taken, int classes)
{
    int best = -1;
    for (int c = 0; c < classes; c++)
        if (!taken[c] && (best < 0 || probability[c] > probability[best]))
            best = c;
    TD_ASSERT(best >= 0);
    return best;
}

/* One class of an answer; \a rank counts from 0. */
static void write_class(td_text *text, const td_prediction *p, const char *path,
                        int rank, int c, double probability)
{
    const char *name = p->network->names[c];
    switch (p->options->form) {
    case TD_PREDICT_TEXT:
        td_text_write(text, "%s  %.4f  ", rank > 0 ? "\n" : "", probability);
        td_text_write_shown(text, name, "");
        break;
    case TD_PREDICT_CSV:
        td_text_write(text, "%s", rank > 0 ? "\n" : "");
        td_text_write_csv(text, path);
        td_text_write(text, ",%d,%d,", rank + 1, c);
        td_text_write_csv(text, name);
        td_text_write(text, ",%.6f", probability);
        break;
    case TD_PREDICT_JSON:
        td_text_write(text, "%s{\"class\": %d, \"name\": ", rank > 0 ? ", " : "", c);
        td_text_write_json(text, name);
        td_text_write(text, ", \"probability\": %.6f}", probability);
        break;
    }
}

static void write_classes(td_text *text, const td_prediction *p, const char *path,
                          const td_real *logits)
{
    int classes = td_classifier_classes(p->network);
    double *probability = td_malloc((size_t) classes * sizeof *probability);
    bool *taken = td_malloc((size_t) classes * sizeof *taken);
    void *before = td_numbers_plain();
    td_classifier_probabilities(logits, classes, probability);
    for (int rank = 0; rank < p->options->top && rank < classes; rank++) {
        int c = next_best(probability, taken, classes);
        taken[c] = true;
        write_class(text, p, path, rank, c, probability[c]);
    }
    td_numbers_restore(before);
    td_free(taken);
    td_free(probability);
}

/* ---- a picture ------------------------------------------------------------------- */

/* `{"picture": "a.png", ` and what separates it from the one before. */
static void begin_object(td_text *text, const td_prediction *p, const char *path)
{
    td_text_write(text, "%s{\"picture\": ", p->told + p->refused > 0 ? ",\n" : "");
    td_text_write_json(text, path);
    td_text_write(text, ", ");
}

void td_predict_answer(td_prediction *p, const char *path, const td_real *logits)
{
    bool is_json = p->options->form == TD_PREDICT_JSON;
    td_text text = { 0 };
    if (isnan(td_confidence(logits, td_classifier_classes(p->network)))) {
        td_predict_refuse(p, path, "the network's logits are not finite");
        return;
    }
    if (is_json) {
        begin_object(&text, p, path);
        td_text_write(&text, "\"answers\": [");
    } else if (p->options->form == TD_PREDICT_TEXT) {
        td_text_write_shown(&text, path, "");
        td_text_write(&text, "\n");
    }
    write_classes(&text, p, path, logits);
    td_text_write(&text, "%s", is_json ? "]}" : "\n");
    fputs(text.chars, stdout);
    td_free(text.chars);
    p->told++;
}

void td_predict_refuse(td_prediction *p, const char *path, const char *fault)
{
    td_text text = { 0 };
    td_log(TD_LOG_WARNING, "%s: %s", path, fault);
    if (p->options->form == TD_PREDICT_JSON) {
        begin_object(&text, p, path);
        td_text_write(&text, "\"error\": ");
        td_text_write_json(&text, fault);
        td_text_write(&text, "}");
        fputs(text.chars, stdout);
    }
    td_free(text.chars);
    p->refused++;
}

/* ---- around them ----------------------------------------------------------------- */

void td_predict_begin(const td_prediction *p)
{
    if (p->options->form == TD_PREDICT_CSV)
        puts("picture,rank,class,name,probability");
    else if (p->options->form == TD_PREDICT_JSON)
        puts("[");
}

void td_predict_end(const td_prediction *p)
{
    if (p->options->form == TD_PREDICT_JSON)
        puts("\n]");
}
