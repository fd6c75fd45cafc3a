/* The images that a rank may draw: packed in memory, or left in a file. */
#include <string.h>

#include "taildart/sampling_loader.h"

/* Collect the indices of the images marked, rising; for td_free. */
static int32_t *collect(const bool *marked, const bool *but_not, int64_t n,
                        int64_t *count)
{
    *count = 0;
    for (int64_t i = 0; i < n; i++)
        *count += marked[i] && !(but_not && but_not[i]);
    int32_t *images = td_malloc((size_t) *count * sizeof *images), *next = images;
    for (int64_t i = 0; i < n; i++)
        if (marked[i] && !(but_not && but_not[i]))
            *next++ = (int32_t) i;
    return images;
}

td_image_store *td_image_store_new(const td_data_info *info, const bool *held,
                                   const bool *drawn, int64_t n, const td_pixels *file)
{
    TD_ASSERT(held && drawn && n >= 0 && n <= INT32_MAX);
    td_image_store *store = td_malloc(sizeof *store);
    store->info = *info;
    store->file = file;
    store->image = collect(held, NULL, n, &store->held);
    store->far_image = collect(drawn, held, n, &store->far_count);
    store->far_check = td_malloc((size_t) store->far_count * sizeof *store->far_check);
    store->pixels = td_malloc((size_t) store->held * td_image_bytes(info));
    TD_ASSERT(file || store->far_count == 0);
    return store;
}

void td_image_store_free(td_image_store *store)
{
    if (!store)
        return;
    td_free(store->image);
    td_free(store->far_image);
    td_free(store->far_check);
    td_free(store->pixels);
    td_free(store);
}

/* The place of an image in a list (n) that rises; -1 where it is not in it. */
static int64_t find(const int32_t *images, int64_t n, int64_t image)
{
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (images[middle] < image)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && images[low] == image ? low : -1;
}

td_status td_image_store_get(const td_image_store *store, int64_t image,
                             uint8_t *buffer, const uint8_t **pixels)
{
    size_t bytes = td_image_bytes(&store->info);
    int64_t at = find(store->image, store->held, image);
    *pixels = NULL;
    if (at >= 0) {
        *pixels = store->pixels + (size_t) at * bytes;
        return TD_OK;
    }
    at = find(store->far_image, store->far_count, image);
    TD_ASSERT(at >= 0);
    td_status status = td_pixels_gather(store->file, &store->far_image[at],
                                        &store->far_check[at], 1, buffer);
    if (status == TD_OK)
        *pixels = buffer;
    return status;
}

void td_image_store_expect(const td_image_store *store, int64_t image)
{
    if (store->far_count > 0 && find(store->far_image, store->far_count, image) >= 0)
        td_pixels_expect(store->file, image);
}
