/* Weighted cross-entropy: sums and gradients that are not yet divided by anything, so
 * that those of other ranks can be added first.  All in double: a batch has few logits,
 * and float would lose the small probabilities of a tail class. */
#include "taildart/objective.h"

#include <math.h>

int td_argmax(const td_real *logits, int classes)
{
    int best = 0;
    TD_ASSERT(classes > 0);
    for (int c = 0; c < classes; c++) {
        if (isnan(logits[c]))
            return -1;
        if (logits[c] > logits[best])
            best = c;
    }
    return best;
}

/* log softmax(z)_c = (z_c − largest) − log_sum: the largest logit is taken out first,
 * so that nothing overflows and a small loss keeps its digits beside large logits. */
typedef struct {
    double largest, log_sum;
} row_scale;

static row_scale scale_of(const td_real *z, int classes)
{
    double largest = (double) z[0], sum = 0.0;
    for (int c = 1; c < classes; c++)
        largest = fmax(largest, (double) z[c]);
    for (int c = 0; c < classes; c++)
        sum += exp((double) z[c] - largest);
    return (row_scale){ largest, log(sum) };
}

static double log_probability(double logit, row_scale row)
{
    return (logit - row.largest) - row.log_sum;
}

/* d += factor·(softmax − onehot) */
static void add_gradient(td_real *d, const td_real *z, row_scale row, int label,
                         double factor, int classes)
{
    for (int c = 0; c < classes; c++) {
        double p = exp(log_probability((double) z[c], row));
        d[c] += (td_real) (factor * (p - (c == label)));
    }
}

void td_cross_entropy(td_loss_sums *sums, td_real *d_logits, const td_real *logits,
                      const int32_t *labels, const double *weights, double scale, int n,
                      int classes)
{
    TD_ASSERT(n >= 0 && classes > 0);
    for (int i = 0; i < n; i++) {
        const td_real *z = logits + (size_t) i * (size_t) classes;
        int label = labels[i];
        TD_ASSERT(label >= 0 && label < classes);
        double weight = weights ? weights[label] : 1.0;
        row_scale row = scale_of(z, classes);
        sums->loss -= weight * log_probability((double) z[label], row);
        sums->divisor += weight;
        sums->correct += td_argmax(z, classes) == label;
        sums->count += 1.0;
        if (d_logits)
            add_gradient(d_logits + (size_t) i * (size_t) classes, z, row, label,
                         weight * scale, classes);
    }
}
