/* From a training's checkpoint to the first state of a classifier's: all but the head.
 */
#include "taildart/checkpoint.h"
#include "taildart/step_rows.h"

#include <string.h>

static bool is_of_head(const td_state_part *part)
{
    return strncmp(part->name, "classifier.", strlen("classifier.")) == 0;
}

static td_status copy_part(td_search_state *state, const td_checkpoint *saved,
                           const td_state_row *row, const td_state_part *mine,
                           const char *path)
{
    td_state_part theirs;
    if (!td_state_part_find(&theirs, &saved->state, row, mine->name) ||
        theirs.rank != mine->rank ||
        memcmp(theirs.dims, mine->dims, sizeof theirs.dims) != 0)
        return td_error(TD_CHECKPOINT,
                        "%s: it has no %s of the shape that its network has", path,
                        mine->name);
    memcpy(*td_state_array(state, row) + mine->offset,
           *td_state_array(&saved->state, row) + theirs.offset,
           mine->count * sizeof(td_real));
    return TD_OK;
}

/* Weights and running statistics; the optimiser begins anew. */
td_status td_checkpoint_take_trunk(td_search_state *state, const td_checkpoint *saved,
                                   const char *path)
{
    td_status status = TD_OK;
    for (const td_state_row *row = td_state_rows; row->name && status == TD_OK; row++) {
        bool is_taken = row->place == offsetof(td_search_state, weights) ||
                        row->extent == TD_PER_NORM;
        int parts = is_taken ? td_state_parts(state, row) : 0;
        for (int i = 0; i < parts && status == TD_OK; i++) {
            td_state_part mine = td_state_part_at(state, row, i);
            if (!is_of_head(&mine))
                status = copy_part(state, saved, row, &mine, path);
        }
    }
    return status;
}

td_status td_checkpoint_check_trunk(const td_checkpoint *saved,
                                    const td_data_info *info, const char *path)
{
    if (saved->classes != info->classes || saved->height != info->height ||
        saved->width != info->width || saved->image_channels != info->channels)
        return td_error(TD_DATA,
                        "train.from: %s has learned from images of %dx%dx%d and %d "
                        "classes, these are %dx%dx%d and %d: give its own data set",
                        path, saved->height, saved->width, saved->image_channels,
                        saved->classes, info->height, info->width, info->channels,
                        info->classes);
    return td_checkpoint_check_finite(saved, path);
}
