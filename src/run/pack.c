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

void td_search_settle_names(td_search *s)
{
    TD_ASSERT(s->rank == 0);
    if (!s->class_names)
        s->class_names = names_of(s->dataset);
}

static void fill_run(td_checkpoint *checkpoint, const td_search *s)
{
    const td_selection *selection = s->selection;
    checkpoint->progress = s->progress;
    memcpy(checkpoint->progress.epoch_sums, s->sums, sizeof s->sums);
    for (int h = 0; h < 2; h++) {
        checkpoint->half[h] = selection->half[h];
        checkpoint->half_count[h] = selection->half_count[h];
    }
    checkpoint->class_counts = selection->counts;
    checkpoint->class_names = s->class_names;
    checkpoint->relaxation = (td_relaxation_kind) s->config->arch.relaxation;
    checkpoint->arch_history = s->arch_history;
    checkpoint->arch_epochs = s->progress.epoch;
    checkpoint->history = s->history;
    checkpoint->world_size = s->ranks;
    checkpoint->shards = s->shards;
    checkpoint->classes = s->info.classes;
    checkpoint->image_channels = s->info.channels;
    checkpoint->height = s->info.height;
    checkpoint->width = s->info.width;
    checkpoint->has_statistics = true;
    memcpy(checkpoint->mean, s->info.mean, sizeof s->info.mean);
    memcpy(checkpoint->std, s->info.std, sizeof s->info.std);
    memcpy(checkpoint->dataset_digest, s->info.digest, sizeof s->info.digest);
}

static void fill_network(td_checkpoint *checkpoint, const td_search *s)
{
    const td_net_spec *spec = td_network_spec(td_stepper_net(s->stepper));
    checkpoint->net = (td_saved_net){
        .is_known = true,
        .channels = spec->channels,
        .cells = spec->cells,
        .nodes = spec->nodes,
        .two_branch = spec->two_branch,
        .auxiliary = spec->auxiliary,
        .pad_to = s->config->data.pad_to,
    };
}

/* \a label says what the file is, whatever name a copy of it bears. */
td_status td_search_pack(td_search *s, td_packed_checkpoint *packed, const char *name,
                         char *label)
{
    TD_ASSERT(s->rank == 0 && s->directory && s->history);
    TD_ASSERT(s->progress.adam_count == s->state->adam_count);
    td_checkpoint checkpoint = { 0 };
    td_genotype genotype = td_search_genotype(s);
    td_checkpoint_show_state(&checkpoint, s->state);
    fill_run(&checkpoint, s);
    fill_network(&checkpoint, s);
    checkpoint.command = td_strdup(s->kind->name);
    checkpoint.isa = td_strdup(s->machine.kernels->isa);
    checkpoint.genotype = td_genotype_python(&genotype);
    checkpoint.config = td_settings_yaml(s->settings);
    checkpoint.version = td_version_text();
    checkpoint.label = label;
    td_status status =
        td_checkpoint_pack(packed, &checkpoint, td_run_path(s->directory, name));
    td_free(checkpoint.genotype);
    td_free(checkpoint.config);
    td_free(checkpoint.version);
    td_free(checkpoint.isa);
    td_free(checkpoint.command);
    return status;
}

td_status td_search_pack_best(td_search *s)
{
    static char best[] = "best";
    td_free(s->best.image);
    s->best = (td_packed_checkpoint){ 0 };
    return td_search_pack(s, &s->best, "best.h5", best);
}
