/** Floor 7: timing of whole steps, and what more ranks would make of them.
 *
 *  The JSON object has, in seconds, bytes and FLOP/s: medians of a step and its parts
 *  (step_seconds … forward_seconds), images_per_second of the weight half,
 *  flops_per_step, sgemm_peak_flops (all ranks at once, added up), fraction_of_peak;
 *  transfer_seconds and wait_seconds of a step's sums over ranks, mean over steps (of
 *  wait also over ranks); peak_rss_bytes, planned_bytes, recomputing_cells; hosts, mpi,
 *  commit, ranks, threads, isa, cpu, blas_core; and the sizes of the network.
 *
 *  With --mpi also:
 *  - ranks_measured: for each rank host, gemm_flops, passes_seconds (a step without its
 *    sums, mean) and passes_deviation; slow_rank is the one whose passes take longest;
 *  - links: for each pair measured ranks, latency_seconds (half a round trip of 8
 *    bytes), bandwidth (bytes/s of 4 MB); slow_link is one of them, link the medians,
 *    those between hosts where there are several, or what --link gave;
 *  - sums: what a step adds up over ranks: name, bytes, calls_per_step, and seconds by
 *    each reducer;
 *  - step_model: fixed_seconds and image_seconds of a rank's passes, noise (deviation
 *    over ranks and steps, a share of the mean), add_seconds_per_byte, reduce
 *    (what makes its sums);
 *  - predicted: for each mode and number of ranks batch, seconds, transfer_seconds,
 *    wait_seconds, efficiency; absent without a link. */
#ifndef TAILDART_BENCH_H
#define TAILDART_BENCH_H

#include "taildart/comm.h"
#include "taildart/config.h"
#include "taildart/scaling.h"

TD_PUBLIC_BEGIN

/** What a bench does beside timing, and how it prints. */
typedef struct {
    bool mpi;             /**< measure links and ranks, predict                      */
    bool json;            /**< one JSON object instead of a table                    */
    bool csv;             /**< rows of scaling.csv instead of a table                */
    td_scaling_mode mode; /**< of these                                              */
    const char *label;    /**< of these; borrowed                                    */
    bool has_link;        /**< predict for this link, not for those measured         */
    td_link link;         /**< which                                                 */
    int64_t strong; /**< images of all ranks in strong predictions; 0: this run's */
} td_bench_options;

/** Time whole steps on synthetic images; print a table, one JSON object or rows.
 *  Collective.  \param [in] settings  rank 0; NULL on the others
 *  \param [in] options  rank 0's count */
td_status td_bench_run(td_comm *world, td_settings *settings,
                       const td_bench_options *options);

TD_PUBLIC_END

#endif
