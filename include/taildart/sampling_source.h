/** Floor 4: where ranks get pixels from: a file that each of them reads, or rank 0. */
#ifndef TAILDART_SAMPLING_SOURCE_H
#define TAILDART_SAMPLING_SOURCE_H

#include "taildart/comm.h"
#include "taildart/data_pixels.h"

TD_PUBLIC_BEGIN

/** The pixels of one part of a data set, as a rank sees them. */
typedef struct {
    const char *path;  /**< of the data set, borrowed                      */
    td_data_info info; /**< shape of the images that are wanted            */
    td_part part;
    const td_dataset *dataset; /**< rank 0, borrowed: pixels that were read        */
    td_pixel_map map;          /**< owned: where they lie in a file, if they do    */
    td_pixels *file;           /**< owned: NULL where this rank does not have it   */
    bool is_in_file;           /**< whether every rank has it                      */
} td_image_source;

/** Open the file of the pixels where there is one.  A host without it is no error; a
 *  rank that cannot read it, or has another one, is.
 *  Collective.  \param [in,out] source  path, info and part on all ranks; data set and
 *  map of rank 0.  For td_image_source_close, also after an error
 *  \return TD_DATA naming rank and file */
td_status td_image_source_open(td_image_source *source, td_comm *world);

/** The NOTE of ranks without the file.  Collective. */
void td_image_source_tell(const td_image_source *source, td_comm *world);

/** Close it.  Not collective. */
void td_image_source_close(td_image_source *source);

/** Get images on every rank: from the file, or a slab at a time from rank 0.
 *  Collective.  \param [in] images,checks (n) of this rank, as td_pixels_gather() takes
 *  them  \param [out] out (n)
 *  \return TD_DATA naming rank and file, the same on every rank */
td_status td_image_source_fetch(const td_image_source *source, td_comm *world,
                                const int32_t *images, const uint32_t *checks,
                                int64_t n, uint8_t *out);

/** Images whose checks a rank wants. */
typedef struct {
    const int32_t *images; /**< (n) rising         */
    int64_t n;
    uint32_t *checks; /**< (n) to be filled   */
} td_wanted_checks;

/** Take this rank's checks out of those of the map, which rank 0 has and sends once.
 *  Collective.  \param [in] lists (count) of this rank, the same count on every rank */
void td_image_source_checks(const td_image_source *source, td_comm *world,
                            const td_wanted_checks *lists, int count);

TD_PUBLIC_END

#endif
