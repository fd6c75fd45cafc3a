/* Metrics over epochs, as lines.  Hues of Okabe and Ito, and dashes for the groups,
 * tell the lines apart also in grey and for most colour-blind readers. */
#include "chart.h"

#include <math.h>

/* ---- what is drawn ------------------------------------------------------------- */

#define COLUMN(member) offsetof(td_metrics, member)

static const td_chart rates[] = {
    { "rate of the weights", 0, NAN, 150, { { "weights", COLUMN(lr_weights), 0 } } },
    { "rate of the architecture",
      0,
      NAN,
      150,
      { { "architecture", COLUMN(lr_arch), 1 } } },
    { "mixing ratio m", 0, 1, 150, { { "mixing ratio", COLUMN(mixing), 2 } } },
};

static const td_chart losses[] = {
    { "loss (nats)",
      NAN,
      NAN,
      230,
      { { "training", COLUMN(train_loss), 0 },
        { "validation", COLUMN(valid_loss), 1 } } },
};

static const td_chart accuracies[] = {
    { "accuracy (share of images)",
      0,
      1,
      280,
      { { "training top-1", COLUMN(train_top1), 0 },
        { "validation top-1", COLUMN(valid_top1), 1 },
        { "validation balanced", COLUMN(valid_balanced_top1), 2 },
        { "classes with many images", COLUMN(group_top1[TD_GROUP_MANY]), 3 },
        { "medium", COLUMN(group_top1[TD_GROUP_MEDIUM]), 4 },
        { "few", COLUMN(group_top1[TD_GROUP_FEW]), 5 } } },
};

static const td_chart calibrations[] = {
    { "expected calibration error",
      0,
      NAN,
      150,
      { { "validation", COLUMN(valid_ece), 1 } } },
};

static const td_chart entropies[] = {
    { "entropy (nats)",
      NAN,
      NAN,
      180,
      { { "normal cell", COLUMN(alpha_entropy_normal), 0 },
        { "reduction cell", COLUMN(alpha_entropy_reduce), 1 } } },
};

typedef struct {
    const char *heading, *sentence;
    const td_chart *charts;
    int count;
    bool is_optional; /* left out where no run has a number for it */
} section;

static const section sections[] = {
    { "Learning rates and mixing ratio",
      "What each epoch was trained with; a mixing ratio of 1 is the conventional "
      "branch alone, 0 the re-balancing one.",
      rates, 3, false },
    { "Losses", "Means over the images of an epoch.", losses, 1, false },
    { "Accuracies",
      "Validation is the images that do not train the weights, after the epoch; "
      "balanced is the mean over "
      "classes; groups go by training images (many: over 100, few: under 20).",
      accuracies, 1, false },
    { "Calibration",
      "How far, on average, the network's confidence is from its accuracy: 15 equal "
      "bins of the largest softmax probability.",
      calibrations, 1, true },
    { "Entropy of the architecture",
      "Mean over edges of what the operations weigh, in shares; undecided is the "
      "logarithm of their number (8: 2.079), 0 is one operation an edge.",
      entropies, 1, true },
};

/* ---- sections -------------------------------------------------------------------- */

static bool any_has(const td_runs *runs, const td_chart_line *l)
{
    for (int r = 0; r < runs->count; r++)
        if (td_chart_run_has(runs->runs[r], l))
            return true;
    return false;
}

static bool any_has_chart(const td_runs *runs, const td_chart *c)
{
    for (int i = 0; i < td_chart_line_count(c); i++)
        if (any_has(runs, &c->lines[i]))
            return true;
    return false;
}

static void write_legend(td_text *text, const td_runs *runs, const td_chart *c)
{
    td_text_write(text, "<ul class=\"legend\">");
    for (int i = 0; i < td_chart_line_count(c); i++)
        if (any_has(runs, &c->lines[i]))
            td_text_write(text,
                          "<li><svg viewBox=\"0 0 30 10\"><path class=\"line l%d\" "
                          "d=\"M0 5H30\"/><circle class=\"p%d\" cx=\"15\" cy=\"5\" "
                          "r=\"2.6\"/></svg>%s</li>",
                          c->lines[i].style, c->lines[i].style, c->lines[i].name);
    td_text_write(text, "</ul>\n");
}

/* Draw the charts of a run; \a data: their section.  A chart without a number in any
 * run is left out, the first of a section is not. */
static void draw_charts(td_text *text, const td_runs *runs, int run, const void *data)
{
    const section *s = data;
    for (int i = 0; i < s->count; i++)
        if (i == 0 || any_has_chart(runs, &s->charts[i]))
            td_chart_draw(text, &s->charts[i], runs, run);
}

void td_page_charts(td_text *text, const td_runs *runs)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const section *s = &sections[i];
        if (s->is_optional && !any_has_chart(runs, s->charts))
            continue;
        td_section_begin(text, s->heading, s->sentence);
        if (td_chart_line_count(s->charts) > 1)
            write_legend(text, runs, s->charts);
        td_section_figures(text, runs, draw_charts, s);
    }
}
