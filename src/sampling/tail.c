/* The long tail and the two halves (src/README.md, Images).
 *
 * Which images a class keeps, and in which order the halves are cut from them, is one
 * permutation a class, keyed by data.seed: a run with another seed trains on the same
 * images. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "scarce.h"
#include "selection.h"
#include "taildart/base_log.h"
#include "taildart/base_random.h"

/* The ceiling of share·n without its rounding error: 0.1 of 30 images are 3, though the
 * product in floating point is a little more. */
static int64_t ceil_share(double share, int64_t n)
{
    double exact = share * (double) n;
    return (int64_t) ceil(exact - 2.0 * DBL_EPSILON * exact);
}

static int64_t floor_share(double share, int64_t n)
{
    double exact = share * (double) n;
    return (int64_t) floor(exact + 2.0 * DBL_EPSILON * exact);
}

/* ---- the tail -------------------------------------------------------------------- */

/* Put the images of one class, sorted (n), into the order of data.seed.
 * \param [out] scratch  (2n) */
static void shuffle_class(const td_config *config, int c, int64_t *sorted, int64_t n,
                          int64_t *scratch)
{
    td_random key = { .seed = (uint64_t) config->data.seed,
                      .stream = TD_STREAM_SUBSET,
                      .shard = (uint32_t) c };
    int64_t *order = scratch, *copy = scratch + n;
    td_random_permutation(&key, (size_t) n, order);
    memcpy(copy, sorted, (size_t) n * sizeof *sorted);
    for (int64_t i = 0; i < n; i++)
        sorted[i] = copy[order[i]];
}

/* Sort all images by class, each class in the order of data.seed. */
static int64_t *sort_by_class(const td_config *config, const int32_t *labels, int64_t n,
                              int classes, const int64_t *available)
{
    int64_t *sorted = td_malloc((size_t) n * sizeof *sorted);
    int64_t *next = td_malloc((size_t) classes * sizeof *next);
    int64_t *scratch = td_malloc(2 * (size_t) n * sizeof *scratch);
    for (int c = 1; c < classes; c++)
        next[c] = next[c - 1] + available[c - 1];
    for (int64_t i = 0; i < n; i++)
        sorted[next[labels[i]]++] = i;
    for (int c = 0; c < classes; c++)
        shuffle_class(config, c, sorted + (next[c] - available[c]), available[c],
                      scratch);
    td_free(scratch);
    td_free(next);
    return sorted;
}

static td_status cut_tail(td_selection *s, const td_config *config,
                          const int64_t *available, const td_dataset *dataset)
{
    int64_t n_max = td_selection_most(config, available, s->classes);
    bool is_enough = true;
    for (int c = 0; c < s->classes; c++) {
        int64_t wanted = td_tail_count((td_profile) config->data.profile, s->classes,
                                       n_max, config->data.imbalance, c);
        s->short_classes += available[c] < wanted;
        s->counts[c] = available[c] < wanted ? available[c] : wanted;
        is_enough = is_enough && s->counts[c] >= td_scarce_need(config);
    }
    return is_enough ? TD_OK : td_scarce_refuse(s, config, available, dataset);
}

/* ---- the halves ------------------------------------------------------------------ */

/* Count the images of each class for the weight half: at least one, and all only at a
 * share of 1. */
static void count_stratified(td_selection *s, double share)
{
    for (int c = 0; c < s->classes; c++) {
        int64_t n = s->counts[c], first = ceil_share(share, n);
        TD_ASSERT(n >= 2 || share >= 1.0);
        int64_t most = share < 1.0 ? n - 1 : n;
        s->half_classes[TD_HALF_WEIGHTS][c] = first < 1      ? 1
                                              : first < most ? first
                                                             : most;
    }
}

/* Cut the class-sorted list by index, as the DARTS scripts do: whole classes are then
 * missing in a half.  Only to reproduce that. */
