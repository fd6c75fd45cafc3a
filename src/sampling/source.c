/* Pixels on their way to the ranks: each gets those that it draws, and no other.
 *
 * Pixels that lie in a file as plain bytes are read by each rank, which compares every
 * image with the check that rank 0 knows of it.  A host without the file, and a rank of
 * a run whose data are in another format, asks rank 0 for its images, a slab at a time.
 */
#include "taildart/sampling_source.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "taildart/base_log.h"
#include "taildart/base_signals.h"

enum { SLAB_BYTES = 4 << 20, CHECKS = 1 << 20 }; /* that travel at once */

/* ---- the file -------------------------------------------------------------------- */

/* Rank 0 has found where pixels lie. */
static void share_map(td_comm *world, td_pixel_map *map)
{
    td_pixel_map common = *map;
    bool is_root = td_comm_rank(world) == 0;
    td_comm_bcast(world, &common, sizeof common);
    if (!is_root) {
        common.check = NULL;
        common.at = td_malloc((size_t) common.pieces * sizeof *common.at);
        *map = common;
    }
    td_comm_bcast(world, map->at, (size_t) map->pieces * sizeof *map->at);
}

/* The status of one rank names it. */
static td_status named(td_comm *world, td_status status)
{
    int rank = td_comm_rank(world);
    return status == TD_OK || rank == 0
               ? status
               : td_error(status, "rank %d: %s", rank, td_error_message());
}

/* A host that has no such file is no error. */
static td_status open_file(td_image_source *source, td_comm *world)
{
    const td_pixel_map *map = &source->map;
    if (map->count == 0 || (td_comm_rank(world) != 0 && td_pixels_is_absent(map)))
        return TD_OK;
    return named(world, td_pixels_open(&source->file, map, &source->info));
}

td_status td_image_source_open(td_image_source *source, td_comm *world)
{
    TD_ASSERT(!source->file && source->path);
    TD_ASSERT(td_comm_rank(world) != 0 || source->map.count == 0 || source->map.check);
    share_map(world, &source->map);
    td_status status = td_comm_verdict(world, open_file(source, world));
    source->is_in_file = td_comm_min_int(world, source->file != NULL) != 0;
    return status;
}

void td_image_source_tell(const td_image_source *source, td_comm *world)
{
    int ranks = td_comm_size(world), rank = td_comm_rank(world);
    char host[64] = "", *hosts = NULL;
    int64_t count = !source->file;
    if (source->is_in_file || source->map.count == 0)
        return;
    td_comm_sum_i64(world, &count, 1);
    int first = td_comm_min_int(world, source->file ? ranks : rank);
    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "unknown");
    if (rank == 0)
        hosts = td_malloc((size_t) ranks * sizeof host);
    td_comm_gather(world, hosts, host, sizeof host);
    if (hosts)
        td_log(
            TD_LOG_NOTE,
            "%lld of %d ranks have no file %s (the first is rank %d on host %s): "
            "rank 0 sends them their images; a shared file system, or a copy on each "
            "host, starts faster",
            (long long) count, ranks, source->path, first,
            hosts + (size_t) first * sizeof host);
    td_free(hosts);
}

void td_image_source_close(td_image_source *source)
{
    td_pixels_close(source->file);
    source->file = NULL;
    td_pixel_map_clear(&source->map);
}

/* ---- pixels ---------------------------------------------------------------------- */

/* What a rank may do alone: look images up in the file, or in rank 0's memory. */
static td_status look_up(const td_image_source *source, const int32_t *images,
                         const uint32_t *checks, int64_t n, uint8_t *out)
{
    size_t bytes = td_image_bytes(&source->info);
    if (source->file)
        return td_pixels_gather(source->file, images, checks, n, out);
    const uint8_t *all = source->dataset->images[source->part];
    for (int64_t i = 0; i < n; i++)
        memcpy(out + (size_t) i * bytes, all + (size_t) images[i] * bytes, bytes);
    return TD_OK;
}

static int64_t slab_images(const td_image_source *source)
{
    return (int64_t) (SLAB_BYTES / td_image_bytes(&source->info)) + 1;
}

/* The same for any number, a slab at a time. */
static td_status look_up_all(const td_image_source *source, const int32_t *images,
                             const uint32_t *checks, int64_t n, uint8_t *out)
{
    size_t bytes = td_image_bytes(&source->info);
    int64_t most = slab_images(source);
    td_status status = TD_OK;
    for (int64_t done = 0; done < n && status == TD_OK; done += most) {
        int64_t left = n - done;
        status = look_up(source, images + done, checks ? checks + done : NULL,
                         left < most ? left : most, out + (size_t) done * bytes);
        td_signals_look();
    }
    return status;
}

