/* Causes of classes with too few images: the data have none or one, or the tail leaves
 * too few.  Each has its own fix. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scarce.h"
#include "selection.h"
#include "taildart/base_text.h"

enum { SHOWN = 8 }; /* classes named in a line */

/* ---- names of classes ------------------------------------------------------------ */

char *td_class_list(const td_dataset *dataset, const int64_t *counts, int classes,
                    int64_t below)
{
    td_text list = { 0 };
    int found = 0;
    for (int c = 0; c < classes; c++) {
        char number[16];
        if (counts[c] >= below || ++found > SHOWN)
            continue;
        snprintf(number, sizeof number, "%d", c);
        const char *name = dataset ? dataset->class_names[c] : number;
        td_text_write(&list, "%s%s%s (%lld)", found > 1 ? ", " : "",
                      strcmp(name, number) == 0 ? "class " : "", name,
                      (long long) counts[c]);
    }
    if (found > SHOWN)
        td_text_write(&list, " and %d more", found - SHOWN);
    return list.chars;
}

/* ---- causes ---------------------------------------------------------------------- */

int td_scarce_need(const td_config *config)
{
    return config->data.train_share < 1.0 ? 2 : 1;
}

static bool is_feasible(const td_config *config, const int64_t *available, int classes,
                        double imbalance)
{
    int64_t most = td_selection_most(config, available, classes);
    for (int c = 0; c < classes; c++) {
        int64_t wanted = td_tail_count((td_profile) config->data.profile, classes, most,
                                       imbalance, c);
        if (wanted < td_scarce_need(config) || available[c] < td_scarce_need(config))
            return false;
    }
    return true;
}

/* Find the largest whole imbalance that leaves every class enough; 1 keeps all. */
static int64_t largest_imbalance(const td_config *config, const int64_t *available,
                                 int classes)
{
    int64_t good = 1, bad = (int64_t) ceil(config->data.imbalance) + 1;
    while (bad - good > 1) {
        int64_t middle = good + (bad - good) / 2;
        if (is_feasible(config, available, classes, (double) middle))
            good = middle;
        else
            bad = middle;
    }
    return good;
}

/* Findings in the counts before the tail. */
typedef struct {
    int none, one;    /* classes without an image, with one               */
    int first, last;  /* of those without: the first, and the last of all
                         classes that has an image                        */
    bool test_has_it; /* the test part has images of one without          */
} findings;

static findings inspect(const int64_t *available, int classes,
                        const td_dataset *dataset)
{
    findings p = { .first = -1, .last = -1 };
    bool has_test = dataset && dataset->info.test_count > 0;
    int64_t *test = td_malloc((size_t) classes * sizeof *test);
    if (has_test)
        td_class_counts(dataset->labels[TD_PART_TEST], dataset->info.test_count,
                        classes, test);
    for (int c = 0; c < classes; c++) {
        p.one += available[c] == 1;
        p.last = available[c] > 0 ? c : p.last;
        if (available[c] > 0)
            continue;
        p.first = p.none++ == 0 ? c : p.first;
        p.test_has_it = p.test_has_it || test[c] > 0;
    }
    td_free(test);
    return p;
}

static void write_cause(td_text *line, const td_config *config, const findings *p,
                        const int64_t *available, int classes)
{
    if (p->none > 0 && p->test_has_it)
        td_text_write(line, "the test part alone has images of a class: add training "
                            "images, or remove the class there");
    else if (p->none == 1 && p->first == 0)
        td_text_write(line, "no image has label 0: if the labels count from 1, write "
                            "them from 0");
    else if (p->none > 0 && p->first > p->last)
        td_text_write(line,
                      "the labels end at %d, but the data set announces %d classes: "
                      "announce %d",
                      p->last, classes, p->last + 1);
    else if (p->none > 0)
        td_text_write(line, "there is a gap in the labels: number the classes without "
                            "one, or add images");
    else if (p->one > 0 && td_scarce_need(config) > 1)
        td_text_write(line,
                      "each of the two halves needs one: add images or remove the "
                      "class (`taildart train` sets none aside with --set "
                      "data.train_share=1)");
    else if (config->data.largest > 0 && config->data.largest < td_scarce_need(config))
        td_text_write(line, "each half needs one, and data.largest is %lld: give more",
                      (long long) config->data.largest);
    else
        td_text_write(line,
                      "data.imbalance %g leaves too few: the largest that works "
                      "is %lld%s",
                      config->data.imbalance,
                      (long long) largest_imbalance(config, available, classes),
                      config->data.largest > 0 ? ", or a larger data.largest" : "");
}

td_status td_scarce_refuse(const td_selection *s, const td_config *config,
                           const int64_t *available, const td_dataset *dataset)
{
    int need = td_scarce_need(config), scarce = 0;
    td_text cause = { 0 };
    findings p = inspect(available, s->classes, dataset);
    for (int c = 0; c < s->classes; c++)
        scarce += s->counts[c] < need;
    TD_ASSERT(scarce > 0);
    char *list = td_class_list(dataset, s->counts, s->classes, need);
    write_cause(&cause, config, &p, available, s->classes);
    td_status status = td_error(
        TD_DATA, "%s: %d of %d classes %s fewer than %d training image%s: %s; %s",
        config->data.path, scarce, s->classes, scarce == 1 ? "has" : "have", need,
        need == 1 ? "" : "s", list, cause.chars);
    td_free(list);
    td_free(cause.chars);
    return status;
}
