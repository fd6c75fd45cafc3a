/* Metrics over epochs, as lines.  Of one run a panel has several lines; of several runs
 * it has one line of each, on the same axes.  Hues of Okabe and Ito, and dashes, tell
 * the lines apart also in grey and for most colour-blind readers. */
#include "chart.h"
#include "panels.h"

#include <math.h>

/* ---- what is drawn ------------------------------------------------------------- */

#define NO_REFERENCE NAN, NULL

static const td_chart losses[] = {
    { "loss (nats)",
      NAN,
      NAN,
      0.2,
      230,
      NO_REFERENCE,
      { { "training loss", TD_COLUMN(train_loss), 0, false },
        { "validation loss", TD_COLUMN(valid_loss), 1, false } } },
};

static const td_chart accuracies[] = {
    { "accuracy (share of images)",
      0,
      1,
      0,
      280,
      NO_REFERENCE,
      { { "training top-1", TD_COLUMN(train_top1), 0, false },
        { "validation top-1", TD_COLUMN(valid_top1), 1, false },
        { "validation balanced", TD_COLUMN(valid_balanced_top1), 2, false },
        { "classes with many images", TD_COLUMN(group_top1[TD_GROUP_MANY]), 3, false },
        { "classes with a medium number", TD_COLUMN(group_top1[TD_GROUP_MEDIUM]), 4,
          false },
        { "classes with few images", TD_COLUMN(group_top1[TD_GROUP_FEW]), 5,
          false } } },
};

static const td_chart branches[] = {
    { "share of a branch",
      0,
      1,
      0,
      180,
      NO_REFERENCE,
      { { "conventional branch, m", TD_COLUMN(mixing), 0, false },
        { "re-balancing branch, 1 − m", TD_COLUMN(mixing), 1, true } } },
};

static const td_chart rates[] = {
    { "rate of the weights",
      0,
      NAN,
      0,
      150,
      NO_REFERENCE,
      { { "learning rate of the weights", TD_COLUMN(lr_weights), 0, false } } },
    { "rate of the architecture",
      0,
      NAN,
      0,
      150,
      NO_REFERENCE,
      { { "learning rate of the architecture", TD_COLUMN(lr_arch), 1, false } } },
};

static const td_chart calibrations[] = {
    { "expected calibration error",
      0,
      NAN,
      0.1,
      150,
      NO_REFERENCE,
      { { "validation calibration error", TD_COLUMN(valid_ece), 1, false } } },
};

static const td_chart entropies[] = {
    { "entropy (nats)",
      0,
      NAN,
      0,
      180,
      NO_REFERENCE,
      { { "normal cell", TD_COLUMN(alpha_entropy_normal), 0, false },
        { "reduction cell", TD_COLUMN(alpha_entropy_reduce), 1, false } } },
};

typedef struct {
    const char *heading, *sentence;
    const td_chart *charts;
    int count;
    bool is_optional; /* left out where no run has a number for it */
} section;

static const section sections[] = {
    { "Accuracies",
      "Validation is on images that do not train the weights, after the epoch; "
      "balanced "
      "is the mean over classes; groups go by training images (many: over 100, few: "
      "under 20). A ring marks the best epoch by balanced accuracy.",
      accuracies, 1, false },
    { "Losses", "Means over the images of an epoch.", losses, 1, false },
    { "The two branches",
      "The conventional branch draws images as often as the training set has them and "
      "learns features: its share m weighs its features and its loss. The re-balancing "
      "branch draws rare classes more often (bbn.sampler) and turns the classifier "
      "towards the tail: its share is 1 − m. So the curve of m, the paper's alpha, "
      "says "
      "when a run passes from learning features to learning the tail.",
      branches, 1, true },
    { "Learning rates", "What each epoch was trained with.", rates, 2, false },
    { "Calibration",
      "How far, on average, the network's confidence is from its accuracy: 15 equal "
      "bins of the largest softmax probability.",
      calibrations, 1, true },
};

static const section entropy_section = {
    "Entropy of the architecture",
    "How undecided the search is, from the dashed line (all operations of an edge "
    "weigh "
    "the same) down to 0 (one operation per edge); a mean over edges of the entropy of "
    "their weights.",
    entropies, 1, true
};

/* ---- keys ------------------------------------------------------------------------ */

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

