/** Floor 2: SGD, Adam, gradient clipping, and the one kind of schedule. */
#ifndef TAILDART_OPTIM_H
#define TAILDART_OPTIM_H

#include "taildart/base_random.h"
#include "taildart/config.h"

TD_PUBLIC_BEGIN

/** The value of a schedule in epoch \a e of \a epochs, e from 0, warm-up
 *  included, batch scaling and freezes not.
 *  Not collective.  \param [in] mixing  m(e), read by TD_SHAPE_COUPLED only */
double td_schedule_value(const td_schedule *schedule, int e, int epochs, double mixing);

/** The value of a schedule of shape TD_SHAPE_BETA in one step: end + (start - end)
 *  times a draw of Beta(0.2, 0.2), most often near 0 or 1 (Zhou et al. 2020, BBN).
 *  td_schedule_value() gives the mean.  Not collective. */
double td_schedule_draw(const td_schedule *schedule, const td_random *key,
                        uint32_t draw);

/** Whether the schedule is frozen in epoch \a e: outside [frozen_until, frozen_from).
 *  Not collective. */
bool td_schedule_is_frozen(const td_schedule *schedule, int e);

/** Factor of td_lr_scale for \a batch relative to \a base (64 search, 96 train).
 *  Not collective. */
double td_lr_scale_factor(td_lr_scale scale, int batch, int base);

/** Euclidean norm; the order of summation does not depend on the number of threads.
 *  Not collective.  \param [in] x (n) */
double td_l2_norm(const td_real *x, size_t n);

/** limit/(norm + 1e-6) where that is below 1, else 1 (PyTorch's clip_grad_norm_).
 *  Not collective. */
double td_clip_factor(double norm, double limit);

/** SGD with momentum: velocity = momentum·velocity + factor·g + decay·w, then
 *  w −= lr·velocity.
 *  Not collective.  \param [in,out] w,velocity (n)  \param [in] g (n) */
void td_sgd_step(td_real *w, td_real *velocity, const td_real *g, size_t n,
                 double factor, double lr, double momentum, double decay);

/** Compute the weights after one such step, changing nothing else (second order's w'):
 *  out = w − lr·(momentum·velocity + g + decay·w).
 *  Not collective.  \param [out] out (n) */
void td_sgd_unroll(td_real *out, const td_real *w, const td_real *velocity,
                   const td_real *g, size_t n, double lr, double momentum,
                   double decay);

/** out = w + a·d.  Not collective.  \param [out] out (n), may be \a w */
void td_offset(td_real *out, const td_real *w, double a, const td_real *d, size_t n);

/** Adam with L2 added to the gradient, eps 1e-8 outside the root (Kingma & Ba 2015).
 *  Not collective.  \param [in,out] w,first,second (n)
 *  \param [in] count  steps so far, this one included, from 1 */
void td_adam_step(td_real *w, td_real *first, td_real *second, const td_real *g,
                  size_t n, int64_t count, double lr, const double betas[2],
                  double decay);

TD_PUBLIC_END

#endif
