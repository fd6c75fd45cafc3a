/* Right answers, groups of classes and calibration.
 *
 * Confidences are added in fixed point: 2⁻³³ is the most that one image is rounded by,
 * far below any digit that is looked at, and in return no order of summing shows. */
#include "taildart/objective_measures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/objective.h"

static const double confidence_unit = 4294967296.0; /* 2³² */

/* Bounds of the groups, in training images. */
enum { MANY_ABOVE = 100, FEW_BELOW = 20 };

/* ---- sums -------------------------------------------------------------------- */

td_measures *td_measures_new(int classes, bool confusion)
{
    td_measures *m = td_malloc(sizeof *m);
    TD_ASSERT(classes > 0);
    size_t n = (size_t) classes, matrix = confusion ? n * n : 0;
    m->classes = classes;
    m->top = 1;
    m->sum_count = 3 * n + 1 + 3 * (size_t) TD_CONFIDENCE_BINS + matrix;
    m->sums = td_malloc(m->sum_count * sizeof *m->sums);
    m->correct = m->sums;
    m->count = m->correct + n;
    m->answered = m->count + n;
    m->in_top = m->answered + n;
    m->bin_count = m->in_top + 1;
    m->bin_correct = m->bin_count + TD_CONFIDENCE_BINS;
    m->bin_confidence = m->bin_correct + TD_CONFIDENCE_BINS;
    m->confusion = confusion ? m->bin_confidence + TD_CONFIDENCE_BINS : NULL;
    td_measures_clear(m);
    return m;
}

void td_measures_free(td_measures *m)
{
    if (!m)
        return;
    td_free(m->sums);
    td_free(m);
}

void td_measures_clear(td_measures *m)
{
    memset(m->sums, 0, m->sum_count * sizeof *m->sums);
}

/* 1/Σ exp(z − largest) */
double td_confidence(const td_real *logits, int classes)
{
    int best = td_argmax(logits, classes);
    if (best < 0)
        return NAN;
    double largest = (double) logits[best], sum = 0.0;
    for (int c = 0; c < classes; c++)
        sum += exp((double) logits[c] - largest);
    return 1.0 / sum;
}

static void add_confidence(td_measures *m, double confidence, bool is_right)
{
    if (!(confidence > 0.0 && confidence <= 1.0))
        return;
    int bin = (int) ceil(confidence * TD_CONFIDENCE_BINS) - 1;
    TD_ASSERT(bin >= 0 && bin < TD_CONFIDENCE_BINS);
    m->bin_count[bin]++;
    m->bin_correct[bin] += is_right;
    m->bin_confidence[bin] += llround(confidence * confidence_unit);
}

/* Whether fewer than top classes come before the label. */
static bool is_among(const td_real *row, int classes, int label, int top)
{
    int before = 0;
    for (int c = 0; c < classes; c++)
        before += row[c] > row[label] || (row[c] == row[label] && c < label);
    return before < top;
}

static void add_answer(td_measures *m, const td_real *row, int label, int answer)
{
    if (answer < 0)
        return;
    m->answered[answer]++;
    *m->in_top += is_among(row, m->classes, label, m->top);
    if (m->confusion)
        m->confusion[(size_t) label * (size_t) m->classes + (size_t) answer]++;
}

void td_measures_add(td_measures *m, const td_real *logits, const int32_t *labels,
                     int n)
{
    TD_ASSERT(n >= 0);
    for (int i = 0; i < n; i++) {
        const td_real *row = logits + (size_t) i * (size_t) m->classes;
        int label = labels[i], answer = td_argmax(row, m->classes);
        TD_ASSERT(label >= 0 && label < m->classes);
        m->count[label]++;
        m->correct[label] += answer == label;
        add_answer(m, row, label, answer);
        add_confidence(m, td_confidence(row, m->classes), answer == label);
    }
}

/* ---- measures ---------------------------------------------------------------- */

static int64_t total(const int64_t *counts, int n)
{
    int64_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += counts[i];
    return sum;
}

