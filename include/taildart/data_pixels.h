/** Floor 3: pixels that lie in a file as plain bytes, read image by image. */
#ifndef TAILDART_DATA_PIXELS_H
#define TAILDART_DATA_PIXELS_H

#include "taildart/data.h"

TD_PUBLIC_BEGIN

/** Where the images of a part lie; plain bytes but for its two arrays. */
typedef struct {
    char path[1024];
    int64_t count;               /**< images; 0: they do not lie as plain bytes    */
    int height, width, channels; /**< as they lie                                  */
    int64_t file_bytes;          /**< of the whole file, when it was looked at     */
    int64_t each, pieces;        /**< images of a piece, the last may have fewer   */
    uint64_t *at;                /**< (pieces) owned: where in the file they begin */
    uint32_t *check;             /**< (count) owned by rank 0, which looked at all:
                                      td_image_check of each image; NULL elsewhere */
} td_pixel_map;

/** Release what a map holds.  Not collective. */
void td_pixel_map_clear(td_pixel_map *map);

/** The check of an image as it lies: low half of its XXH3-64.  Not collective. */
uint32_t td_image_check(const uint8_t *image, size_t bytes);

/** A file of pixels, open for reading. */
typedef struct td_pixels td_pixels;

/** Whether there is no such file on this host.  Not collective. */
bool td_pixels_is_absent(const td_pixel_map *map);

/** Open the file of a map.  Not collective.
 *  \param [in] map   borrowed
 *  \param [in] info  shape of the images that are wanted, no smaller than they lie
 *  \return TD_DATA naming the file, of another size, too */
td_status td_pixels_open(td_pixels **pixels, const td_pixel_map *map,
                         const td_data_info *info);

/** Close it; NULL is fine.  Not collective. */
void td_pixels_close(td_pixels *pixels);

/** Read consecutive images as they lie.  Not collective; any thread.
 *  \param [out] out (count, as they lie)
 *  \return TD_DATA naming the file, also when it was changed since it was opened, by
 *  its size and time of change */
td_status td_pixels_read(const td_pixels *pixels, int64_t first, int64_t count,
                         uint8_t *out);

/** Read images as they are wanted: in the middle of zeros where that is larger.
 *  Neighbours are read at once.  Not collective; any thread.
 *  \param [in] images (n)  \param [in] checks (n) of them, or NULL
 *  \param [out] out (n, as wanted)
 *  \return TD_DATA naming the file, and the first image that is not that of its
 *  check */
td_status td_pixels_gather(const td_pixels *pixels, const int32_t *images,
                           const uint32_t *checks, int64_t n, uint8_t *out);

/** Tell the system that an image is going to be read.  Not collective; any thread. */
void td_pixels_expect(const td_pixels *pixels, int64_t image);

TD_PUBLIC_END

#endif