/* Rank 0: what one rank asks for, until it asks for nothing.  After an error it gets
 * what there is: the verdict comes later. */
static td_status serve(const td_image_source *source, td_comm *world, int rank)
{
    size_t bytes = td_image_bytes(&source->info);
    int64_t most = slab_images(source), n = 0;
    int32_t *images = td_malloc((size_t) most * sizeof *images);
    uint32_t *checks = td_malloc((size_t) most * sizeof *checks);
    uint8_t *slab = td_malloc((size_t) most * bytes);
    td_status status = TD_OK;
    for (;;) {
        td_comm_accept(world, rank, &n, sizeof n);
        TD_ASSERT(n >= 0 && n <= most);
        if (n == 0)
            break;
        td_comm_accept(world, rank, images, (size_t) n * sizeof *images);
        for (int64_t i = 0; source->map.check && i < n; i++)
            checks[i] = source->map.check[images[i]];
        if (status == TD_OK)
            status =
                look_up(source, images, source->map.check ? checks : NULL, n, slab);
        td_comm_deliver(world, rank, slab, (size_t) n * bytes);
        td_signals_look();
    }
    td_free(slab);
    td_free(checks);
    td_free(images);
    return status;
}

/* Another rank: its images from rank 0. */
static void ask(const td_image_source *source, td_comm *world, const int32_t *images,
                int64_t count, uint8_t *out)
{
    size_t bytes = td_image_bytes(&source->info);
    int64_t most = slab_images(source), none = 0;
    for (int64_t done = 0; done < count;) {
        int64_t left = count - done, n = left < most ? left : most;
        td_comm_deliver(world, 0, &n, sizeof n);
        td_comm_deliver(world, 0, images + done, (size_t) n * sizeof *images);
        td_comm_accept(world, 0, out + (size_t) done * bytes, (size_t) n * bytes);
        done += n;
    }
    td_comm_deliver(world, 0, &none, sizeof none);
}

/* Rank 0 serves all that have no file, in the order of their numbers. */
static td_status serve_all(const td_image_source *source, td_comm *world, bool asks)
{
    int rank = td_comm_rank(world), ranks = td_comm_size(world);
    bool *all = rank == 0 ? td_malloc((size_t) ranks * sizeof *all) : NULL;
    td_status status = TD_OK;
    td_comm_gather(world, all, &asks, sizeof asks);
    for (int r = 1; all && r < ranks; r++) {
        td_status one = all[r] ? serve(source, world, r) : TD_OK;
        status = status == TD_OK ? one : status;
    }
    td_free(all);
    return status;
}

td_status td_image_source_fetch(const td_image_source *source, td_comm *world,
                                const int32_t *images, const uint32_t *checks,
                                int64_t n, uint8_t *out)
{
    bool asks = td_comm_rank(world) != 0 && !source->file;
    td_status status = TD_OK;
    if (!source->is_in_file)
        status = serve_all(source, world, asks);
    if (asks)
        ask(source, world, images, n, out);
    else if (status == TD_OK)
        status = look_up_all(source, images, checks, n, out);
    return td_comm_verdict(world, named(world, status));
}

/* ---- checks ---------------------------------------------------------------------- */

/* Of \a some, those of images from \a first on to \a end. */
static void pick(const td_wanted_checks *list, const uint32_t *some, int64_t first,
                 int64_t end)
{
    int64_t low = 0, high = list->n;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (list->images[middle] < first)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < list->n && list->images[low] < end; low++)
        list->checks[low] = some[list->images[low] - first];
}

void td_image_source_checks(const td_image_source *source, td_comm *world,
                            const td_wanted_checks *lists, int count)
{
    const td_pixel_map *map = &source->map;
    uint32_t *some = td_malloc(CHECKS * sizeof *some);
    for (int64_t first = 0; first < map->count; first += CHECKS) {
        int64_t left = map->count - first, part = left < CHECKS ? left : CHECKS;
        if (td_comm_rank(world) == 0)
            memcpy(some, map->check + first, (size_t) part * sizeof *some);
        td_comm_bcast(world, some, (size_t) part * sizeof *some);
        for (int i = 0; i < count; i++)
            pick(&lists[i], some, first, first + part);
    }
    td_free(some);
}
