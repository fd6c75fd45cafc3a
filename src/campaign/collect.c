/* Collecting: reads the points' folders, writes tables and a plot. */
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/comparison.h"

static td_status write_file(const td_study *study, const td_study_result *results,
                            size_t i)
{
    char *path = td_format("%s/%s", study->out, td_study_outputs[i].name);
    char *text = td_study_outputs[i].text(study, results);
    td_file_part whole = { text, strlen(text) };
    td_status status = td_file_replace(path, &whole, 1, NULL);
    if (status == TD_OK)
        td_log(TD_LOG_INFO, "%s", path);
    td_free(text);
    td_free(path);
    return status;
}

void td_campaign_keep_file(const td_study *study)
{
    char *path = td_format("%s/%s", study->out, TD_STUDY_KEPT);
    char *text = td_study_kept(study, NULL);
    (void) td_file_replace_soon(path, text, strlen(text));
    td_free(text);
    td_free(path);
}

/* Draw the plot where gnuplot is installed; the script can be run elsewhere. */
static void draw(const td_study *study)
{
    char *const words[] = { "gnuplot", "-d", "study.gp", NULL };
    if (td_signals_stop())
        return; /* a stopped study starts nothing more */
    char *err = td_format("%s/study.gp.err", study->out);
    td_child_end end = td_child_run(words, "/dev/null", err, study->out);
    if (end.code == 0)
        td_log(TD_LOG_INFO, "%s/study.svg", study->out);
    else if (end.absent)
        td_log(TD_LOG_NOTE, "gnuplot is not installed: it would draw %s/study.gp",
               study->out);
    else {
        char *error = td_child_last_error(err);
        td_log(TD_LOG_WARNING, "gnuplot could not draw %s/study.gp: %s", study->out,
               error);
        td_free(error);
    }
    if (end.code == 0 || end.absent)
        unlink(err); /* says nothing */
    td_free(err);
}

td_status td_campaign_collect(const td_study *study)
{
    td_status status = td_campaign_check_folder(study);
    if (status == TD_OK)
        status = td_study_check_outputs(study);
    if (status != TD_OK)
        return status;
    td_study_result *results = td_study_results_read(study);
    for (size_t i = 0; status == TD_OK && td_study_outputs[i].text; i++)
        status = write_file(study, results, i);
    if (status == TD_OK)
        draw(study);
    td_study_results_free(results, study);
    return status;
}
