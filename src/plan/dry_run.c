/* The text of --dry-run besides the keys.  It works without ranks: how many there will
 * be is what the launcher says. */
#include <math.h>

#include "plan.h"

#include "taildart/base_run_files.h"
#include "taildart/formats.h"

/* What the data set and a tail leave of each class: as many numbers as classes. */
static void write_tail(td_text *text, const td_selection *selection)
{
    int64_t sum = 0;
    for (int c = 0; c < selection->classes; c++)
        sum += selection->counts[c];
    td_text_write(text, "tail       %lld images:", (long long) sum);
    for (int c = 0; c < selection->classes; c++)
        td_text_write(text, " %lld", (long long) selection->counts[c]);
    td_text_write(text, "\n");
}

static void write_data(td_text *text, const td_plan *plan)
{
    const td_data_info *info = plan->info;
    const td_selection *selection = plan->selection;
    char path[512];
    td_text_show(path, sizeof path, plan->config->data.path);
    td_text_write(text,
                  "data       %s: %lld training and %lld test images of %d classes, "
                  "%dx%dx%d\n",
                  path, (long long) info->train_count, (long long) info->test_count,
                  info->classes, info->height, info->width, info->channels);
    td_text_write(text,
                  plan->kind->halves > TD_HALF_ARCH
                      ? "halves     weights %lld, architecture %lld images\n"
                      : "parts      train %lld, held-out %lld images\n",
                  (long long) selection->half_count[TD_HALF_WEIGHTS],
                  (long long) selection->half_count[TD_HALF_ARCH]);
}

/* Names of classes with their images, as many as a screen has room for. */
static void write_classes(td_text *text, const td_dataset *dataset,
                          const td_selection *selection)
{
    enum { MOST = 40 };
    td_text line = { 0 };
    for (int c = 0; c < selection->classes && c < MOST; c++) {
        char name[128];
        td_text_show(name, sizeof name, dataset->class_names[c]);
        td_text_write(&line, "%s%s %lld", c > 0 ? ", " : "", name,
                      (long long) selection->counts[c]);
    }
    if (selection->classes > MOST)
        td_text_write(&line, " and %d more", selection->classes - MOST);
    td_plan_write_line(text, "classes", line.chars);
}

/* This process would be rank 0; the others are taken to be on hosts as full as ours. */
static void hold_memory(const td_plan *plan, double rank_bytes, double root_bytes)
{
    int local = td_launch_local_ranks();
    td_memory *all = td_malloc((size_t) local * sizeof *all);
    for (int r = 0; r < local; r++) {
        td_memory_read(&all[r], "");
        all[r].planned = rank_bytes + (r == 0 ? root_bytes : 0.0);
    }
    td_plan_note_memory(plan, all, local);
    td_free(all);
}

/* \a first: the network that the run begins with, \a net: the largest that it has. */
static void write_memory(td_text *text, const td_plan *plan, const td_net_plan *first,
                         const td_net_plan *net, const td_plan_bytes *bytes)
{
    char rank_text[TD_BYTES_TEXT], root_text[TD_BYTES_TEXT], free_text[TD_BYTES_TEXT];
    double rank_bytes = td_plan_sum(bytes);
    double root_bytes = td_plan_root_bytes(plan, net);
    td_memory here;
    td_memory_read(&here, "");
    td_text_write(text,
                  "parameters %zu\nplanned bytes %.0f (%s per rank, %d rank%s of %d "
                  "thread%s",
                  first->parameters, rank_bytes, td_bytes_text(rank_bytes, rank_text),
                  plan->ranks, td_noun(plan->ranks, "", "s"), plan->threads,
                  td_noun(plan->threads, "", "s"));
    char *table = td_plan_memory_parts(bytes, plan->ranks, td_launch_local_ranks());
    td_text_write(text,
                  ")\n%smemory     rank 0 holds %s more; %s are free on this host\n",
                  table, td_bytes_text(root_bytes, root_text),
                  td_bytes_text(fmin(here.free, here.limit.value), free_text));
    if (first->recomputing > 0)
        td_text_write(text, "recompute  %d of %d cells computed twice to save memory\n",
                      first->recomputing, plan->spec.cells);
    td_free(table);
    hold_memory(plan, rank_bytes, root_bytes);
}

/* \param [out] net  the largest that the run has */
static td_status write_network(td_text *text, td_plan *plan, td_net_plan *net)
{
    int threads = 0;
    td_status status = td_threads_asked(plan->config->run.threads, &threads);
    if (status != TD_OK)
        return status;
    plan->threads = threads > 0 ? threads : td_threads_expected();
    td_net_plan first;
    td_plan_bytes bytes;
    status = td_plan_measure_network(plan, &first, &bytes);
    if (status == TD_OK)
        status = td_plan_measure(plan, net, &bytes);
    if (status != TD_OK)
        return status;
    TD_ASSERT(first.parameters > 0);
    td_plan_write_line(text, "stem", td_plan_stem(&plan->spec));
    write_memory(text, plan, &first, net, &bytes);
    if (plan->kind->write_network)
        plan->kind->write_network(text, plan);
    return TD_OK;
}

