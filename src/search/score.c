#include "score.h"

#include <math.h>
#include <string.h>

#include "taildart/objective.h"

td_score *td_score_new(int classes)
{
    td_score *score = td_malloc(sizeof *score);
    TD_ASSERT(classes > 0);
    score->classes = classes;
    score->correct = td_malloc(2 * (size_t) classes * sizeof(int64_t));
    score->count = score->correct + classes;
    return score;
}

void td_score_free(td_score *score)
{
    if (!score)
        return;
    td_free(score->correct);
    td_free(score);
}

void td_score_clear(td_score *score)
{
    score->loss = 0.0;
    memset(score->correct, 0, 2 * (size_t) score->classes * sizeof(int64_t));
}

void td_score_add(td_score *score, const td_real *logits, const int32_t *labels, int n)
{
    td_loss_sums sums = { 0 };
    td_cross_entropy(&sums, NULL, logits, labels, NULL, 1.0, n, score->classes);
    score->loss += sums.loss;
    for (int i = 0; i < n; i++) {
        const td_real *row = logits + (size_t) i * (size_t) score->classes;
        TD_ASSERT(labels[i] >= 0 && labels[i] < score->classes);
        score->count[labels[i]]++;
        score->correct[labels[i]] += td_argmax(row, score->classes) == labels[i];
    }
}

void td_score_sum(td_score *score, td_dist *world)
{
    td_dist_sum_f64(world, &score->loss, 1);
    td_dist_sum_i64(world, score->correct, 2 * (size_t) score->classes);
}

static int64_t total(const int64_t *counts, int classes)
{
    int64_t sum = 0;
    for (int c = 0; c < classes; c++)
        sum += counts[c];
    return sum;
}

double td_score_loss(const td_score *score)
{
    return score->loss / (double) total(score->count, score->classes);
}

double td_score_top1(const td_score *score)
{
    return (double) total(score->correct, score->classes) /
           (double) total(score->count, score->classes);
}

double td_score_class(const td_score *score, int c)
{
    TD_ASSERT(c >= 0 && c < score->classes && score->correct[c] <= score->count[c]);
    return (double) score->correct[c] / (double) score->count[c];
}

double td_score_group(const td_score *score, const int64_t *counts, int64_t least,
                      int64_t most)
{
    double sum = 0.0;
    int members = 0;
    for (int c = 0; c < score->classes; c++) {
        bool is_member = !counts || (counts[c] >= least && counts[c] <= most);
        if (!is_member || score->count[c] == 0)
            continue;
        sum += td_score_class(score, c);
        members++;
    }
    return members ? sum / members : NAN;
}