static td_status count_by_index(td_selection *s, const td_config *config)
{
    double share = config->data.train_share;
    int64_t total = 0;
    for (int c = 0; c < s->classes; c++)
        total += s->counts[c];
    int64_t left = floor_share(share, total);
    if (left < 1 || (left >= total && share < 1.0))
        return td_error(TD_DATA,
                        "%s: data.train_share %g leaves none of the %lld images for "
                        "the %s half: choose a share nearer to 0.5",
                        config->data.path, share, (long long) total,
                        left < 1 ? "weight" : "architecture");
    for (int c = 0; c < s->classes; c++) {
        int64_t first = s->counts[c] < left ? s->counts[c] : left;
        s->half_classes[TD_HALF_WEIGHTS][c] = first;
        left -= first;
    }
    return TD_OK;
}

static void fill_halves(td_selection *s, const int64_t *sorted,
                        const int64_t *available)
{
    td_selection_find_starts(s);
    for (int h = 0; h < 2; h++)
        s->half[h] = td_malloc((size_t) s->half_count[h] * sizeof **s->half);
    int32_t *weights = s->half[TD_HALF_WEIGHTS], *arch = s->half[TD_HALF_ARCH];
    for (int c = 0; c < s->classes; c++) {
        int64_t first = s->half_classes[TD_HALF_WEIGHTS][c];
        int64_t rest = s->half_classes[TD_HALF_ARCH][c];
        TD_ASSERT(first >= 0 && rest >= 0 && first + rest <= available[c]);
        for (int64_t i = 0; i < first + rest; i++)
            *(i < first ? weights++ : arch++) = (int32_t) sorted[i];
        sorted += available[c];
    }
}

/* ---- life ------------------------------------------------------------------------ */

static td_status select_images(td_selection *s, const td_config *config,
                               const int32_t *labels, int64_t n,
                               const td_dataset *dataset)
{
    int64_t *available = td_malloc((size_t) s->classes * sizeof *available);
    td_class_counts(labels, n, s->classes, available);
    td_status status = cut_tail(s, config, available, dataset);
    if (status == TD_OK && config->data.split == TD_SPLIT_INDEX)
        status = count_by_index(s, config);
    else if (status == TD_OK)
        count_stratified(s, config->data.train_share);
    if (status == TD_OK) {
        for (int c = 0; c < s->classes; c++)
            s->half_classes[TD_HALF_ARCH][c] =
                s->counts[c] - s->half_classes[TD_HALF_WEIGHTS][c];
        int64_t *sorted = sort_by_class(config, labels, n, s->classes, available);
        fill_halves(s, sorted, available);
        td_free(sorted);
    }
    td_free(available);
    return status;
}

static td_status make_selection(td_selection **selection, const td_config *config,
                                const int32_t *labels, int64_t n, int classes,
                                const td_dataset *dataset)
{
    TD_ASSERT(labels || n == 0);
    TD_ASSERT(classes > 0 && n >= 0 && n <= INT32_MAX);
    td_selection *s = td_selection_alloc(classes);
    td_status status = select_images(s, config, labels, n, dataset);
    if (status == TD_OK)
        *selection = s;
    else
        td_selection_free(s);
    return status;
}

td_status td_selection_new(td_selection **selection, const td_config *config,
                           const int32_t *labels, int64_t n, int classes)
{
    return make_selection(selection, config, labels, n, classes, NULL);
}

/* Note that data with a tail already do not reach data.imbalance. */
static void note_imbalance(const td_selection *s, const td_config *config)
{
    int64_t most = 0, least = INT64_MAX;
    for (int c = 0; c < s->classes; c++) {
        most = s->counts[c] > most ? s->counts[c] : most;
        least = s->counts[c] < least ? s->counts[c] : least;
    }
    if (config->data.imbalance > 1.0 && s->short_classes > 0)
        td_log(
            TD_LOG_NOTE,
            "data.imbalance %g is asked for, %.4g is reached (%lld over %lld images): "
            "%d of %d classes have fewer images than that tail would keep",
            config->data.imbalance, (double) most / (double) least, (long long) most,
            (long long) least, s->short_classes, s->classes);
}

td_status td_selection_of(td_selection **selection, const td_config *config,
                          const td_dataset *dataset)
{
    const td_data_info *info = &dataset->info;
    td_status status = make_selection(selection, config, dataset->labels[TD_PART_TRAIN],
                                      info->train_count, info->classes, dataset);
    if (status == TD_OK)
        note_imbalance(*selection, config);
    return status;
}
