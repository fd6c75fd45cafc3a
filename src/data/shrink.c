/* All images of a data set made smaller. */
#include "taildart/data_facts.h"
#include "taildart/pictures.h"

static void shrink_part(td_dataset *dataset, td_part part, int size)
{
    const td_data_info *info = &dataset->info;
    int64_t n = part == TD_PART_TRAIN ? info->train_count : info->test_count;
    td_picture shape = { .height = info->height,
                         .width = info->width,
                         .channels = info->channels };
    size_t from = td_image_bytes(info);
    size_t to = (size_t) size * (size_t) size * (size_t) info->channels;
    uint8_t *smaller = td_malloc((size_t) n * to);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < n; i++)
        td_shrink(smaller + (size_t) i * to, size,
                  dataset->images[part] + (size_t) i * from, &shape);
    td_free(dataset->images[part]);
    dataset->images[part] = smaller;
}

td_status td_shrink_dataset(td_dataset *dataset, int size)
{
    td_data_info *info = &dataset->info;
    int least = info->height < info->width ? info->height : info->width;
    TD_ASSERT(size > 0);
    if (size == info->height && size == info->width)
        return TD_OK;
    if (size > least)
        return td_error(TD_DATA,
                        "%s: images of %dx%d pixels cannot shrink to --size %d: "
                        "nothing is enlarged; take --size %d or less",
                        dataset->source, info->height, info->width, size, least);
    for (int part = 0; part < 2; part++)
        if (dataset->images[part])
            shrink_part(dataset, (td_part) part, size);
    info->height = info->width = size;
    td_data_measure(dataset);
    return TD_OK;
}
