/* The images that a rank may draw, packed, with a table from source index to row. */
#include <string.h>

#include "taildart/data.h"
#include "taildart/sampling_loader.h"

td_image_store *td_image_store_new(const td_data_info *info, const bool *needed,
                                   int64_t n)
{
    TD_ASSERT(needed && n >= 0);
    td_image_store *store = td_malloc(sizeof *store);
    store->info = *info;
    store->source_count = n;
    store->row = td_malloc((size_t) n * sizeof *store->row);
    for (int64_t i = 0; i < n; i++)
        store->row[i] = needed[i] ? store->held++ : -1;
    store->pixels = td_malloc((size_t) store->held * td_image_bytes(info));
    return store;
}

void td_image_store_free(td_image_store *store)
{
    if (!store)
        return;
    td_free(store->row);
    td_free(store->pixels);
    td_free(store);
}

void td_image_store_put(td_image_store *store, int64_t first, int64_t count,
                        const uint8_t *images)
{
    size_t bytes = td_image_bytes(&store->info);
    TD_ASSERT(first >= 0 && count >= 0 && first + count <= store->source_count);
    for (int64_t i = 0; i < count; i++) {
        int64_t row = store->row[first + i];
        if (row >= 0)
            memcpy(store->pixels + (size_t) row * bytes, images + (size_t) i * bytes,
                   bytes);
    }
}
