/* Measurements of bench.c, and of a cluster by probe.c, as print.c, cluster_print.c,
 * cluster_json.c and rows.c print them. */
#ifndef TD_BENCH_BENCH_H
#define TD_BENCH_BENCH_H

#include "taildart/base_text.h"
#include "taildart/bench.h"
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

/* ---- a cluster --------------------------------------------------------------- */

/* One rank; plain bytes. */
typedef struct {
    char host[TD_HOST_BYTES];
    double flops;     /* FLOP/s of a matrix product, all ranks at once      */
    double passes;    /* mean seconds of a step without reductions          */
    double deviation; /* of that from step to step                          */
    double alone;     /* as passes, of a step of one image                  */
} td_bench_rank;

/* The link between two ranks; plain bytes. */
typedef struct {
    int a, b; /* a < b; both -1 for none */
    td_link link;
} td_bench_pair;

/* The sums of a kind in a step. */
typedef struct {
    double bytes;                     /* of one; 0 without any */
    double calls;                     /* in a step             */
    double seconds[TD_REDUCER_COUNT]; /* of one, by each reducer */
} td_bench_sum;

enum { TD_BENCH_WEIGHT_SUM, TD_BENCH_ARCH_SUM, TD_BENCH_SUM_COUNT };

/* What the ranks are together; on rank 0. */
typedef struct {
    td_bench_rank *ranks; /* owned: (ranks)      */
    td_bench_pair *pairs; /* owned: (pair_count) */
    int pair_count;       /* 0 on one rank       */
    bool crosses_hosts;   /* whether any pair does */
    td_step_measured step;
    bool can_predict; /* a link was measured or given */
} td_bench_cluster;

/* ---- bench ------------------------------------------------------------------- */

typedef struct {
    td_comm *world;          /* borrowed */
    const td_config *config; /* borrowed */
    td_bench_options options;
    td_machine machine;
    td_net_spec spec;
    td_genotype genotype;    /* spec.genotype, where a derived network is timed */
    int32_t *indices;        /* owned: (batch) in the whole batch */
    int *shards;             /* owned: (shard_count) images of each */
    int shard_count;         /* of a rank */
    td_stepper *stepper;     /* owned */
    td_search_state *state;  /* owned */
    td_step_batches batches; /* images and labels owned */
    td_real *logits;         /* owned: (batch, classes) */
    int branches;
    double *seconds[TD_BENCH_TIMERS]; /* owned: (bench.steps) each               */
    double transfer, wait;            /* of a step's reductions, means over ranks */
    td_bench_sum sums[TD_BENCH_SUM_COUNT];
    double own_peak;          /* FLOP/s of this rank                     */
    double peak;              /* of all ranks                            */
    double rss;               /* bytes of the rank that holds most       */
    td_net_plan plan;         /* of a rank                               */
    char *hosts;              /* owned: names of all hosts, by semicolons */
    td_bench_cluster cluster; /* with options.mpi                        */
} td_bench;

/* ---- steps.c ----------------------------------------------------------------- */

/* Time the steps, after those of the warm-up; fills seconds, sums, transfer and wait.
 * Collective. */
td_status td_bench_run_steps(td_bench *b);

/* ---- rounds.c: who meets whom ------------------------------------------------ */

/* Rounds of a tournament in which each of \a ranks meets each other once. */
int td_bench_rounds(int ranks);

/* The rank that one meets in a round; -1 for none. */
int td_bench_partner(int ranks, int round, int rank);

/* ---- links.c, probe.c: what is measured -------------------------------------- */

/* Measure the links between ranks: all of them where there are few, else as many
 * rounds as take a few seconds.  Collective.  \param [out] pairs  rank 0: for td_free
 * \return how many, on rank 0 */
int td_bench_links(td_comm *world, td_bench_pair **pairs);

/* Measure links, sums, ranks and the network's step, for predictions.  Collective. */
td_status td_bench_probe(td_bench *b);

/* ---- cluster.c: what of that is usual, what is slow -------------------------- */

/* Whether any pair of the list does.  Not collective. */
bool td_bench_crosses_hosts(const td_bench_cluster *c);

/* The link that predictions go by, and the slowest pair; of \a pairs those between
 * hosts, unless all are on one.  Not collective. */
td_link td_bench_usual_link(const td_bench_cluster *c);
const td_bench_pair *td_bench_slow_pair(const td_bench_cluster *c);

/* The rank whose passes take longest, the one with the fewest FLOP/s, and the median of
 * those.  Not collective. */
int td_bench_slow_rank(const td_bench_cluster *c, int ranks);
int td_bench_weak_rank(const td_bench_cluster *c, int ranks);
double td_bench_usual_flops(const td_bench_cluster *c, int ranks);

/* The numbers of ranks that are predicted, 0 behind the last. */
extern const int td_bench_counts[];

/* Predict a step: weak with this run's images per rank, strong with --strong or the
 * whole batch of this run.  Not collective. */
td_step_cost td_bench_predict(const td_bench *b, td_scaling_mode mode, int ranks);

/* "weights", "alphas".  Not collective. */
const char *td_bench_sum_name(int sum);

/* ---- what is printed --------------------------------------------------------- */

/* Print the report, as one JSON object or line by line; sorts the seconds.
 * Not collective. */
void td_bench_print(td_bench *b);

/* Print what was measured of ranks and links, and the predictions, in 80 columns. */
void td_bench_print_cluster(const td_bench *b);

/* Write the same as members of a JSON object, each after a comma.  Not collective. */
void td_bench_write_cluster(td_text *text, const td_bench *b);

/* Print rows of scaling.csv: this run's, with --mpi also the predictions.
 * Not collective. */
void td_bench_print_rows(td_bench *b);

#endif
