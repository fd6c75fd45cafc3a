/* Pixels that lie in a file as plain bytes.
 *
 * They are read by pread, never by libhdf5, which serves one thread at a time: the
 * loader reads while the main thread saves a checkpoint.  Where the bytes lie is found
 * once, with all of src/hdf5's checks, and told to all ranks: nothing else of the file
 * has to be read, or trusted, elsewhere. */
#include "taildart/data_pixels.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "taildart/base_file.h"
#include "taildart/data_facts.h"

enum { ROUND_BYTES = 1 << 18 }; /* of images that are read at once and then padded */

struct td_pixels {
    td_pixel_map map;    /* its array at is borrowed */
    td_data_info lain;   /* shape as they lie */
    td_data_info wanted; /* shape as they are wanted */
    bool is_padded;
    int file;
    struct stat opened;
};

void td_pixel_map_clear(td_pixel_map *map)
{
    td_free(map->at);
    td_free(map->check);
    *map = (td_pixel_map){ 0 };
}

uint32_t td_image_check(const uint8_t *image, size_t bytes)
{
    return (uint32_t) XXH3_64bits(image, bytes);
}

/* ---- life ------------------------------------------------------------------------ */

bool td_pixels_is_absent(const td_pixel_map *map)
{
    struct stat about;
    return stat(map->path, &about) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static td_status check_size(const td_pixels *p, int64_t bytes)
{
    if (bytes == p->map.file_bytes)
        return TD_OK;
    return td_error(TD_DATA,
                    "%s: %lld bytes, but %lld where it was looked at first: changed "
                    "while it was read, or another file on another host; give all the "
                    "same one",
                    p->map.path, (long long) bytes, (long long) p->map.file_bytes);
}

td_status td_pixels_open(td_pixels **pixels, const td_pixel_map *map,
                         const td_data_info *info)
{
    int64_t bytes = 0;
    TD_ASSERT(map->count > 0 && map->each > 0 && map->at);
    TD_ASSERT(map->height <= info->height && map->width <= info->width);
    td_pixels *p = td_malloc(sizeof *p);
    p->map = *map;
    p->wanted = p->lain = *info;
    p->lain.height = map->height;
    p->lain.width = map->width;
    p->is_padded = map->height != info->height || map->width != info->width;
    td_status status = td_file_open(&p->file, &bytes, map->path);
    if (status == TD_OK)
        status = check_size(p, bytes);
    if (status == TD_OK && fstat(p->file, &p->opened) != 0)
        status =
            td_error(TD_DATA, "%s: cannot be read: %s", map->path, strerror(errno));
    if (status == TD_OK)
        *pixels = p;
    else
        td_pixels_close(p);
    return status;
}

void td_pixels_close(td_pixels *pixels)
{
    if (!pixels)
        return;
    if (pixels->file >= 0)
        close(pixels->file);
    td_free(pixels);
}

/* ---- reading --------------------------------------------------------------------- */

static td_status changed(const td_pixels *p)
{
    return td_error(TD_DATA,
                    "%s: changed while it was read: start again when nothing writes to "
                    "it",
                    p->map.path);
}

static td_status check_stands(const td_pixels *p)
{
    struct stat now;
    if (fstat(p->file, &now) != 0)
        return td_error(TD_DATA, "%s: cannot be read: %s", p->map.path,
                        strerror(errno));
    bool same = now.st_size == p->opened.st_size &&
                now.st_mtim.tv_sec == p->opened.st_mtim.tv_sec &&
                now.st_mtim.tv_nsec == p->opened.st_mtim.tv_nsec;
    return same ? TD_OK : changed(p);
}

static td_status read_bytes(const td_pixels *p, uint64_t at, size_t n, uint8_t *out)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(p->file, out + done, n - done, (off_t) (at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return td_error(TD_DATA, "%s: cannot be read: %s", p->map.path,
                            strerror(errno));
        if (got == 0)
            return changed(p); /* it was longer */
        done += (size_t) got;
    }
    return TD_OK;
}

td_status td_pixels_read(const td_pixels *p, int64_t first, int64_t count, uint8_t *out)
{
    const td_pixel_map *map = &p->map;
    size_t bytes = td_image_bytes(&p->lain);
    TD_ASSERT(first >= 0 && count >= 0 && first + count <= map->count);
    for (int64_t done = 0; done < count;) {
        int64_t image = first + done, in_piece = image % map->each;
        int64_t left = map->each - in_piece;
        int64_t n = count - done < left ? count - done : left;
        td_status status =
            read_bytes(p, map->at[image / map->each] + (uint64_t) in_piece * bytes,
                       (size_t) n * bytes, out + (size_t) done * bytes);
        if (status != TD_OK)
            return status;
        done += n;
    }
    return check_stands(p);
}

void td_pixels_expect(const td_pixels *p, int64_t image)
{
    const td_pixel_map *map = &p->map;
    size_t bytes = td_image_bytes(&p->lain);
    TD_ASSERT(image >= 0 && image < map->count);
    uint64_t at = map->at[image / map->each] + (uint64_t) (image % map->each) * bytes;
    posix_fadvise(p->file, (off_t) at, (off_t) bytes, POSIX_FADV_WILLNEED);
}

static td_status check_image(const td_pixels *p, int32_t image, uint32_t check,
                             const uint8_t *lain)
{
    if (td_image_check(lain, td_image_bytes(&p->lain)) == check)
        return TD_OK;
    return td_error(TD_DATA,
                    "%s: image %d is not the one that was looked at first: damaged, "
                    "changed since it was imported or while it was read, or another "
                    "file on another host; import it anew, or give all the same one",
                    p->map.path, image);
}

/* Images of consecutive numbers from the first on, at most \a most. */
static int64_t run_of(const int32_t *images, int64_t n, int64_t most)
{
    int64_t run = 1;
    while (run < n && run < most && images[run] == images[run - 1] + 1)
        run++;
    return run;
}

/* Read one run.  buffer: (run, as they lie) where they are padded. */
static td_status gather_run(const td_pixels *p, const int32_t *images,
                            const uint32_t *checks, int64_t run, uint8_t *buffer,
                            uint8_t *out)
{
    size_t bytes = td_image_bytes(&p->lain), large = td_image_bytes(&p->wanted);
    uint8_t *lain = p->is_padded ? buffer : out;
    td_status status = td_pixels_read(p, images[0], run, lain);
    for (int64_t i = 0; checks && status == TD_OK && i < run; i++)
        status = check_image(p, images[i], checks[i], lain + (size_t) i * bytes);
    for (int64_t i = 0; p->is_padded && status == TD_OK && i < run; i++)
        td_image_pad(out + (size_t) i * large, &p->wanted, lain + (size_t) i * bytes,
                     &p->lain);
    return status;
}

td_status td_pixels_gather(const td_pixels *p, const int32_t *images,
                           const uint32_t *checks, int64_t n, uint8_t *out)
{
    size_t bytes = td_image_bytes(&p->lain), large = td_image_bytes(&p->wanted);
    int64_t most = p->is_padded ? (int64_t) (ROUND_BYTES / bytes) + 1 : n;
    uint8_t *buffer = p->is_padded ? td_malloc((size_t) most * bytes) : NULL;
    td_status status = TD_OK;
    for (int64_t done = 0; done < n && status == TD_OK;) {
        int64_t run = run_of(images + done, n - done, most);
        status = gather_run(p, images + done, checks ? checks + done : NULL, run,
                            buffer, out + (size_t) done * large);
        done += run;
    }
    td_free(buffer);
    return status;
}
