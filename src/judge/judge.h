/* Inside of the room: a batch of images that are held out. */
#ifndef TD_JUDGE_JUDGE_H
#define TD_JUDGE_JUDGE_H

#include "taildart/base_memory.h"
#include "taildart/judge.h"

typedef struct {
    td_real *images; /* (batch, height, width, channels) */
    int32_t *labels; /* (batch)                          */
    int32_t *places; /* (batch) numbers of the images: noise goes by them */
    uint8_t *buffer; /* (an image) that is read from the file */
    int count;
    td_status status; /* of reading; after an error no more is read */
} td_held_batch;

/* Room for judge->batch images. */
void td_held_batch_init(td_held_batch *held, const td_judge *judge);
void td_held_batch_clear(td_held_batch *held);

/* \param [in] index  into the architecture half */
void td_held_batch_add(td_held_batch *held, const td_judge *judge, int64_t index);

/* td_judge_network() of some operations alone.  \param [in] present  (2, edges) bits
 * of those; NULL: of all that there are.  Collective. */
td_status td_judge_present(const td_judge *judge, const uint8_t *present,
                           td_score *score, bool *is_whole);

#endif