/* The key of one run's lines. */
static void write_lines_key(td_text *text, const td_runs *runs, const td_chart *c)
{
    td_text_write(text, "<ul class=\"legend\">");
    for (int i = 0; i < td_chart_line_count(c); i++)
        if (any_has(runs, &c->lines[i]))
            td_text_write(text,
                          "<li><svg viewBox=\"0 0 30 10\" aria-hidden=\"true\"><path "
                          "class=\"line l%d\" d=\"M0 5H30\"/><circle class=\"p%d\" "
                          "cx=\"15\" cy=\"5\" r=\"2.6\"/></svg>%s</li>",
                          c->lines[i].style, c->lines[i].style, c->lines[i].name);
    td_text_write(text, "</ul>\n");
}

/* The key of several runs; of those without a number the count. */
static void write_runs_key(td_text *text, const td_runs *runs, const section *s)
{
    int lacking = 0;
    td_text_write(text, "<ul class=\"legend\">");
    for (int r = 0; r < runs->count; r++) {
        td_runs one = { .runs = &runs->runs[r], .count = 1 };
        bool has = false;
        for (int i = 0; i < s->count; i++)
            has = has || any_has_chart(&one, &s->charts[i]);
        lacking += !has;
        if (!has)
            continue;
        td_text_write(text, "<li>");
        td_run_swatch(text, r);
        td_html_escape(text, runs->names[r]);
        td_text_write(text, "</li>");
    }
    if (lacking > 0)
        td_text_write(text,
                      "<li class=\"none\">%d of %d runs %s no numbers of this</li>",
                      lacking, runs->count, td_noun(lacking, "has", "have"));
    td_text_write(text, "</ul>\n");
}

/* ---- sections -------------------------------------------------------------------- */

/* All lines of one run in a panel. */
static void draw_alone(td_text *text, const td_chart *c, const td_runs *runs)
{
    td_text_write(text, "<figure>\n");
    td_chart_draw(text, c, NULL, runs);
    td_text_write(text, "</figure>\n");
}

/* A panel a line, with all runs in each. */
static void draw_overlaid(td_text *text, const td_chart *c, const td_runs *runs)
{
    for (int i = 0; i < td_chart_line_count(c); i++) {
        td_chart panel = *c;
        panel.height = panel.height > 190 ? 190 : panel.height;
        if (i > 0 && !any_has(runs, &c->lines[i]))
            continue;
        td_text_write(text, "<figure>\n<figcaption>%s</figcaption>\n",
                      c->lines[i].name);
        td_chart_draw(text, &panel, &c->lines[i], runs);
        td_text_write(text, "</figure>\n");
    }
}

/* A chart without a number in any run is left out, the first of a section is not. */
static void write_section(td_text *text, const td_runs *runs, const section *s,
                          const char *more)
{
    if (s->is_optional && !any_has_chart(runs, s->charts))
        return;
    td_section_begin(text, s->heading, s->sentence);
    td_text_write(text, "%s", more);
    if (runs->count > 1)
        write_runs_key(text, runs, s);
    else if (td_chart_line_count(s->charts) > 1)
        write_lines_key(text, runs, s->charts);
    td_text_write(text, "<div class=\"figures\">\n");
    for (int i = 0; i < s->count; i++)
        if (i == 0 || any_has_chart(runs, &s->charts[i]))
            (runs->count > 1 ? draw_overlaid : draw_alone)(text, &s->charts[i], runs);
    td_text_write(text, "</div>\n</section>\n");
}

void td_page_charts(td_text *text, const td_runs *runs)
{
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        write_section(text, runs, &sections[i], "");
}

/* The scale is that of what could be, from decided to undecided: what has hardly moved
 * looks like it. */
void td_page_entropies(td_text *text, const td_runs *runs)
{
    td_chart scaled = entropies[0];
    section s = entropy_section;
    s.charts = &scaled;
    double most = 0;
    for (int r = 0; r < runs->count; r++)
        most = fmax(most, td_most_entropy(runs->runs[r]));
    if (most > 0) {
        scaled.high = scaled.reference = most;
        scaled.word = "undecided";
    }
    char *more = td_entropy_moved(runs, &scaled, most);
    write_section(text, runs, &s, more);
    td_free(more);
}
