/* Curves of runs as a script of gnuplot that holds its data.
 *
 * Between double quotes gnuplot runs `...` in a shell, so names stand in single quotes,
 * in which a doubled one is the only thing that means something. */
#include "chart.h"
#include "draw.h"
#include "panels.h"
#include "taildart/base_number.h"
#include "taildart/report_forms.h"

#include <math.h>

/* ---- numbers --------------------------------------------------------------------- */

/* gnuplot's word for what is unknown is NaN. */
static void write_number(td_text *text, double value)
{
    if (isfinite(value))
        td_text_write(text, " %.9g", value);
    else
        td_text_write(text, " NaN");
}

/* As many columns for each panel, whether it has a line for them or not. */
static void write_panel_data(td_text *text, const td_panel *panel,
                             const td_metrics *row)
{
    int lines = td_panel_line_count(panel);
    for (int l = 0; l < TD_PANEL_LINES; l++)
        write_number(text,
                     l < lines ? td_column_value(row, panel->lines[l].column) : NAN);
}

static void write_data(td_text *text, const td_report_run *run, int number)
{
    td_text_write(text, "$run_%d << EOD\n", number);
    for (int i = 0; i < run->row_count; i++) {
        td_text_write(text, "%d", run->rows[i].epoch + 1);
        for (int p = 0; p < TD_PANELS; p++)
            write_panel_data(text, &td_panels[p], &run->rows[i]);
        td_text_write(text, "\n");
    }
    td_text_write(text, "EOD\n");
}

/* ---- panels ---------------------------------------------------------------------- */

static void write_quoted(td_text *text, const char *run, const char *line)
{
    td_text shown = { 0 };
    if (run)
        td_text_write_shown(&shown, run, "");
    td_text_write(text, "'");
    for (const char *at = shown.chars; at && *at; at++)
        td_text_write(text, *at == '\'' ? "'%c" : "%c", *at);
    td_text_write(text, "%s%s'", run ? ": " : "", line);
    td_free(shown.chars);
}

/* An axis by gnuplot's own measure has no length where a single value is drawn. */
static void write_panel_head(td_text *text, const td_panel *panel,
                             td_report_run *const *runs, int count)
{
    double low = panel->low, high = panel->high;
    for (int r = 0; r < count; r++)
        for (int l = 0; l < td_panel_line_count(panel); l++)
            for (int i = 0; i < runs[r]->row_count; i++) {
                double value =
                    td_column_value(&runs[r]->rows[i], panel->lines[l].column);
                low = isfinite(value) ? fmin(low, value) : low;
                high = isfinite(value) ? fmax(high, value) : high;
            }
    td_axis axis = td_axis_fit(low, high, 7);
    td_text_write(text, "set title '%s'\nset yrange [%g:%g]\n", panel->title, axis.low,
                  axis.high);
}

/* Write the plot of a panel; nothing where no run has a number for it.  The first line
 * is drawn whole, the others in dashes. */
static void write_panel(td_text *text, td_report_run *const *runs, int count,
                        int number)
{
    const td_panel *panel = &td_panels[number];
    const char *gap = "plot ";
    for (int r = 0; r < count; r++)
        for (int l = 0; l < td_panel_line_count(panel); l++) {
            if (!td_column_is_known(runs[r], panel->lines[l].column))
                continue;
            if (gap[0] == 'p')
                write_panel_head(text, panel, runs, count);
            int colour = count > 1 ? r : l;
            td_text_write(text,
                          "%s$run_%d using 1:%d with linespoints ps 0.4 lw 2 "
                          "lc %d dt %d title ",
                          gap, r, 2 + number * TD_PANEL_LINES + l, 1 + colour % 8,
                          1 + l);
            write_quoted(text, count > 1 ? td_report_short_name(runs, count, r) : NULL,
                         panel->lines[l].name);
            gap = ", \\\n     ";
        }
    td_text_write(text, gap[0] == 'p' ? "" : "\n");
}

static int count_panels(td_report_run *const *runs, int count)
{
    int drawn = 0;
    for (int p = 0; p < TD_PANELS; p++) {
        bool has = false;
        for (int r = 0; r < count; r++)
            for (int l = 0; l < td_panel_line_count(&td_panels[p]); l++)
                has = has || td_column_is_known(runs[r], td_panels[p].lines[l].column);
        drawn += has;
    }
    return drawn;
}

/* The scale of the page: gnuplot's own has parts of epochs where there are few. */
static void write_epochs(td_text *text, td_report_run *const *runs, int count)
{
    const td_runs all = { .runs = runs, .count = count };
    td_axis axis = td_chart_epoch_axis(&all);
    td_text_write(text, "set xrange [%.0f:%.0f]\nset xtics 1,%.0f,%.0f\n", axis.low,
                  axis.high, axis.step, td_axis_tick(&axis, axis.ticks - 1));
}

/* Whether a name needs UTF-8: gnuplot complains of it in a locale without. */
static bool has_wide_names(td_report_run *const *runs, int count)
{
    for (int r = 0; count > 1 && r < count; r++)
        for (const char *at = runs[r]->name; *at; at++)
            if ((unsigned char) *at > 0x7f)
                return true;
    return false;
}

static void write_script(td_text *text, td_report_run *const *runs, int count)
{
    int drawn = count_panels(runs, count), rows = drawn > 0 ? (drawn + 1) / 2 : 1;
    int width = drawn > 1 ? 1400 : 700, height = 480 * rows;
    td_text_write(
        text,
        "# Curves of taildart report: gnuplot FILE.gp > FILE.png draws them.\n"
        "%sif (strstrt(GPVAL_TERMINALS, 'pngcairo') > 0) set terminal pngcairo "
        "size %d,%d noenhanced; else set terminal png size %d,%d noenhanced\n"
        "set datafile missing 'NaN'\nset grid\nset xlabel 'epoch'\n"
        "set key below noenhanced\n",
        has_wide_names(runs, count) ? "set encoding utf8\n" : "", width, height, width,
        height);
    for (int r = 0; r < count; r++)
        write_data(text, runs[r], r);
    if (drawn == 0) {
        td_text_write(text, "set yrange [0:1]\nset xrange [0:1]\nset label 'no epoch "
                            "has ended yet' at 0.4,0.5\nplot NaN notitle\n");
        return;
    }
    write_epochs(text, runs, count);
    td_text_write(text, "set multiplot layout %d,%d\n", rows, drawn > 1 ? 2 : 1);
    for (int p = 0; p < TD_PANELS; p++)
        write_panel(text, runs, count, p);
    td_text_write(text, "unset multiplot\n");
}

char *td_report_gnuplot(td_report_run *const *runs, int count)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    write_script(&text, runs, count);
    td_numbers_restore(before);
    return text.chars;
}

td_status td_report_curves_png(td_text *png, const char *script)
{
    char *const words[] = { "gnuplot", "-d", "-", NULL };
    const td_drawer gnuplot = {
        .what = "the curves",
        .package = "gnuplot (package gnuplot-nox)",
        .instead = "draw the script elsewhere",
        .words = words,
    };
    return td_draw(png, &gnuplot, script);
}
