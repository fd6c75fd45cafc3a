/* Whether the numbers of a checkpoint can be: counts against the arrays that are there
 * and against what any run may reach, before anyone allocates or indexes by them. */
#include "layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More than any run makes, and far from overflowing in products. */
static const int64_t most_epochs = 1000000000, most_steps = INT64_C(1) << 50;

/* ---- progress ---------------------------------------------------------------- */

static void check_range(td_image *image, const char *name, int64_t value, int64_t least,
                        int64_t most)
{
    if (value < least || value > most)
        td_h5_refuse(&image->h5, name, "%lld, but it can be %lld to %lld at most",
                     (long long) value, (long long) least, (long long) most);
    image->ok = image->ok && image->h5.ok;
}

static void check_time(td_image *image, const char *name, double value)
{
    if (!(value >= 0.0 && isfinite(value)))
        td_image_refuse(image, name, "not a time");
}

static void check_progress(td_image *image, const td_checkpoint *c)
{
    const td_progress *p = &c->progress;
    check_range(image, "/progress/epoch", p->epoch, 0, most_epochs);
    check_range(image, "/progress/step", p->step, 0, most_steps);
    check_range(image, "/progress/arch_steps", p->arch_steps, 0, most_steps);
    check_range(image, "/progress/images", p->images, 0, INT64_MAX / 2);
    for (int i = 0; i < TD_STATE_COUNTS; i++)
        check_range(image, td_state_counts[i].dataset,
                    *td_state_count_at(&c->state, &td_state_counts[i]), 0, most_steps);
    check_range(image, "/progress/best_epoch", p->best_epoch, -1, p->epoch);
    check_range(image, td_layout_arch_history, c->arch_epochs, 0, p->epoch);
    check_time(image, "/progress/seconds", p->seconds);
    check_time(image, "/progress/epoch_seconds", p->epoch_seconds);
    if (isinf(p->best_value))
        td_image_refuse(image, td_layout_best_value, "not finite");
    for (size_t i = 0; i < sizeof p->epoch_sums / sizeof *p->epoch_sums; i++)
        if (!isfinite(p->epoch_sums[i]))
            td_image_refuse(image, "/progress/epoch_sums", "not finite");
}

/* A row of metrics per epoch; a run may have lost some, it never has more. */
static void check_history(td_image *image, const td_checkpoint *c)
{
    int64_t rows = 0;
    for (const char *at = c->texts.history; (at = strchr(at, '\n')); at++)
        rows++;
    if (rows > c->progress.epoch)
        td_h5_refuse(&image->h5, "/history", "%lld rows after %lld epochs",
                     (long long) rows, (long long) c->progress.epoch);
    image->ok = image->ok && image->h5.ok;
}

/* ---- images ------------------------------------------------------------------ */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;
    return x < y ? -1 : x > y;
}

/* No image twice, in one half or in both. */
static void check_halves(td_image *image, const td_checkpoint *c)
{
    size_t n = (size_t) c->half_count[0], m = (size_t) c->half_count[1];
    int64_t *sorted = td_malloc((n + m) * sizeof *sorted);
    memcpy(sorted, c->half[0], n * sizeof *sorted);
    memcpy(sorted + n, c->half[1], m * sizeof *sorted);
    qsort(sorted, n + m, sizeof *sorted, by_value);
    if (n + m > 0 && sorted[0] < 0)
        td_h5_refuse(&image->h5, "/data/weight_half and arch_half",
                     "index %lld of an image", (long long) sorted[0]);
    for (size_t i = 1; i < n + m; i++)
        if (sorted[i] == sorted[i - 1])
            td_h5_refuse(&image->h5, "/data/weight_half and arch_half",
                         "hold image %lld twice", (long long) sorted[i]);
    image->ok = image->ok && image->h5.ok;
    td_free(sorted);
}

static void check_counts(td_image *image, const td_checkpoint *c)
{
    int64_t left = INT32_MAX; /* images that a data set may have */
    for (int i = 0; c->class_counts && i < c->classes; i++) {
        if (c->class_counts[i] < 0 || c->class_counts[i] > left) {
            td_image_refuse(image, td_layout_class_counts,
                            "not numbers of images, one for each class");
            return;
        }
        left -= c->class_counts[i];
    }
}

/* ---- the network ------------------------------------------------------------- */

static void check_side(td_image *image, const td_checkpoint *c, const char *attribute,
                       int value, const char *tensor, int side)
{
    const td_slot *slot = td_slots_find(c->state.weight_slots, tensor);
    if (slot && side < slot->rank && slot->dims[side] != value)
        td_h5_refuse(&image->h5, attribute, "%d, but %s is for %d", value, tensor,
                     slot->dims[side]);
    image->ok = image->ok && image->h5.ok;
}

void td_checkpoint_check_sides(td_image *image, const td_checkpoint *c)
{
    if (!image->ok)
        return;
    check_side(image, c, "classes", c->classes, "classifier.weight", 0);
    check_side(image, c, "image_channels", c->image_channels, "stem.0.weight", 1);
    check_side(image, c, "image_channels", c->image_channels, "stem0.0.weight", 1);
}

void td_checkpoint_check(td_image *image, const td_checkpoint *c)
{
    if (!image->ok)
        return;
    TD_ASSERT(c->state.weight_slots && c->half[0] && c->half[1] && c->texts.history);
    check_progress(image, c);
    check_history(image, c);
    check_counts(image, c);
    check_halves(image, c);
}
