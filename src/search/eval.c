/* A checkpoint's network on one part of a data set, with running statistics.
 *
 * Rank 0 hands out the images, a batch a rank, and gets the logits back in order: what
 * is printed and written does not depend on the number of ranks. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "run.h"
#include "share.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"
#include "taildart/store_confusion.h"
#include "taildart/store_logits.h"

typedef enum { TD_EVAL_TEST, TD_EVAL_ARCH, TD_EVAL_WEIGHTS, TD_EVAL_PARTS } eval_part;

static const char *const part_names[TD_EVAL_PARTS] = { "test", "arch", "weights" };

/* What all ranks must know. */
typedef struct {
    td_data_info info;
    int64_t count; /* images of the part */
    int batch, threads;
} eval_plan;

typedef struct {
    td_dist *world;
    int rank, ranks;
    const td_eval_options *options; /* rank 0 */
    td_checkpoint *saved;           /* rank 0 */
    td_dataset *dataset;            /* rank 0 */
    eval_part part;                 /* rank 0 */
    td_settings *settings;          /* of the checkpoint */
    td_config_command command;      /* that saved it     */
    eval_plan plan;
    td_network *net;
    td_search_state *state;
    td_score *score;       /* rank 0 */
    td_real *all_logits;   /* rank 0: (count, classes) */
    uint8_t *pixels;       /* (ranks, batch, image) of one round */
    td_real *images;       /* (batch, image) of this rank */
    td_real *logits;       /* (batch, classes) of this rank */
    td_real *round;        /* rank 0: (ranks, batch, classes) */
    int32_t *round_labels; /* rank 0: (ranks, batch) */
} eval;

/* What is known of each class besides the score. */
typedef struct {
    int64_t *training;  /* (classes) images                                 */
    bool known;         /* whether training, and so by_count, could be told */
    td_group *by_count; /* (classes)                                        */
    td_group *by_range; /* (classes)                                        */
} class_table;

/* ---- what is asked for (rank 0) --------------------------------------------- */

static td_status find_part(eval *e)
{
    for (int i = 0; i < TD_EVAL_PARTS; i++)
        if (strcmp(e->options->part, part_names[i]) == 0) {
            e->part = (eval_part) i;
            return TD_OK;
        }
    return td_error(TD_USAGE, "--part %s: there is no such part: test, arch or weights",
                    e->options->part);
}

static td_half half_of(const eval *e)
{
    return e->part == TD_EVAL_ARCH ? TD_HALF_ARCH : TD_HALF_WEIGHTS;
}

static td_status check_part(const eval *e)
{
    const td_data_info *info = &e->dataset->info;
    if (e->part == TD_EVAL_TEST)
        return info->test_count > 0 ? TD_OK
                                    : td_error(TD_DATA,
                                               "%s: holds no test images: try --part "
                                               "arch",
                                               e->options->data);
    if (e->saved->half_count[half_of(e)] == 0)
        return td_error(TD_DATA,
                        "%s: the run held no images out, so there is no part 'arch': "
                        "try --part test",
                        e->options->checkpoint);
    if (memcmp(info->digest, e->saved->dataset_digest, sizeof info->digest) == 0)
        return TD_OK;
    return td_error(TD_DATA,
                    "%s: not the images that %s was searched on, so it has no part "
                    "'%s' of them",
                    e->options->data, e->options->checkpoint, e->options->part);
}

/* Before the work, not after it. */
static td_status check_outputs(const td_eval_options *options)
{
    td_status status = options->logits ? td_file_try(options->logits) : TD_OK;
    if (status == TD_OK && options->confusion)
        status = td_file_try(options->confusion);
    if (status == TD_OK && options->csv)
        status = td_file_try(options->csv);
    return status;
}

/* Which command saved it: a derived network has no alphas. */
static td_config_command command_of(const td_checkpoint *saved)
{
    return saved->edges > 0 ? TD_FOR_SEARCH : TD_FOR_TRAIN;
}

