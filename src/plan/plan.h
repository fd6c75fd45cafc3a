/* Inside of the room: what the files of a start, --dry-run and the kinds share. */
#ifndef TD_PLAN_PLAN_H
#define TD_PLAN_PLAN_H

#include "taildart/base_log.h"
#include "taildart/base_memory.h"
#include "taildart/machine_memory.h"
#include "taildart/plan.h"

/* ---- half.c: what the steps of a half draw by and go down ------------------------ */

typedef struct {
    const char *group;   /* of its keys: "weights", "arch" */
    const char *sampler; /* key */
    int sampled_by;      /* td_sampler_kind */
    int weighting;       /* td_weighting */
    int weighted_from;   /* epoch */
    const td_loss_keys *loss;
} td_plan_half;

td_plan_half td_plan_half_of(const td_config *config, td_half half);

/* ---- retrain.c: a classifier that learns anew (train.from) ----------------------- */

/* Replace a name of a genotype, and where there is a checkpoint to begin from, take the
 * network from it. */
td_status td_plan_settle_training(td_settings *settings);

/* Whether that network fits the images: what a start would refuse. */
td_status td_plan_check_trunk(const td_config *config, const td_data_info *info);

/* ---- searched.c: the run that a cell is from ------------------------------------- */

/* NOTE keys that go with a cell and are others in the run that a \a genotype, as it was
 * given, is from: net.stem. */
void td_plan_note_search(const td_settings *settings, const char *genotype);

/* ---- spec.c: the network -------------------------------------------------------- */

/* The network of a stage, from that of the plan; of a stage that is still to come the
 * largest that it can be. */
td_net_spec td_plan_stage_spec(const td_plan *plan, int number);

/* ---- stages.c: a search in stages ------------------------------------------------ */

/* "2, epochs 26 to 50: 11 cells, 5 operations per edge, at most 1.2 GB per rank", for
 * td_free. */
char *td_plan_stage_line(const td_plan *plan, int number);

/* Stages that never begin, or do not choose. */
void td_plan_doubt_stages(const td_plan *plan);

/* The most operations that net.operations gives an edge. */
int td_plan_most_operations(const td_config *config);

/* The most that an edge has in an epoch, after search.stages and search.prune. */
int td_plan_operations_at(const td_config *config, int epoch);

/* ---- projection.c ---------------------------------------------------------------- */

/* Its decisions, epochs and passes, for td_free; NULL without one. */
char *td_plan_projection_line(const td_plan *plan);

/* "130 epochs, 50 of alphas": of a run, and of a search without its projection; for
 * td_free. */
char *td_plan_epochs_text(const td_config *config);

/* Classes of which no image decides. */
void td_plan_doubt_projection(const td_plan *plan);

/* ---- duration.c: how long a run will take ---------------------------------------- */

/* Seconds of all steps, and of them with all that is judged between. */
typedef struct {
    double steps, all;
    double flops;  /* of a forward pass of an image, with all operations */
    bool is_known; /* false: a network has no room here */
} td_plan_duration;

/* Seconds of a pass for each image of a branch: there and back with the gradients
 * named, and there alone. */
typedef struct {
    double weights, alphas, both, forward;
    double flops;   /* of a forward pass */
    bool is_single; /* one operation of each edge was computed */
} td_plan_passes;

/* Add what a stage takes, with a projection behind the last one. */
void td_plan_count_time(td_plan_duration *duration, const td_plan *plan, int number,
                        const td_plan_passes *passes);

/* Time small passes of the run's networks, for some two seconds, and count what the run
 * has of them.  \return as td_network_new() */
td_status td_plan_time(td_plan_duration *duration, const td_plan *plan);

/* "about 3 h 10 min on hosts like this: 50 epochs of 97 steps of 2.3 s", for
 * td_free. */
char *td_plan_time_line(const td_plan *plan, const td_plan_duration *duration);

/* ---- memory.c: the memory of a run, held against the host ------------------------ */

