/* What a run's directory should hold, once more: a disk may have been full when the
 * last row, the cell or its picture was written, and the checkpoint holds them all. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/report.h"

enum { MOST = 1 << 28 }; /* bytes of a text that are looked at */

/* For td_free; NULL where there is none. */
static char *text_of(td_search *s, const char *name)
{
    char *text = NULL;
    const char *path = td_run_path(s->directory, name);
    if (access(path, F_OK) == 0)
        (void) td_file_read_regular(&text, NULL, path, MOST);
    return text;
}

static bool is_there(td_search *s, const char *name)
{
    return access(td_run_path(s->directory, name), F_OK) == 0;
}

static void say(const td_search *s, const char *name)
{
    td_log(TD_LOG_NOTE, "%s/%s was missing or not up to date: made from the checkpoint",
           s->config->run.out, name);
}

/* ---- the cell -------------------------------------------------------------------- */

/* \a wanted is for us to free. */
static bool is_equal(td_search *s, const char *name, char *wanted)
{
    char *found = text_of(s, name);
    bool equal = found && strcmp(found, wanted) == 0;
    td_free(found);
    td_free(wanted);
    return equal;
}

static td_status repair_genotype(td_search *s)
{
    td_genotype genotype = td_search_genotype(s);
    char *python = td_genotype_python(&genotype);
    bool equal = is_equal(s, "genotype.txt", td_format("%s\n", python)) &&
                 is_equal(s, "genotype.json", td_report_json(&genotype)) &&
                 is_equal(s, "genotype.dot", td_report_dot(&genotype));
    td_free(python);
    if (!equal) {
        td_status status = td_search_write_genotype(s);
        if (status != TD_OK)
            return status;
        say(s, "genotype.txt, .json, .dot");
    }
    if (!equal || !is_there(s, "genotype.svg"))
        td_search_draw(s);
    return TD_OK;
}

/* ---- the rows -------------------------------------------------------------------- */

static bool same_rows(const td_metrics *a, const td_metrics *b, int count)
{
    bool same = true;
    for (int i = 0; same && i < count; i++) {
        char *x = td_metrics_row(&a[i]), *y = td_metrics_row(&b[i]);
        same = strcmp(x, y) == 0;
        td_free(x);
        td_free(y);
    }
    return same;
}

/* By what the rows say: an older version wrote fewer columns. */
static bool has_all_rows(td_search *s)
{
    td_metrics *wanted = NULL, *found = NULL;
    char *header = td_metrics_header(), *text = text_of(s, "metrics.csv");
    char *whole = td_format("%s%s", header, s->history);
    int count = td_metrics_parse(&wanted, whole);
    bool same = text && td_metrics_parse(&found, text) == count &&
                same_rows(wanted, found, count);
    td_free(wanted);
    td_free(found);
    td_free(header);
    td_free(whole);
    td_free(text);
    return same;
}

static td_status repair_metrics(td_search *s)
{
    if (has_all_rows(s))
        return TD_OK;
    td_status status =
        td_metrics_begin(td_run_path(s->directory, "metrics.csv"), s->history);
    if (status == TD_OK)
        say(s, "metrics.csv");
    return status;
}

static td_status repair_config(td_search *s)
{
    if (is_there(s, "config.yaml"))
        return TD_OK;
    td_status status = td_run_write(s->directory, "config.yaml", s->saved->config);
    if (status == TD_OK)
        say(s, "config.yaml");
    return status;
}

/* ---- the best epoch -------------------------------------------------------------- */

/* Whether best.h5 is of the best epoch. */
static bool has_best(td_search *s)
{
    td_checkpoint *best = NULL;
    const char *path = td_run_path(s->directory, "best.h5");
    if (!td_checkpoint_is_one(path) || td_checkpoint_load(&best, path) != TD_OK)
        return false;
    bool is_of_it = best->progress.epoch == s->progress.best_epoch + 1;
    td_checkpoint_free(best);
    return is_of_it;
}

td_status td_search_repair_best(td_search *s)
{
    const td_progress *progress = &s->progress;
    TD_ASSERT(s->rank == 0 && s->directory);
    if (!s->kind->keeps_best || !td_plan_holds_out(s->selection) ||
        progress->best_epoch < 0 || has_best(s))
        return TD_OK;
    if (progress->step != 0 || progress->best_epoch + 1 != progress->epoch) {
        td_log(TD_LOG_WARNING,
               "%s/best.h5 is missing, damaged or of another epoch than the best one, "
               "%lld, whose state is not kept elsewhere",
               s->config->run.out, (long long) progress->best_epoch + 1);
        return TD_OK;
    }
    td_search_settle_names(s);
    td_status status = td_search_pack_best(s);
    if (status == TD_OK)
        status = td_search_write_best(s);
    if (status == TD_OK)
        say(s, "best.h5");
    return status;
}

/* ---- all of it ------------------------------------------------------------------- */

td_status td_search_repair(td_search *s)
{
    static td_status (*const parts[])(td_search *) = {
        repair_config,
        repair_metrics,
        repair_genotype,
        td_search_repair_best,
    };
    td_status status = TD_OK;
    TD_ASSERT(s->rank == 0 && s->directory && s->saved && s->history);
    for (size_t i = 0; status == TD_OK && i < sizeof parts / sizeof *parts; i++)
        status = parts[i](s);
    return status;
}