static td_status open_inputs(eval *e)
{
    td_status status = find_part(e);
    if (status == TD_OK)
        status = check_outputs(e->options);
    if (status == TD_OK)
        status = td_checkpoint_load(&e->saved, e->options->checkpoint);
    if (status != TD_OK)
        return status;
    e->command = command_of(e->saved);
    e->settings = td_settings_new(e->command);
    status =
        td_settings_read_text(e->settings, e->options->checkpoint, e->saved->config);
    if (status == TD_OK)
        status = td_dataset_open_padded(&e->dataset, e->options->data,
                                        td_settings_config(e->settings)->data.pad_to);
    if (status == TD_OK)
        status = check_part(e);
    if (status != TD_OK)
        return status;
    e->plan = (eval_plan){
        .info = e->dataset->info,
        .count = e->part == TD_EVAL_TEST ? e->dataset->info.test_count
                                         : e->saved->half_count[half_of(e)],
        .batch = e->options->batch,
        .threads = e->options->threads,
    };
    return TD_OK;
}

/* ---- network ---------------------------------------------------------------- */

static td_status share_inputs(eval *e)
{
    td_settings *copy = NULL;
    td_status status = e->rank == 0 ? open_inputs(e) : TD_OK;
    status = td_dist_verdict(e->world, status);
    if (status != TD_OK)
        return status;
    td_dist_bcast(e->world, &e->command, sizeof e->command);
    status = td_share_settings(e->world, e->settings, e->command, &copy);
    if (e->rank != 0)
        e->settings = copy;
    if (status == TD_OK)
        td_dist_bcast(e->world, &e->plan, sizeof e->plan);
    return status;
}

static td_status load_network(eval *e)
{
    td_machine machine;
    td_status status = td_machine_begin(&machine, e->world, e->plan.threads);
    if (status != TD_OK)
        return status;
    const td_config *config = td_settings_config(e->settings);
    td_genotype genotype;
    if (td_config_is_training(config))
        status = td_train_read_genotype(&genotype, config);
    if (status != TD_OK)
        return status;
    td_net_spec spec = td_search_spec(config, &e->plan.info, e->plan.batch, &genotype);
    status = td_dist_verdict(e->world, td_network_new(&e->net, &spec, machine.kernels));
    if (status != TD_OK)
        return status;
    e->state = td_search_state_new(e->net, 0);
    if (e->rank == 0)
        status = td_checkpoint_fits(e->saved, e->state->weight_slots,
                                    e->state->norm_slots, e->state->edges);
    status = td_dist_verdict(e->world, status);
    if (status != TD_OK)
        return status;
    if (e->rank == 0)
        td_search_copy_saved(e->state, e->saved);
    td_search_state_bcast(e->state, e->world);
    return TD_OK;
}

static void make_buffers(eval *e)
{
    TD_ASSERT(e->plan.batch > 0 && e->plan.count > 0);
    size_t batch = (size_t) e->plan.batch, all = batch * (size_t) e->ranks;
    size_t image = td_pixel_count(&e->plan.info),
           classes = (size_t) e->plan.info.classes;
    e->pixels = td_malloc(all * image);
    e->images = td_malloc(batch * image * sizeof(td_real));
    e->logits = td_malloc(batch * classes * sizeof(td_real));
    if (e->rank != 0)
        return;
    e->round = td_malloc(all * classes * sizeof(td_real));
    e->round_labels = td_malloc(all * sizeof(int32_t));
    e->all_logits = td_malloc((size_t) e->plan.count * classes * sizeof(td_real));
    e->score = td_score_new(e->plan.info.classes, e->options->confusion != NULL);
}

/* ---- one round: a batch for every rank -------------------------------------- */

/* Image number \a i of the part, in the order that --logits keeps. */
static void pick(eval *e, int64_t i, int64_t place)
{
    size_t bytes = td_pixel_count(&e->plan.info);
    td_part source = e->part == TD_EVAL_TEST ? TD_PART_TEST : TD_PART_TRAIN;
    TD_ASSERT(i >= 0 && i < e->plan.count);
    int64_t index = e->part == TD_EVAL_TEST ? i : e->saved->half[half_of(e)][i];
    memcpy(e->pixels + (size_t) place * bytes,
           e->dataset->images[source] + (size_t) index * bytes, bytes);
    e->round_labels[place] = e->dataset->labels[source][index];
}

