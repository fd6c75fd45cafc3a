/* Losses are added in fixed point, as confidences are: no order of summing shows, nor
 * who has which images. */
#include "taildart/eval_score.h"

#include <math.h>

static const double loss_unit = 16777216.0; /* 2²⁴ */
static const double most_loss = 1048576.0;  /* 2²⁰: 2¹⁹ images of it fit */

td_score *td_score_new(int classes, bool confusion)
{
    td_score *score = td_malloc(sizeof *score);
    score->loss = 0;
    score->far_loss = 0.0;
    score->form = td_loss_new(&(td_loss_spec){ .classes = classes });
    score->measures = td_measures_new(classes, confusion);
    return score;
}

void td_score_free(td_score *score)
{
    if (!score)
        return;
    td_loss_free(score->form);
    td_measures_free(score->measures);
    td_free(score);
}

void td_score_clear(td_score *score)
{
    score->loss = 0;
    score->far_loss = 0.0;
    td_measures_clear(score->measures);
}

void td_score_add(td_score *score, const td_real *logits, const int32_t *labels, int n)
{
    size_t classes = (size_t) score->measures->classes;
    TD_ASSERT(n >= 0);
    for (int i = 0; i < n; i++) {
        td_loss_sums one = { 0 };
        td_loss_add(score->form, &one, NULL, logits + (size_t) i * classes,
                    (td_targets){ .labels = labels + i }, 1.0, 1);
        if (one.loss < most_loss)
            score->loss += llround(one.loss * loss_unit);
        else
            score->far_loss += one.loss;
    }
    td_measures_add(score->measures, logits, labels, n);
}

void td_score_sum(td_score *score, td_comm *world)
{
    td_measures *m = score->measures;
    td_comm_sum_i64(world, &score->loss, 1);
    td_comm_sum_f64(world, &score->far_loss, 1);
    td_comm_sum_i64(world, m->sums, m->sum_count);
}

double td_score_loss(const td_score *score)
{
    const td_measures *m = score->measures;
    int64_t images = 0;
    for (int c = 0; c < m->classes; c++)
        images += m->count[c];
    return ((double) score->loss / loss_unit + score->far_loss) / (double) images;
}
