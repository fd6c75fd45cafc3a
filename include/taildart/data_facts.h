/** Floor 3: what readers of data sets find out and check once pixels and labels are
 *  there. */
#ifndef TAILDART_DATA_FACTS_H
#define TAILDART_DATA_FACTS_H

#include <xxhash.h>

#include "taildart/data.h"

TD_PUBLIC_BEGIN

/** Make room for the class names, which become "0", "1", …; info.classes is set.
 *  Not collective. */
void td_class_names_init(td_dataset *dataset);

/** Check that labels are those of classes.
 *  Not collective.  \return TD_DATA naming \a path and the first label outside
 *  0 … classes-1 */
td_status td_labels_check(const int32_t *labels, int64_t n, int classes,
                          const char *path);

/** Shrink the middle square of the images of both parts to \a size pixels a side, and
 *  measure anew.
 *  Not collective.  \return TD_DATA naming the data set where its sides are smaller */
td_status td_shrink_dataset(td_dataset *dataset, int size);

/** Sums of pixels, from which mean and deviation come. */
typedef struct {
    uint64_t count; /**< pixels */
    uint64_t sum[TD_MAX_CHANNELS], squares[TD_MAX_CHANNELS];
} td_pixel_sums;

/** Add \a count pixels.  Not collective.  \param [in] pixels (count, channels) */
void td_pixel_sums_add(td_pixel_sums *sums, const uint8_t *pixels, uint64_t count,
                       int channels);

/** Mean and deviation of the pixels that were added, exact but for the last rounding;
 *  without any they stay as they are.  Not collective. */
void td_pixel_sums_take(const td_pixel_sums *sums, td_data_info *info);

/** Take mean and deviation of the training pixels, exact but for the last rounding;
 *  without such pixels they stay 0.  Not collective. */
void td_data_measure(td_dataset *dataset);

/** Tell in a NOTE where a part ends in black images, as HDF5 reads an array in one
 *  piece whose writer was stopped half way.  Not collective. */
void td_data_note_black(const td_dataset *dataset, const char *path);

/** Tell it of one part: \a black of its \a count images, from the end on.
 *  Not collective. */
void td_data_tell_black(const char *path, td_part part, int64_t black, int64_t count);

/** Take the digest of training pixels and labels, or of the test part's where there are
 *  none.  Not collective. */
void td_data_digest(td_dataset *dataset);

/** Begin a digest.  Not collective.  \return for td_digest_end */
XXH3_state_t *td_digest_begin(void);

/** End it: 16 bytes, the most significant first.  Not collective. */
void td_digest_end(XXH3_state_t *state, uint8_t digest[16]);

/** Add labels to a hash, the same bytes on any machine.  Not collective. */
void td_labels_hash(XXH3_state_t *state, const int32_t *labels, int64_t n);

TD_PUBLIC_END

#endif
