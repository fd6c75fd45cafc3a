/* Data sets rearranged in memory: other parts, other numbers of classes. */
#include "taildart/data_parts.h"

#include <math.h>
#include <string.h>

#include "taildart/base_memory.h"
#include "taildart/base_random.h"
#include "taildart/data_classes.h"
#include "taildart/data_facts.h"

/* ---- parts ----------------------------------------------------------------------- */

/* Move marked training images to the front of both arrays, in their order, or to
 * others (room for all of them).  \return their number */
static int64_t gather(const td_dataset *dataset, const bool *marked, bool mark,
                      uint8_t *images, int32_t *labels)
{
    size_t bytes = td_image_bytes(&dataset->info);
    const uint8_t *from = dataset->images[TD_PART_TRAIN];
    const int32_t *label = dataset->labels[TD_PART_TRAIN];
    int64_t count = 0;
    for (int64_t i = 0; i < dataset->info.train_count; i++) {
        if (marked[i] != mark)
            continue;
        memmove(images + (size_t) count * bytes, from + (size_t) i * bytes, bytes);
        labels[count++] = label[i];
    }
    return count;
}

static void keep_marked(td_dataset *dataset, const bool *marked, bool mark)
{
    dataset->info.train_count =
        gather(dataset, marked, mark, dataset->images[TD_PART_TRAIN],
               dataset->labels[TD_PART_TRAIN]);
    td_data_measure(dataset);
    td_data_digest(dataset);
}

void td_dataset_keep(td_dataset *dataset, const int64_t *images, int64_t n)
{
    bool *marked = td_malloc((size_t) dataset->info.train_count * sizeof *marked);
    TD_ASSERT(n > 0 && n <= dataset->info.train_count);
    for (int64_t i = 0; i < n; i++) {
        TD_ASSERT(images[i] < dataset->info.train_count);
        TD_ASSERT(i == 0 || images[i] > images[i - 1]);
        marked[images[i]] = true;
    }
    keep_marked(dataset, marked, true);
    td_free(marked);
}

static int64_t count_for_test(double share, int64_t n)
{
    enum { STAY = 2 }; /* one for each half of a search */
    int64_t count = (int64_t) floor(share * (double) n + 0.5);
    if (n <= STAY)
        return 0;
    if (count < 1)
        return 1;
    return count <= n - STAY ? count : n - STAY;
}

/* Mark the test images of class c, whose n images are of_class.  \return how many */
static int64_t mark_for_test(bool *marked, int c, const int64_t *of_class, int64_t n,
                             double share, uint64_t seed)
{
    td_random key = { .seed = seed,
                      .stream = TD_STREAM_TEST_PART,
                      .shard = (uint32_t) c };
    int64_t *order = td_malloc((size_t) (n + 1) * sizeof *order);
    int64_t count = count_for_test(share, n);
    td_random_permutation(&key, (size_t) n, order);
    for (int64_t i = 0; i < count; i++)
        marked[of_class[order[i]]] = true;
    td_free(order);
    return count;
}

/* Images of each class, class by class (train_count). */
static int64_t *sort_by_class(const td_dataset *dataset, const int64_t *counts)
{
    int classes = dataset->info.classes;
    int64_t *sorted = td_malloc((size_t) dataset->info.train_count * sizeof *sorted);
    int64_t *next = td_malloc((size_t) classes * sizeof *next);
    for (int c = 1; c < classes; c++)
        next[c] = next[c - 1] + counts[c - 1];
    for (int64_t i = 0; i < dataset->info.train_count; i++)
        sorted[next[dataset->labels[TD_PART_TRAIN][i]]++] = i;
    td_free(next);
    return sorted;
}

int td_dataset_hold_out(td_dataset *dataset, double share, uint64_t seed)
{
    td_data_info *info = &dataset->info;
    int64_t total = 0, first = 0;
    int small = 0;
    TD_ASSERT(info->train_count > 0 && info->test_count == 0 && share > 0 && share < 1);
    bool *marked = td_malloc((size_t) info->train_count * sizeof *marked);
    int64_t *counts = td_malloc((size_t) info->classes * sizeof *counts);
    td_class_counts(dataset->labels[TD_PART_TRAIN], info->train_count, info->classes,
                    counts);
    int64_t *sorted = sort_by_class(dataset, counts);
    for (int c = 0; c < info->classes; first += counts[c++]) {
        int64_t n = mark_for_test(marked, c, sorted + first, counts[c], share, seed);
        small += n == 0;
        total += n;
    }
    if (total > 0) {
        uint8_t *images = td_malloc((size_t) total * td_image_bytes(info));
        int32_t *labels = td_malloc((size_t) total * sizeof *labels);
        info->test_count = gather(dataset, marked, true, images, labels);
        dataset->images[TD_PART_TEST] = images;
        dataset->labels[TD_PART_TEST] = labels;
        keep_marked(dataset, marked, false);
    }
    td_free(sorted);
    td_free(counts);
    td_free(marked);
    return small;
}

/* ---- classes --------------------------------------------------------------------- */

void td_dataset_order(td_dataset *dataset, const int *order)
{
    int classes = dataset->info.classes;
    td_class_match match = { 0 };
    match.map = td_malloc((size_t) classes * sizeof *match.map);
    td_class_name *names = td_malloc((size_t) classes * sizeof *names);
    for (int c = 0; c < classes; c++) {
        memcpy(names[c], dataset->class_names[order[c]], sizeof *names);
        match.map[order[c]] = c;
    }
    const td_classes run = { dataset->source, (const td_class_name *) names, classes };
    td_dataset_take_classes(dataset, &match, &run);
    td_class_match_clear(&match);
    td_free(names);
    td_data_digest(dataset);
}