/* What the network takes of a machine, and of time. */
static td_status write_time(td_text *text, const td_plan *plan)
{
    td_plan_duration duration;
    td_status status = td_plan_time(&duration, plan);
    if (status != TD_OK)
        return status;
    if (!duration.is_known) {
        td_plan_write_line(text, "time",
                           td_strdup("not measured: the network has no room in the "
                                     "memory that is free here"));
        return TD_OK;
    }
    td_plan_write_line(
        text, "work",
        td_format("%.3g million MACs per image in one direction, with all operations",
                  duration.flops / 2e6));
    td_plan_write_line(text, "time", td_plan_time_line(plan, &duration));
    return TD_OK;
}

/* What a run will leave; weights are there with their momentum, alphas are small. */
static void write_files(td_text *text, const td_plan *plan, const td_net_plan *net)
{
    const char *out = plan->config->run.out;
    char bytes[TD_BYTES_TEXT], folder[512];
    td_text_show(folder, sizeof folder, out[0] ? out : "the run directory (--out)");
    td_bytes_text(2.0 * (double) net->weights * sizeof(td_real), bytes);
    td_plan_write_line(
        text, "writes",
        td_format("%s: " TD_RUN_CHECKPOINT " of %s, the one before it, %s" TD_RUN_CONFIG
                  ", " TD_RUN_METRICS ", " TD_RUN_GENOTYPE " and .json, " TD_RUN_TIMING
                  ", " TD_RUN_STARTS ", " TD_RUN_BEAT ", " TD_RUN_LOG,
                  folder, bytes,
                  plan->kind->keeps_best && td_plan_holds_out(plan->selection)
                      ? TD_RUN_BEST ", "
                      : ""));
}

/* What may be long comes first: the last lines of a screen have data, memory, time and
 * files. */
static td_status write_plan(td_text *text, td_plan *plan, const td_dataset *dataset)
{
    char *epochs = td_plan_epochs_text(plan->config);
    write_tail(text, plan->selection);
    write_classes(text, dataset, plan->selection);
    write_data(text, plan);
    td_plan_write_line(text, "augment", td_plan_augmentation(plan->config, plan->info));
    td_plan_tell_doubts(plan);
    td_text_write(text, "steps      %lld per epoch, %s\n", (long long) plan->steps,
                  epochs);
    td_free(epochs);
    td_net_plan net = { 0 };
    td_status status = write_network(text, plan, &net);
    if (status == TD_OK)
        status = write_time(text, plan);
    if (status == TD_OK)
        write_files(text, plan, &net);
    return status;
}

/* Shards, and the network of a rank, as the ranks that the launcher announces will have
 * them. */
static td_status plan_images(td_text *text, const td_settings *settings,
                             const td_genotype *genotype, const td_dataset *dataset,
                             bool is_in_file)
{
    const td_config *config = td_settings_config(settings);
    const td_run_kind *kind = td_run_kind_of(config->command);
    td_selection *selection = NULL;
    int batch = config->search.batch, ranks = td_launch_ranks();
    int shards = config->data.shards > 0 ? config->data.shards : ranks;
    td_status status = td_plan_check_trunk(config, &dataset->info);
    if (status == TD_OK)
        status = td_selection_of(&selection, config, dataset);
    if (status == TD_OK)
        status = td_shards_check(selection, config, ranks, shards);
    if (status == TD_OK)
        status = td_plan_check_losses(kind, config, selection);
    if (status == TD_OK) {
        td_plan plan = {
            .kind = kind,
            .settings = settings,
            .config = config,
            .info = &dataset->info,
            .selection = selection,
            .spec =
                td_plan_spec(kind, config, &dataset->info, (batch + ranks - 1) / ranks,
                             (shards + ranks - 1) / ranks, genotype),
            .ranks = ranks,
            .shards = shards,
            .steps = td_epoch_steps(selection, batch),
            .is_in_file = is_in_file,
            .is_mapped = is_in_file,
        };
        plan.hold = td_plan_hold(&plan);
        status = write_plan(text, &plan, dataset);
    }
    td_selection_free(selection);
    return status;
}

static td_status plan_data(const td_settings *settings, const td_genotype *genotype,
                           char **text)
{
    const td_config *config = td_settings_config(settings);
    td_dataset *dataset = NULL;
    td_pixel_map maps[2] = { 0 };
    td_text plan = { 0 };
    td_status status = td_settings_require(settings, "data.path");
    if (status == TD_OK)
        status = td_dataset_open_labels(&dataset, maps, config->data.path,
                                        config->data.pad_to, TD_DATA_TRAIN);
    if (status == TD_OK)
        status = plan_images(&plan, settings, genotype, dataset,
                             maps[TD_PART_TRAIN].count > 0);
    for (int part = 0; part < 2; part++)
        td_pixel_map_clear(&maps[part]);
    td_dataset_free(dataset);
    if (status == TD_OK)
        *text = plan.chars;
    else
        td_free(plan.chars);
    return status;
}

td_status td_plan_text(td_settings *settings, char **text)
{
    const td_config *config = td_settings_config(settings);
    const td_run_kind *kind = td_run_kind_of(config->command);
    td_genotype genotype = { 0 };
    td_status status = kind->settle ? kind->settle(settings) : TD_OK;
    *text = NULL;
    if (status == TD_OK && kind->given)
        status = kind->given(&genotype, config);
    return status == TD_OK ? plan_data(settings, &genotype, text) : status;
}
