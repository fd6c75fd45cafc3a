/* Reading of a run directory. */
#include "taildart/report_page.h"

#include <string.h>
#include <sys/stat.h>

#include "taildart/base_file.h"
#include "taildart/config.h"
#include "taildart/config_projection.h"

enum { MOST_BYTES = 1 << 28 }; /* of metrics.csv: a million epochs */

static bool is_directory(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static td_status load_checkpoint(td_report_run *run)
{
    char *path = td_format("%s/" TD_RUN_CHECKPOINT, run->name);
    td_status status = TD_OK;
    if (td_checkpoint_exists(path))
        status = td_checkpoint_load(&run->checkpoint, path);
    else
        status = td_checkpoint_refuse_missing(run->name);
    td_free(path);
    return status;
}

/* Read the rows of metrics.csv; of the checkpoint where it is unreadable or empty. */
static void load_rows(td_report_run *run)
{
    char *path = td_format("%s/" TD_RUN_METRICS, run->name), *text = NULL;
    size_t bytes = 0;
    if (td_file_read_regular(&text, &bytes, path, MOST_BYTES) == TD_OK)
        run->row_count = td_metrics_parse_noting(&run->rows, text, bytes, &run->unread);
    td_free(text);
    td_free(path);
    if (run->row_count > 0)
        return;
    td_free(run->rows);
    char *header = td_metrics_header();
    text = td_format("%s%s", header, run->checkpoint->texts.history);
    run->row_count = td_metrics_parse(&run->rows, text);
    td_free(header);
    td_free(text);
}

static void read_stages(td_report_run *run, const td_config *config)
{
    run->stage_count = td_stage_count(config);
    for (int n = 0; n < run->stage_count; n++)
        run->stages[n] = td_stage_of(config, n);
}

/* Read the planned epochs; settings of another version of the program may be
 * unreadable.  A training's epochs are in the field of a search's. */
static void read_epochs(td_report_run *run)
{
    bool is_search = run->checkpoint->state.edges > 0;
    td_settings *settings = td_settings_new(is_search ? TD_FOR_SEARCH : TD_FOR_TRAIN);
    const td_config *config = td_settings_config(settings);
    if (td_settings_read_text(settings, run->name, run->checkpoint->texts.config) ==
        TD_OK) {
        run->epochs = td_config_epochs(config);
        read_stages(run, config);
        run->alpha_epochs =
            td_projection_decisions(config) > 0 ? config->search.epochs : 0;
        if (is_search)
            run->end = td_choice_stop(config, run->rows, run->row_count);
    }
    td_settings_free(settings);
}

static void read_genotype(td_report_run *run)
{
    const char *text = run->checkpoint->texts.genotype;
    run->has_genotype = text && text[0] != '\0' &&
                        td_genotype_parse(&run->genotype, text) == TD_OK &&
                        td_genotype_is_valid(&run->genotype);
}

td_status td_report_run_read(td_report_run **run, const char *path)
{
    TD_ASSERT(run && path);
    size_t length = strlen(path);
    *run = NULL;
    if (!is_directory(path))
        return td_checkpoint_refuse_missing(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    td_report_run *read = td_malloc(sizeof *read);
    read->name = td_format("%.*s", (int) length, path);
    td_status status = load_checkpoint(read);
    if (status != TD_OK) {
        td_report_run_free(read);
        return status;
    }
    load_rows(read);
    read->start_count = td_starts_read(&read->starts, read->name);
    read->evaluation_count = td_evaluations_read(&read->evaluations, read->name);
    read_epochs(read);
    read_genotype(read);
    *run = read;
    return TD_OK;
}

void td_report_run_free(td_report_run *run)
{
    if (!run)
        return;
    td_free(run->name);
    td_free(run->rows);
    td_starts_free(run->starts, run->start_count);
    td_evaluations_free(run->evaluations, run->evaluation_count);
    td_checkpoint_free(run->checkpoint);
    td_free(run);
}
