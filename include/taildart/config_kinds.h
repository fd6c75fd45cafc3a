/** Floor 1: kinds of samplers, class weights, losses and relaxations, a row for each.
 *
 *  A row is the kind's name in C, that of its function, and the word that a user types.
 *  From one list come the number of each kind (config.h), the words that its keys
 *  accept (keys.c) and the table of functions in the room that serves the kind.  So a
 *  new kind is one row here and one file there; a row without its function does not
 *  link.
 */
#ifndef TAILDART_CONFIG_KINDS_H
#define TAILDART_CONFIG_KINDS_H

/** Samplers, the rules by which a class is drawn: td_sampler_<function> of
 *  src/sampling. */
#define TD_SAMPLERS(ROW)                                                               \
    ROW(INSTANCE, instance, "instance")                                                \
    ROW(CLASS_BALANCED, class_balanced, "class-balanced")                              \
    ROW(SQUARE_ROOT, square_root, "square-root")                                       \
    ROW(REVERSED, reversed, "reversed")                                                \
    ROW(EFFECTIVE, effective, "effective-number")                                      \
    ROW(PROGRESSIVE, progressive, "progressive")

/** How images of a batch are mixed: td_mix_<function> of src/mix. */
#define TD_MIXES(ROW)                                                                  \
    ROW(NONE, none, "none")                                                            \
    ROW(MIXUP, blend, "mixup")                                                         \
    ROW(CUTMIX, paste, "cutmix")                                                       \
    ROW(REMIX, remix, "remix")                                                         \
    ROW(CMO, paste, "cmo")

/** Weights of the classes in the loss: td_weighting_<function> of src/objective. */
#define TD_WEIGHTINGS(ROW)                                                             \
    ROW(NONE, none, "none")                                                            \
    ROW(INVERSE, inverse, "inverse")                                                   \
    ROW(INVERSE_SQRT, inverse_sqrt, "inverse-sqrt")                                    \
    ROW(EFFECTIVE, effective, "effective")

/** Policies of augmentation, which draw operations for an image: td_augment_<function>
 *  of src/augment. */
#define TD_AUGMENTS(ROW)                                                               \
    ROW(NONE, none, "none")                                                            \
    ROW(AUTOAUGMENT, autoaugment, "autoaugment")                                       \
    ROW(RANDAUGMENT, randaugment, "randaugment")

/** Losses, whose gradient a step takes: td_loss_<function> of src/objective. */
#define TD_LOSSES(ROW)                                                                 \
    ROW(CROSS_ENTROPY, cross_entropy, "cross-entropy")                                 \
    ROW(FOCAL, focal, "focal")                                                         \
    ROW(VS, vs, "vs")                                                                  \
    ROW(BALANCED_SOFTMAX, balanced_softmax, "balanced-softmax")                        \
    ROW(LOGIT_ADJUSTMENT, logit_adjustment, "logit-adjustment")                        \
    ROW(CDT, cdt, "cdt")                                                               \
    ROW(LDAM, ldam, "ldam")                                                            \
    ROW(LABEL_AWARE, label_aware, "label-aware-smoothing")

/** Heads, from features to logits: td_head_<function> of src/net. */
#define TD_HEADS(ROW)                                                                  \
    ROW(LINEAR, linear, "linear")                                                      \
    ROW(NORMALISED, normalised, "normalised")                                          \
    ROW(ETF, etf, "etf")

/** Relaxations, from alphas to weights of operations: td_relaxation_<function> of
 *  src/arch. */
#define TD_RELAXATIONS(ROW)                                                            \
    ROW(SOFTMAX, softmax, "softmax")                                                   \
    ROW(SIGMOID, sigmoid, "sigmoid")                                                   \
    ROW(GUMBEL, gumbel, "gumbel")                                                      \
    ROW(GDAS, gdas, "gdas")                                                            \
    ROW(REINMAX, reinmax, "reinmax")                                                   \
    ROW(DIRICHLET, dirichlet, "dirichlet")

/** Penalties of the architecture, each the name of its keys arch.penalty.<name> and of
 *  its function in src/arch/penalties.c, with what its weight is of. */
#define TD_PENALTIES(ROW)                                                              \
    ROW(ZERO_ONE_L2, zero_one_l2, "decided sigmoids: -mean (sigmoid - 1/2)^2")         \
    ROW(ZERO_ONE_L1, zero_one_l1, "decided sigmoids: -mean |sigmoid - 1/2|")           \
    ROW(BETA_DECAY, beta_decay, "level alphas: mean of log sum exp")                   \
    ROW(ENTROPY, entropy, "decided edges: mean entropy of softmax")                    \
    ROW(FLOPS, flops, "cheap cells: expected multiply-adds over the supernet's")       \
    ROW(ANCHOR_L2, anchor_l2, "dirichlet near even: half the sum of squares")          \
    ROW(ANCHOR_KL, anchor_kl, "dirichlet near even: KL to Dirichlet(1)")

/** Layers between images and cells. */
#define TD_STEMS(ROW) ROW(CIFAR, "cifar") ROW(IMAGENET, "imagenet")

/** How the weights of operations are disturbed in weight steps: src/step/perturb.c. */
#define TD_PERTURBATIONS(ROW)                                                          \
    ROW(NONE, "none")                                                                  \
    ROW(RANDOM, "random")                                                              \
    ROW(ADVERSARIAL, "adversarial")

/** How gradients are summed over ranks: td_reducer_<function> of src/comm. */
#define TD_REDUCERS(ROW)                                                               \
    ROW(BLOCKING, blocking, "blocking")                                                \
    ROW(OVERLAPPED, overlapped, "overlapped")                                          \
    ROW(RING, ring, "ring")

#endif
