/* Small images in the middle of larger ones, before anything looks at them. */
#include <string.h>

#include "taildart/data.h"

static td_status pad_sides(td_data_info *info, const char *path, int side)
{
    int larger = info->height > info->width ? info->height : info->width;
    TD_ASSERT(side >= 0);
    if (side == 0)
        return TD_OK;
    if (side < larger)
        return td_error(TD_USAGE,
                        "data.pad_to %d: the images of %s have %dx%d pixels and are "
                        "not cut: take 0 or at least %d",
                        side, path, info->height, info->width, larger);
    info->height = info->width = side;
    return TD_OK;
}

void td_image_pad(uint8_t *out, const td_data_info *to, const uint8_t *image,
                  const td_data_info *from)
{
    size_t channels = (size_t) from->channels, row = (size_t) from->width * channels;
    int down = (to->height - from->height) / 2, right = (to->width - from->width) / 2;
    TD_ASSERT(down >= 0 && right >= 0);
    memset(out, 0, td_image_bytes(to));
    for (int y = 0; y < from->height; y++)
        memcpy(out + ((size_t) (y + down) * to->width + right) * channels,
               image + (size_t) y * row, row);
}

static void pad_part(td_dataset *dataset, td_part part, int64_t count,
                     const td_data_info *from)
{
    const uint8_t *images = dataset->images[part];
    size_t large = td_image_bytes(&dataset->info), small = td_image_bytes(from);
    TD_ASSERT(small <= large);
    if (!images)
        return;
    uint8_t *padded = td_malloc((size_t) count * large);
    for (int64_t i = 0; i < count; i++)
        td_image_pad(padded + (size_t) i * large, &dataset->info,
                     images + (size_t) i * small, from);
    td_free(dataset->images[part]);
    dataset->images[part] = padded;
}

td_status td_dataset_pad(td_dataset *dataset, const char *path, int side)
{
    td_data_info from = dataset->info;
    td_status status = pad_sides(&dataset->info, path, side);
    bool same =
        from.height == dataset->info.height && from.width == dataset->info.width;
    if (status != TD_OK || same)
        return status;
    pad_part(dataset, TD_PART_TRAIN, from.train_count, &from);
    pad_part(dataset, TD_PART_TEST, from.test_count, &from);
    return TD_OK;
}
