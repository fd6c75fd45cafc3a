/* All of a run as one checkpoint. */
#include <string.h>

#include "run.h"
#include "taildart/base_text.h"
#include "taildart/store_version.h"

/* Names as the data set has them, a line each; for td_free. */
static char *names_of(const td_dataset *dataset)
{
    td_text text = { 0 };
    TD_ASSERT(dataset->class_names);
    for (int c = 0; c < dataset->info.classes; c++)
        td_text_write(&text, "%s\n", dataset->class_names[c]);
    return text.chars;
}

void td_job_settle_names(td_job_files *files, const td_dataset *dataset)
{
    if (!files->class_names)
        files->class_names = names_of(dataset);
}

static void fill_data(td_checkpoint *checkpoint, const td_job_data *data)
{
    const td_selection *selection = data->selection;
    const td_data_info *info = &data->info;
    for (int h = 0; h < 2; h++) {
        int64_t n = checkpoint->half_count[h] = selection->half_count[h];
        checkpoint->half[h] = td_malloc((size_t) n * sizeof *checkpoint->half[h]);
        for (int64_t i = 0; i < n; i++)
            checkpoint->half[h][i] = selection->half[h][i];
    }
    checkpoint->class_counts = selection->counts;
    checkpoint->shards = data->shards;
    checkpoint->classes = info->classes;
    checkpoint->image_channels = info->channels;
    checkpoint->height = info->height;
    checkpoint->width = info->width;
    checkpoint->has_statistics = true;
    memcpy(checkpoint->mean, info->mean, sizeof info->mean);
    memcpy(checkpoint->std, info->std, sizeof info->std);
    memcpy(checkpoint->dataset_digest, info->digest, sizeof info->digest);
}

static void fill_loop(td_checkpoint *checkpoint, const td_job_loop *loop)
{
    const td_net_spec *spec = td_network_spec(td_stepper_net(loop->stepper));
    checkpoint->state = *loop->state; /* borrowed */
    checkpoint->progress = loop->progress;
    memcpy(checkpoint->progress.epoch_sums, loop->sums, sizeof loop->sums);
    checkpoint->arch_epochs = loop->progress.epoch;
    checkpoint->net = (td_saved_net){
        .is_known = true,
        .channels = spec->channels,
        .cells = spec->cells,
        .nodes = spec->nodes,
        .two_branch = spec->two_branch ? 1 + (int) spec->split : 0,
        .auxiliary = spec->auxiliary,
        .head = (int) spec->head,
        .head_scale = spec->head_scale,
        .stem = (int) spec->stem,
    };
}

/* Those of a supernet's edges, for td_free; all need no word. */
static char *operations_of(const td_job *job)
{
    const char *operations = job->config->net.operations;
    bool is_usual = strcmp(operations, "all") == 0;
    return job->loop.state->edges == 0 || is_usual ? NULL : td_strdup(operations);
}

/* \a label says what the file is, whatever name a copy of it bears. */
td_status td_job_pack(td_job *job, td_packed_checkpoint *packed, const char *name,
                      char *label)
{
    td_job_files *files = &job->files;
    TD_ASSERT(job->rank == 0 && files->directory && files->history);
    td_checkpoint checkpoint = { 0 };
    td_genotype genotype = td_job_genotype(job);
    fill_data(&checkpoint, &job->data);
    fill_loop(&checkpoint, &job->loop);
    checkpoint.net.pad_to = job->config->data.pad_to;
    checkpoint.world_size = job->ranks;
    checkpoint.texts.class_names = files->class_names;
    checkpoint.arch_history = files->arch_history;
    checkpoint.texts.history = files->history;
    checkpoint.texts.command = td_strdup(job->kind->name);
    checkpoint.texts.operations = operations_of(job);
    checkpoint.texts.isa = td_strdup(job->machine.kernels->isa);
    checkpoint.texts.blas_core = td_strdup(td_gemm_core());
    checkpoint.texts.genotype = td_genotype_python(&genotype);
    checkpoint.texts.config = td_settings_yaml(job->settings);
    checkpoint.texts.version = td_version_text();
    checkpoint.texts.label = label;
    td_status status =
        td_checkpoint_pack(packed, &checkpoint, td_run_path(files->directory, name));
    td_free(checkpoint.half[TD_HALF_WEIGHTS]);
    td_free(checkpoint.half[TD_HALF_ARCH]);
    td_free(checkpoint.texts.genotype);
    td_free(checkpoint.texts.config);
    td_free(checkpoint.texts.version);
    td_free(checkpoint.texts.operations);
    td_free(checkpoint.texts.isa);
    td_free(checkpoint.texts.blas_core);
    td_free(checkpoint.texts.command);
    return status;
}

td_status td_job_pack_best(td_job *job)
{
    static char best[] = "best";
    td_free(job->files.best.image);
    job->files.best = (td_packed_checkpoint){ 0 };
    return td_job_pack(job, &job->files.best, TD_RUN_BEST, best);
}
