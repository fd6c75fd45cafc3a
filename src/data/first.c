/* A data set cut down to the first training images of each class. */
#include <string.h>

#include "taildart/data_facts.h"

void td_dataset_keep_first(td_dataset *dataset, int64_t most)
{
    td_data_info *info = &dataset->info;
    size_t bytes = td_image_bytes(info);
    uint8_t *images = dataset->images[TD_PART_TRAIN];
    int32_t *labels = dataset->labels[TD_PART_TRAIN];
    int64_t *seen = td_malloc((size_t) info->classes * sizeof *seen), kept = 0;
    TD_ASSERT(most > 0 && (images || info->train_count == 0));
    for (int64_t i = 0; i < info->train_count; i++)
        if (seen[labels[i]]++ < most) {
            memmove(images + (size_t) kept * bytes, images + (size_t) i * bytes, bytes);
            labels[kept++] = labels[i];
        }
    td_free(seen);
    if (kept == info->train_count)
        return;
    info->train_count = kept;
    td_data_measure(dataset);
    td_data_digest(dataset);
}
