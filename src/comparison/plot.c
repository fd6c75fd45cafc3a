/* The plot of a study, as a gnuplot script that holds its data.
 *
 * Between double quotes gnuplot runs `...` in a shell, so names are in single quotes;
 * td_study_read accepts no name that could end those. */
#include <math.h>

#include "internal.h"
#include "taildart/base_number.h"
#include "taildart/base_text.h"
#include "taildart/charts.h"

/* Write a number; NaN is gnuplot's word for an unknown one. */
static void write_number(td_text *text, double value)
{
    if (isnan(value))
        td_text_write(text, " NaN");
    else
        td_text_write(text, " %.6g", value);
}

/* ---- test accuracy ----------------------------------------------------------- */

/* Write one line per method: index, name, mean, deviation (0 where there is none). */
static void write_bars(td_text *text, const td_study *study,
                       const td_study_result *results, int block)
{
    td_grid_point point = td_study_block_point(study, block);
    td_text_write(text, "$test_%d << EOD\n", block);
    for (; point.method < study->method_count; point.method++) {
        td_study_statistics s =
            td_study_over_seeds(study, results, point, TD_STUDY_TEST_BALANCED);
        td_text_write(text, "%d \"%s\"", point.method,
                      study->methods[point.method].name);
        write_number(text, s.mean);
        write_number(text, s.n == 1 ? 0.0 : s.sd);
        td_text_write(text, "\n");
    }
    td_text_write(text, "EOD\n");
}

/* "imbalance 100", "imbalance 100, wide/all". */
static void write_title(td_text *text, const td_study *study, int block)
{
    td_grid_point point = td_study_block_point(study, block);
    char *setting = td_study_setting_name(study, point.setting);
    td_text_write(text,
                  "set title 'imbalance %g%s%s: ", study->imbalances[point.imbalance],
                  setting[0] ? ", " : "", setting);
    td_free(setting);
}

static void plot_bars(td_text *text, const td_study *study, int block)
{
    write_title(text, study, block);
    td_text_write(text,
                  "test, trained cells'\n"
                  "set ylabel 'balanced accuracy'\nset xlabel ''\n"
                  "set xtics autofreq rotate by -35\nunset key\n"
                  "plot [-0.5:%d.5] $test_%d using 1:3:4:xtic(2) with yerrorbars "
                  "pt 7 ps 0.7 lw 1.5\n",
                  study->method_count - 1, block);
}

/* ---- validation over epochs -------------------------------------------------- */

/* Write one line per epoch, NaN where no seed has a value. */
static void write_curve(td_text *text, const td_study *study,
                        const td_study_result *results, td_grid_point point)
{
    int epochs = td_study_lengths_of(study, point)->epochs[TD_STUDY_SEARCH];
    td_text_write(text, "$valid_%d_%d << EOD\n", td_study_block_of(study, point),
                  point.method);
    for (int epoch = 0; epoch < epochs; epoch++) {
        td_text_write(text, "%d", epoch + 1);
        write_number(text, td_study_validation(study, results, point, epoch).mean);
        td_text_write(text, "\n");
    }
    td_text_write(text, "EOD\n");
}

static bool has_curve(const td_study *study, const td_study_result *results,
                      td_grid_point point)
{
    return !isnan(td_study_validation(study, results, point, 0).mean);
}

/* The longest search of a block. */
static int epochs_of(const td_study *study, int block)
{
    td_grid_point point = td_study_block_point(study, block);
    int most = 0;
    for (; point.method < study->method_count; point.method++) {
        int epochs = td_study_lengths_of(study, point)->epochs[TD_STUDY_SEARCH];
        most = epochs > most ? epochs : most;
    }
    return most;
}

static void plot_curves(td_text *text, const td_study *study,
                        const td_study_result *results, int block)
{
    const char *gap = "plot";
    td_grid_point point = td_study_block_point(study, block);
    for (; point.method < study->method_count; point.method++) {
        if (!has_curve(study, results, point))
            continue;
        if (gap[0] == 'p') {
            write_title(text, study, block);
            td_axis axis = td_axis_epochs(epochs_of(study, block), 8);
            td_text_write(text,
                          "validation, supernet'\n"
                          "set xlabel 'epochs'\nset xrange [%.0f:%.0f]\n"
                          "set xtics norotate 1,%.0f,%.0f\n"
                          "set key bottom right\n",
                          axis.low, axis.high, axis.step,
                          td_axis_tick(&axis, axis.ticks - 1));
        }
        td_text_write(text,
                      "%s $valid_%d_%d using 1:2 with linespoints ps 0.4 "
                      "title '%s' noenhanced",
                      gap, block, point.method, study->methods[point.method].name);
        gap = ", \\\n    ";
    }
    td_text_write(text, gap[0] == 'p' ? "set multiplot next\n" : "\n");
}

/* ---- the script -------------------------------------------------------------- */

static void write_data(td_text *text, const td_study *study,
                       const td_study_result *results)
{
    for (int block = 0; block < td_study_block_count(study); block++) {
        td_grid_point point = td_study_block_point(study, block);
        write_bars(text, study, results, block);
        for (; point.method < study->method_count; point.method++)
            if (has_curve(study, results, point))
                write_curve(text, study, results, point);
    }
}

static bool has_test(const td_study *study, const td_study_result *results, int block)
{
    td_grid_point point = td_study_block_point(study, block);
    for (; point.method < study->method_count; point.method++)
        if (td_study_over_seeds(study, results, point, TD_STUDY_TEST_BALANCED).n > 0)
            return true;
    return false;
}

char *td_study_plot(const td_study *study, const td_study_result *results)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    int rows = td_study_block_count(study);
    td_text_write(
        &text,
        "# Run in this folder: gnuplot study.gp writes study.svg.\n"
        "set terminal svg size 1100,%d dynamic background 'white' noenhanced\n"
        "set output 'study.svg'\nset datafile missing 'NaN'\nset grid\n",
        420 * rows);
    write_data(&text, study, results);
    td_text_write(&text, "set multiplot layout %d,2\n", rows);
    for (int block = 0; block < rows; block++) {
        if (has_test(study, results, block))
            plot_bars(&text, study, block);
        else
            td_text_write(&text, "set multiplot next\n");
        plot_curves(&text, study, results, block);
    }
    td_text_write(&text, "unset multiplot\n");
    td_numbers_restore(before);
    return text.chars;
}
