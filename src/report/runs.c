/* What the runs of a page are called, and how their lines look. */
#include "page.h"
#include "taildart/report_forms.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- names ----------------------------------------------------------------------- */

td_runs td_runs_named(td_report_run *const *runs, int count)
{
    td_runs all = { .runs = runs, .count = count };
    const char *first = runs[0]->name;
    const char *rest = td_report_short_name(runs, count, 0);
    all.names = td_malloc((size_t) count * sizeof *all.names);
    all.folder = td_format("%.*s", (int) (rest - first), first);
    for (int r = 0; r < count; r++) {
        const char *name = td_report_short_name(runs, count, r);
        all.names[r] = td_strdup(*name ? name : runs[r]->name);
    }
    return all;
}

void td_runs_clear(td_runs *runs)
{
    for (int r = 0; r < runs->count; r++)
        td_free(runs->names[r]);
    td_free(runs->names);
    td_free(runs->folder);
}

/* ---- lines ----------------------------------------------------------------------- */

/* Six hues, then the same with other dashes: what is next to each other differs in hue,
 * and the first twenty-four are all different. */
enum { HUES = 6, DASHES = 4 };

void td_run_style(int run, char line[24], char point[8])
{
    snprintf(line, 24, "h%d d%d", run % HUES, run / HUES % DASHES);
    snprintf(point, 8, "p%d", run % HUES);
}

void td_run_swatch(td_text *text, int run)
{
    char line[24], point[8];
    td_run_style(run, line, point);
    td_text_write(
        text,
        "<svg class=\"swatch\" viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path "
        "class=\"line %s\" d=\"M0 5H30\"/></svg>",
        line);
}

/* ---- the best -------------------------------------------------------------------- */

const td_metrics *td_report_best(const td_report_run *run)
{
    const td_metrics *best = NULL;
    for (int i = 0; i < run->row_count; i++) {
        double value = run->rows[i].valid_balanced_top1;
        if (value >= 0 && value <= 1 && (!best || value > best->valid_balanced_top1))
            best = &run->rows[i];
    }
    return best;
}

int td_report_best_run(const td_runs *runs)
{
    int best = -1;
    double value = -1;
    for (int r = 0; r < runs->count; r++) {
        const td_metrics *row = td_report_best(runs->runs[r]);
        if (row && row->valid_balanced_top1 > value) {
            value = row->valid_balanced_top1;
            best = r;
        }
    }
    return best;
}

const td_evaluation *td_report_test(const td_report_run *run)
{
    const td_evaluation *chosen = NULL;
    for (int i = 0; i < run->evaluation_count; i++) {
        const td_evaluation *e = &run->evaluations[i];
        if (strcmp(e->part, "test") != 0 || isfinite(e->adjust) ||
            isfinite(e->tau_norm))
            continue;
        bool was_best = chosen && strcmp(chosen->checkpoint, "best") == 0;
        if (!was_best || strcmp(e->checkpoint, "best") == 0)
            chosen = e; /* the later one, of the best epoch where there is one */
    }
    return chosen;
}