/* td_plan_measure() of the network at hand alone. */
td_status td_plan_measure_network(const td_plan *plan, td_net_plan *net,
                                  td_plan_bytes *bytes);

/* What ranks hold, as far as one process can tell. */
td_hold td_plan_hold(const td_plan *plan);

/* Two lines of a table: what the bytes of a rank are for; a third for its host. */
char *td_plan_memory_table(const td_plan_bytes *bytes, int ranks, int local);

/* The same below a line that has their sum, which is not said again. */
char *td_plan_memory_parts(const td_plan_bytes *bytes, int ranks, int local);

/* Memory of rank 0 beyond that of the others: the data set while it shares it out,
 * labels and checks alone where pixels lie in a file; later the checkpoint while it is
 * written. */
double td_plan_root_bytes(const td_plan *plan, const td_net_plan *net);

/* The NOTE of a launch that does not fit: what is missing where, and what would need
 * less, with figures.  \a all: planned bytes of each rank. */
void td_plan_note_memory(const td_plan *plan, const td_memory *all, int ranks);

/* ---- say.c: lines of a start ----------------------------------------------------- */

enum { TD_PLAN_INDENT = 11 }; /* behind the word that begins a line */

#define TD_SAY(...) td_log_wrapped(TD_LOG_INFO, TD_PLAN_INDENT, __VA_ARGS__)

/* Write a line of --dry-run: its words behind a title, broken at 80 columns.  \a words:
 * are freed; NULL: nothing is written. */
void td_plan_write_line(td_text *text, const char *title, char *words);

/* Text of a key, as the files spell it; borrowed until the next but three calls. */
const char *td_plan_value(const td_plan *plan, const char *key);

/* " of each stage" behind epochs of a search in stages; "" elsewhere. */
const char *td_plan_whose_epochs(const td_plan *plan);

/* Write the values of a schedule in the first, the middle and the last epoch, where
 * they differ.  \a offset: of the rate in td_step_rates.  \return for td_free */
char *td_plan_course(const td_plan *plan, size_t offset);

/* "class-balanced from epoch 10": a half's sampler.  \return for td_free */
char *td_plan_sampler(const td_plan *plan, td_half half);

/* The line on mixed images, where there are some. */
void td_plan_tell_mixes(const td_plan *plan);

/* What stands before the cells, and zeros around the images, for td_free; NULL: a plain
 * convolution of the images as they are. */
char *td_plan_stem(const td_net_spec *spec);

/* Describe the augmentation of images on their way into a batch.  \return for
 * td_free */
char *td_plan_augmentation(const td_config *config, const td_data_info *info);

/* ---- doubts.c: what cannot have been meant ------------------------------ */

#define TD_DOUBT(...) td_log(TD_LOG_NOTE, __VA_ARGS__)

/* NOTEs on what is allowed alone, but hardly meant together. */
void td_plan_tell_doubts(const td_plan *plan);

/* Least and largest of a rate over the run; \a offset: of it in td_step_rates. */
void td_plan_range(const td_plan *plan, size_t offset, double *least, double *most);

/* Whether a key is off its default.  \param [out] value  (TD_TEXT_BYTES) */
bool td_plan_is_off_default(const td_plan *plan, const char *key, char *value);

/* ---- courses.c: the schedules of a run ------------------------------------------ */

typedef struct {
    const char *key;   /* "arch.lr": what its keys begin with */
    const char *title; /* of its value */
    const char *line;  /* of a start, where that is not the title; or NULL */
    size_t schedule;   /* its place in td_config … */
    size_t rate;       /* … and that of its value in td_step_rates */
    double idle;       /* value that changes nothing; NaN: there is none */
} td_plan_schedule;

/* Those that runs of a kind have, one after another.  \a before: NULL at first.
 * \return NULL behind the last one */
const td_plan_schedule *td_plan_schedule_next(const td_run_kind *kind,
                                              const td_plan_schedule *before);

/* Its keys' values. */
const td_schedule *td_plan_schedule_in(const td_plan_schedule *row,
                                       const td_config *config);

#endif
