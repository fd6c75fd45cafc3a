/* Measurements of bench.c, as print.c prints them. */
#ifndef TD_BENCH_BENCH_H
#define TD_BENCH_BENCH_H

#include "taildart/config.h"
#include "taildart/machine_begin.h"
#include "taildart/step.h"

/* Timers: the step, its phases, and a forward pass for evaluation. */
typedef enum {
    TD_BENCH_STEP,
    TD_BENCH_ARCH,
    TD_BENCH_ARCH_FORWARD,
    TD_BENCH_ARCH_BACKWARD,
    TD_BENCH_WEIGHT,
    TD_BENCH_WEIGHT_FORWARD,
    TD_BENCH_WEIGHT_BACKWARD,
    TD_BENCH_UPDATE,
    TD_BENCH_COMM,
    TD_BENCH_FORWARD,
    TD_BENCH_TIMERS
} td_bench_timer;

typedef struct {
    td_comm *world;          /* borrowed */
    const td_config *config; /* borrowed */
    td_machine machine;
    td_net_spec spec;
    td_genotype genotype;    /* spec.genotype, where a derived network is timed */
    int32_t *indices;        /* owned: (batch) in the whole batch */
    td_stepper *stepper;     /* owned */
    td_search_state *state;  /* owned */
    td_step_batches batches; /* images and labels owned */
    td_real *logits;         /* owned: (batch, classes) */
    int branches;
    double *seconds[TD_BENCH_TIMERS]; /* owned: (bench.steps) each               */
    double peak;                      /* FLOP/s of all ranks                     */
    double rss;                       /* bytes of the rank that holds most       */
    td_net_plan plan;                 /* of a rank                               */
} td_bench;

/* Print the report, as one JSON object or line by line; sorts the seconds.
 * Not collective. */
void td_bench_print(td_bench *b, bool json);

#endif
