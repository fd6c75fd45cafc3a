/* What --dry-run says of a search besides its keys.  Without ranks: bytes are those of
 * a rank that holds whole batches. */
#include "run.h"
#include "share.h"
#include "taildart/base_text.h"

static void write_data(td_text *text, const td_dataset *dataset,
                       const td_selection *selection)
{
    const td_data_info *info = &dataset->info;
    char source[512];
    int64_t sum = 0;
    for (int c = 0; c < selection->classes; c++)
        sum += selection->counts[c];
    td_text_show(source, sizeof source, dataset->source);
    td_text_write(text,
                  "data       %s: %lld training and %lld test images of %d classes, "
                  "%dx%dx%d\n",
                  source, (long long) info->train_count, (long long) info->test_count,
                  info->classes, info->height, info->width, info->channels);
    td_text_write(text, "tail       %lld images:", (long long) sum);
    for (int c = 0; c < selection->classes; c++)
        td_text_write(text, " %lld", (long long) selection->counts[c]);
    td_text_write(text, "\nhalves     weights %lld, architecture %lld images\n",
                  (long long) selection->half_count[TD_HALF_WEIGHTS],
                  (long long) selection->half_count[TD_HALF_ARCH]);
}

size_t td_search_image_bytes(const td_selection *selection, const td_data_info *info,
                             int ranks)
{
    int64_t images =
        selection->half_count[TD_HALF_WEIGHTS] + selection->half_count[TD_HALF_ARCH];
    TD_ASSERT(ranks > 0 && images > 0);
    return (size_t) (images / ranks) * td_pixel_count(info);
}

static td_status write_network(td_text *text, const td_config *config,
                               const td_data_info *info, size_t image_bytes,
                               const td_genotype *genotype)
{
    td_net_spec spec = td_search_spec(config, info, config->search.batch, genotype);
    td_net_plan plan;
    int threads = 0;
    td_status status = td_threads_asked(config->run.threads, &threads);
    if (status != TD_OK)
        return status;
    threads = threads > 0 ? threads : td_threads_expected();
    status = td_stepper_plan(&plan, &spec, threads, config->search.order);
    if (status != TD_OK)
        return status;
    TD_ASSERT(plan.bytes > 0 && plan.parameters > 0);
    td_text_write(text, "parameters %zu\nplanned bytes %zu (one rank, %d threads",
                  plan.parameters, plan.bytes + image_bytes, threads);
    if (plan.recomputing > 0)
        td_text_write(text, "; %d of %d cells are computed twice to save memory",
                      plan.recomputing, spec.cells);
    td_text_write(text, ")\n");
    if (genotype)
        td_text_write(text, "auxiliary  %s\n",
                      spec.auxiliary ? "on"
                      : config->train.auxiliary
                          ? "off: the images do not leave 8 to 10 "
                            "pixels behind the second reduction"
                          : "off");
    return TD_OK;
}

static td_status write_plan(td_text *text, const td_settings *settings,
                            const td_dataset *dataset, const td_genotype *genotype)
{
    const td_config *config = td_settings_config(settings);
    td_selection *selection = NULL;
    const td_data_info *info = &dataset->info;
    int batch = config->search.batch;
    int shards = config->data.shards > 0 ? config->data.shards : 1;
    td_status status = td_selection_of(&selection, config, dataset);
    if (status == TD_OK)
        status = td_shards_check(selection, config, 1, shards);
    if (status == TD_OK) {
        td_doubts doubts = { settings,  config, info,
                             selection, shards, td_epoch_steps(selection, batch) };
        char *augmentation = td_search_augmentation(config, info);
        write_data(text, dataset, selection);
        td_text_write(text, "augment    %s\n", augmentation);
        td_free(augmentation);
        td_search_tell_doubts(&doubts);
        td_text_write(text, "steps      %lld an epoch, %d epochs\n",
                      (long long) td_epoch_steps(selection, batch),
                      config->search.epochs);
        status = write_network(text, config, info,
                               td_search_image_bytes(selection, info, 1), genotype);
    }
    td_selection_free(selection);
    return status;
}

td_status td_search_plan_as(const td_settings *settings, const td_genotype *genotype,
                            char **text)
{
    const td_config *config = td_settings_config(settings);
    td_dataset *dataset = NULL;
    td_text plan = { 0 };
    td_status status = td_settings_require(settings, "data.path");
    *text = NULL;
    if (status == TD_OK)
        status = td_dataset_open_padded(&dataset, config->data.path,
                                        config->data.pad_to, TD_DATA_TRAIN);
    if (status == TD_OK)
        status = write_plan(&plan, settings, dataset, genotype);
    td_dataset_free(dataset);
    if (status == TD_OK)
        *text = plan.chars;
    else
        td_free(plan.chars);
    return status;
}

td_status td_search_plan(td_settings *settings, char **text)
{
    return td_search_plan_as(settings, NULL, text);
}

td_status td_train_plan(td_settings *settings, char **text)
{
    td_genotype genotype;
    td_status status = td_train_settle_genotype(settings);
    *text = NULL;
    if (status == TD_OK)
        status = td_train_read_genotype(&genotype, td_settings_config(settings));
    return status == TD_OK ? td_search_plan_as(settings, &genotype, text) : status;
}