static void compute(eval *e, int count)
{
    td_pass pass = {
        .weights = e->state->weights,
        .alphas = e->state->alphas,
        .running_mean = e->state->running_mean,
        .running_var = e->state->running_var,
        .images = e->images,
        .groups = { count },
        .group_count = 1,
        .mixing = 0.5,
        .request = TD_GRAD_NONE,
    };
    size_t bytes = td_pixel_count(&e->plan.info), batch = (size_t) e->plan.batch;
    if (count <= 0)
        return;
    td_normalise(&e->plan.info, count, e->pixels + (size_t) e->rank * batch * bytes,
                 e->images);
    td_network_forward(e->net, &pass, e->logits);
}

static void run_round(eval *e, int64_t first)
{
    int64_t left = e->plan.count - first, most = (int64_t) e->plan.batch * e->ranks;
    int64_t count = left < most ? left : most;
    size_t classes = (size_t) e->plan.info.classes, batch = (size_t) e->plan.batch;
    TD_ASSERT(count > 0);
    for (int64_t i = 0; e->rank == 0 && i < count; i++)
        pick(e, first + i, i);
    td_dist_bcast(e->world, e->pixels, (size_t) count * td_pixel_count(&e->plan.info));
    int64_t own = count - (int64_t) e->rank * e->plan.batch;
    compute(e, own < e->plan.batch ? (int) own : e->plan.batch);
    td_dist_gather(e->world, e->round, e->logits, batch * classes * sizeof(td_real));
    if (e->rank != 0)
        return;
    td_score_add(e->score, e->round, e->round_labels, (int) count);
    memcpy(e->all_logits + (size_t) first * classes, e->round,
           (size_t) count * classes * sizeof(td_real));
}

/* ---- result (rank 0) -------------------------------------------------------- */

typedef char figure[16];

static const char *show(figure text, double value)
{
    if (isnan(value))
        snprintf(text, sizeof(figure), "n/a");
    else
        snprintf(text, sizeof(figure), "%.4f", value);
    return text;
}

/* Training images of each class before the halves were cut: the two halves together.
 * \return false when \a data does not hold the images of the run */
static bool count_training(const eval *e, int64_t *counts)
{
    const td_data_info *info = &e->dataset->info;
    memset(counts, 0, (size_t) info->classes * sizeof *counts);
    if (memcmp(info->digest, e->saved->dataset_digest, sizeof info->digest) != 0)
        return false;
    for (int half = 0; half < 2; half++)
        for (int64_t i = 0; i < e->saved->half_count[half]; i++) {
            int64_t index = e->saved->half[half][i];
            TD_ASSERT(index >= 0 && index < info->train_count);
            counts[e->dataset->labels[TD_PART_TRAIN][index]]++;
        }
    return true;
}

static void print_groups(const td_measures *m, const char *name, const td_group *groups,
                         const char *what)
{
    printf("%-10s", name);
    for (int g = 0; g < TD_GROUPS; g++) {
        figure text = "n/a";
        if (groups)
            show(text, td_measures_group(m, groups, (td_group) g));
        printf(" %-8s", text);
    }
    printf(" %s\n", what);
}

static void print_all_groups(const td_measures *m, const class_table *table)
{
    printf("%-10s %-8s %-8s %s\n", "groups", td_group_name(TD_GROUP_MANY),
           td_group_name(TD_GROUP_MEDIUM), td_group_name(TD_GROUP_FEW));
    print_groups(m, "by count", table->known ? table->by_count : NULL,
                 table->known ? "more than 100, 20 to 100, fewer training images"
                              : "the run's training images are not in --data");
    print_groups(m, "by range", table->by_range,
                 "thirds of the classes, in their order");
}

static void print_class(const eval *e, const class_table *table, int c)
{
    const td_measures *m = e->score->measures;
    figure text;
    printf("%5d  %7lld  %8s", c, (long long) m->count[c],
           m->count[c] > 0 ? show(text, td_measures_class(m, c)) : "-");
    if (table->known)
        printf("  %8lld  %8s", (long long) table->training[c],
               td_group_name(table->by_count[c]));
    else
        printf("  %8s  %8s", "n/a", "n/a");
    printf("  %8s  %s\n", td_group_name(table->by_range[c]),
           e->dataset->class_names[c]);
}

static void print_classes(const eval *e, const class_table *table)
{
    printf("%5s  %7s  %8s  %8s  %8s  %8s  %s\n", "class", "images", "accuracy",
           "training", "by count", "by range", "name");
    for (int c = 0; c < e->score->measures->classes; c++)
        print_class(e, table, c);
}