double td_measures_top1(const td_measures *m)
{
    return (double) total(m->correct, m->classes) /
           (double) total(m->count, m->classes);
}

double td_measures_class(const td_measures *m, int c)
{
    TD_ASSERT(c >= 0 && c < m->classes && m->correct[c] <= m->count[c]);
    return (double) m->correct[c] / (double) m->count[c];
}

/* Of all classes where \a groups is NULL. */
static double mean_of(const td_measures *m, const td_group *groups, td_group group)
{
    double sum = 0.0;
    int members = 0;
    for (int c = 0; c < m->classes; c++) {
        if ((groups && groups[c] != group) || m->count[c] == 0)
            continue;
        sum += td_measures_class(m, c);
        members++;
    }
    return members ? sum / members : NAN;
}

double td_measures_balanced(const td_measures *m)
{
    return mean_of(m, NULL, TD_GROUP_MANY);
}

double td_measures_group(const td_measures *m, const td_group *groups, td_group group)
{
    TD_ASSERT(groups);
    return mean_of(m, groups, group);
}

double td_measures_in_top(const td_measures *m)
{
    return (double) *m->in_top / (double) total(m->count, m->classes);
}

/* 2·right/(images + answers) is 2/(1/precision + 1/recall). */
double td_measures_macro_f1(const td_measures *m)
{
    double sum = 0.0;
    int members = 0;
    for (int c = 0; c < m->classes; c++) {
        if (m->count[c] == 0)
            continue;
        sum += 2.0 * (double) m->correct[c] / (double) (m->count[c] + m->answered[c]);
        members++;
    }
    return members ? sum / members : NAN;
}

/* Σ_bins n/N·|correct/n − confidence/n|, its n cancelled; whole numbers to the end. */
double td_measures_calibration(const td_measures *m)
{
    const int64_t unit = (int64_t) 1 << 32;
    int64_t images = total(m->count, m->classes), gap = 0;
    TD_ASSERT(images <= INT32_MAX);
    if (images == 0 || total(m->bin_count, TD_CONFIDENCE_BINS) != images)
        return NAN;
    for (int b = 0; b < TD_CONFIDENCE_BINS; b++) {
        int64_t over = m->bin_confidence[b] - m->bin_correct[b] * unit;
        gap += over < 0 ? -over : over;
    }
    return (double) gap / ((double) images * confidence_unit);
}

/* ---- groups of classes ------------------------------------------------------- */

const char *td_group_name(td_group group)
{
    static const char *const names[TD_GROUPS] = { "many", "medium", "few" };
    TD_ASSERT(group >= 0 && group < TD_GROUPS);
    return names[group];
}

void td_groups_by_count(const int64_t *counts, int classes, td_group *groups)
{
    TD_ASSERT(classes > 0);
    for (int c = 0; c < classes; c++)
        groups[c] = counts[c] > MANY_ABOVE  ? TD_GROUP_MANY
                    : counts[c] < FEW_BELOW ? TD_GROUP_FEW
                                            : TD_GROUP_MEDIUM;
}

/* A class and what it is ranked by. */
typedef struct {
    int64_t count;
    int class;
} ranked;

static int by_falling_count(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->class < y->class ? -1 : x->class > y->class;
}

void td_groups_by_range(const int64_t *counts, int classes, td_group *groups)
{
    TD_ASSERT(counts && classes > 0);
    int medium = (2 * classes + 3) / 6, few = (4 * classes + 3) / 6;
    if (classes == 100) { /* as published, not 33 and 67 */
        medium = 36;
        few = 71;
    }
    ranked *order = td_malloc((size_t) classes * sizeof *order);
    for (int c = 0; c < classes; c++)
        order[c] = (ranked){ counts[c], c };
    qsort(order, (size_t) classes, sizeof *order, by_falling_count);
    for (int rank = 0; rank < classes; rank++)
        groups[order[rank].class] = rank < medium ? TD_GROUP_MANY
                                    : rank < few  ? TD_GROUP_MEDIUM
                                                  : TD_GROUP_FEW;
    td_free(order);
}
