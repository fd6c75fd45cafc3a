#include "taildart/objective_after.h"

#include <math.h>

void td_adjust_logits(td_real *logits, const int64_t *counts, int classes, double tau,
                      int n)
{
    int64_t sum = 0;
    for (int c = 0; c < classes; c++) {
        TD_ASSERT(counts[c] > 0);
        sum += counts[c];
    }
    for (int c = 0; c < classes; c++) {
        double less = tau * log((double) counts[c] / (double) sum);
        for (int i = 0; i < n; i++) {
            td_real *z = &logits[(size_t) i * (size_t) classes + (size_t) c];
            *z = (td_real) ((double) *z - less);
        }
    }
}

void td_tau_normalise(td_real *matrix, int rows, int columns, double tau)
{
    for (int r = 0; r < rows; r++) {
        td_real *row = matrix + (size_t) r * (size_t) columns;
        double square = 0.0;
        for (int i = 0; i < columns; i++)
            square += (double) row[i] * (double) row[i];
        double divisor = square > 0.0 ? pow(sqrt(square), tau) : 1.0;
        for (int i = 0; i < columns; i++)
            row[i] = (td_real) ((double) row[i] / divisor);
    }
}
