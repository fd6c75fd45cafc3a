/** Floor 1: what comes in kinds, a row a kind.
 *
 *  A row is the kind's name in C, that of its function, and the word that a user types.
 *  From one list come the number of each kind (config.h), the words that its keys
 *  accept (keys.c) and the table of functions in the room that serves the kind.  So a
 *  new kind is one row here and one file there; a row without its function does not
 *  link.
 */
#ifndef TAILDART_CONFIG_KINDS_H
#define TAILDART_CONFIG_KINDS_H

/** How a class is drawn: td_sampler_<function> of src/sampling. */
#define TD_SAMPLERS(ROW)                                                               \
    ROW(INSTANCE, instance, "instance")                                                \
    ROW(CLASS_BALANCED, class_balanced, "class-balanced")                              \
    ROW(SQUARE_ROOT, square_root, "square-root")                                       \
    ROW(REVERSED, reversed, "reversed")                                                \
    ROW(EFFECTIVE, effective, "effective-number")

/** What a class weighs in the loss: td_weighting_<function> of src/objective. */
#define TD_WEIGHTINGS(ROW)                                                             \
    ROW(NONE, none, "none")                                                            \
    ROW(INVERSE, inverse, "inverse")                                                   \
    ROW(INVERSE_SQRT, inverse_sqrt, "inverse-sqrt")                                    \
    ROW(EFFECTIVE, effective, "effective")

/** What a step's gradient is of: td_loss_<function> of src/objective. */
#define TD_LOSSES(ROW)                                                                 \
    ROW(CROSS_ENTROPY, cross_entropy, "cross-entropy")                                 \
    ROW(FOCAL, focal, "focal")

/** From architecture parameters to weights: td_relaxation_<function> of src/arch. */
#define TD_RELAXATIONS(ROW)                                                            \
    ROW(SOFTMAX, softmax, "softmax")                                                   \
    ROW(SIGMOID, sigmoid, "sigmoid")

#endif
