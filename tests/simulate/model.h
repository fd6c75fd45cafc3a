/* A model of a node: what its passes cost. */
#ifndef SIMULATE_MODEL_H
#define SIMULATE_MODEL_H

/* What costs time, in the order of a model's columns. */
typedef enum {
    WEIGHT_FORWARD,
    WEIGHT_BACKWARD,
    ARCH_FORWARD,
    ARCH_BACKWARD,
    EVALUATION, /* forward alone */
    UPDATE,     /* of the weights, whatever the number of images */
    STAGES
} model_stage;

/* Seconds of a stage with so many images on this rank: as measured, between two rows as
 * on a line.  With TAILDART_NOISE, a relative deviation, each call is disturbed; a rank
 * that comes to the same call again is disturbed in the same way. */
double model_seconds(model_stage stage, int images);

/* How many stages this rank has done. */
unsigned model_stages_done(void);

#endif