static void print(const eval *e, const class_table *table)
{
    const td_measures *m = e->score->measures;
    figure text;
    const char *label = e->saved->label;
    printf("checkpoint %s%s%s%s, after %lld epochs and %lld steps\n",
           e->options->checkpoint, label ? " (" : "", label ? label : "",
           label ? ")" : "", (long long) e->saved->progress.epoch,
           (long long) e->saved->progress.step);
    printf("part       %s of %s, %lld images\n", e->options->part, e->options->data,
           (long long) e->plan.count);
    printf("loss       %.4f\n", td_score_loss(e->score));
    printf("top-1      %.4f\n", td_measures_top1(m));
    printf("balanced   %.4f\n", td_measures_balanced(m));
    printf("ece        %s (expected calibration error, %d bins)\n",
           show(text, td_measures_calibration(m)), TD_CONFIDENCE_BINS);
    print_all_groups(m, table);
    if (e->options->per_class)
        print_classes(e, table);
}

/* ---- files (rank 0) ----------------------------------------------------------- */

/* What is not known is an empty field. */
static void write_figure(td_text *text, double value)
{
    if (!isnan(value))
        td_text_write(text, "%.6f", value);
}

static td_status write_csv(const eval *e, const class_table *table)
{
    const td_measures *m = e->score->measures;
    td_text text = { 0 };
    td_text_write(&text, "top1,balanced,many,medium,few,ece\n");
    write_figure(&text, td_measures_top1(m));
    td_text_write(&text, ",");
    write_figure(&text, td_measures_balanced(m));
    for (int g = 0; g < TD_GROUPS; g++) {
        td_text_write(&text, ",");
        if (table->known)
            write_figure(&text, td_measures_group(m, table->by_count, (td_group) g));
    }
    td_text_write(&text, ",");
    write_figure(&text, td_measures_calibration(m));
    td_text_write(&text, "\n");
    td_status status = td_file_write(e->options->csv, text.chars, text.length);
    td_free(text.chars);
    return status;
}

static td_status write_files(const eval *e, const class_table *table)
{
    const td_eval_options *options = e->options;
    td_status status = TD_OK;
    if (options->logits)
        status = td_logits_write(options->logits, e->all_logits, e->plan.count,
                                 e->plan.info.classes);
    if (status == TD_OK && options->confusion)
        status = td_confusion_write(
            options->confusion, e->score->measures->confusion,
            (const char(*)[TD_CLASS_NAME_BYTES]) e->dataset->class_names,
            e->plan.info.classes);
    if (status == TD_OK && options->csv)
        status = write_csv(e, table);
    return status;
}

static td_status tell(const eval *e)
{
    size_t classes = (size_t) e->score->measures->classes;
    class_table table = {
        .training = td_malloc(classes * sizeof *table.training),
        .by_count = td_malloc(classes * sizeof *table.by_count),
        .by_range = td_malloc(classes * sizeof *table.by_range),
    };
    table.known = count_training(e, table.training);
    td_groups_by_count(table.training, (int) classes, table.by_count);
    td_groups_by_range((int) classes, table.by_range);
    print(e, &table);
    td_status status = write_files(e, &table);
    td_free(table.by_range);
    td_free(table.by_count);
    td_free(table.training);
    return status;
}

static void clear(eval *e)
{
    td_free(e->round_labels);
    td_free(e->round);
    td_free(e->logits);
    td_free(e->images);
    td_free(e->pixels);
    td_free(e->all_logits);
    td_score_free(e->score);
    td_search_state_free(e->state);
    if (e->net)
        td_network_free(e->net);
    td_settings_free(e->settings);
    td_dataset_free(e->dataset);
    td_checkpoint_free(e->saved);
}

td_status td_eval_run(td_dist *world, const td_eval_options *options)
{
    eval e = {
        .world = world,
        .rank = td_dist_rank(world),
        .ranks = td_dist_size(world),
        .options = options,
    };
    td_status status = share_inputs(&e);
    if (status == TD_OK)
        status = load_network(&e);
    if (status == TD_OK) {
        int64_t most = (int64_t) e.plan.batch * e.ranks;
        make_buffers(&e);
        for (int64_t first = 0; first < e.plan.count; first += most)
            run_round(&e, first);
        status = td_dist_verdict(world, e.rank == 0 ? tell(&e) : TD_OK);
    }
    clear(&e);
    return status;
}
