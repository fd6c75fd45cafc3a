/* What stands where in a checkpoint beside the arrays and counts of the state, which
 * have their rows in step_rows.h: lists that the writer and the reader walk alike. */
#ifndef TD_CHECKPOINT_LAYOUT_H
#define TD_CHECKPOINT_LAYOUT_H

#include "image.h"
#include "taildart/checkpoint.h"
#include "taildart/step_rows.h"

enum { TD_CHECKPOINT_FORMAT = 1 };

/* Numbers of td_progress; count 1 is a dataset without dimensions. */
typedef struct {
    const char *name;
    size_t offset; /* in td_checkpoint */
    td_image_type type;
    int count;
} td_layout_number;

/* A named int or char * of td_checkpoint. */
typedef struct {
    const char *name;
    size_t offset;
} td_layout_member;

/* A named int with its limits. */
typedef struct {
    const char *name;
    size_t offset;
    int least, most;
} td_layout_limited;

extern const char *const td_layout_groups[];
extern const td_layout_number td_layout_progress[];
extern const td_layout_member td_layout_texts[];
extern const td_layout_member td_layout_words[];
extern const td_layout_limited td_layout_integers[];
extern const td_layout_limited td_layout_net[];
extern const char td_layout_arch_history[];
extern const char td_layout_class_counts[];
extern const char td_layout_class_names[];
extern const char td_layout_network[];
extern const char td_layout_head[], td_layout_head_scale[], td_layout_stem[];
extern const char td_layout_relaxation[];
extern const char td_layout_temperature[], td_layout_skip_bonus[];
extern const char td_layout_best_by[];
extern const char td_layout_best_value[];
extern const char td_layout_best_before[];

/* The parts of \a checkpoint that a row speaks of.  Every list ends in a NULL name. */
#define TD_MEMBER(checkpoint, type, offset)                                            \
    ((type *) ((char *) (checkpoint) + (offset)))

/* Shapes as datasets have them. */
td_image_array td_layout_part_array(const td_state_row *row, const td_state_part *part);
td_image_array td_layout_count_array(const td_state_count *count);
td_image_array td_layout_number_array(const td_layout_number *row);
td_image_array td_layout_half_array(int half, int64_t count);
td_image_array td_layout_history_array(int64_t epochs, int edges);
td_image_array td_layout_counts_array(int classes);

/* What kind of network has so many edges in a cell. */
static inline const char *td_layout_kind(int edges)
{
    return edges > 0 ? "supernet" : "derived";
}

/* write.c: the HDF5 image for td_free, NULL if HDF5 fails. */
void *td_checkpoint_image(const td_checkpoint *checkpoint, size_t *n);

/* read.c: its inverse; \a path stands for it in messages. */
td_status td_checkpoint_parse(td_checkpoint **checkpoint, const void *bytes, size_t n,
                              const char *path);

/* How many times a file's bytes its tensors may take. */
enum { TD_MOST_SHARING = 4 };

/* shapes.c: the slots of a group in the order in which they were written,
 * that of the array; edges of a cell: as many as /arch/normal has rows, none of a
 * derived network. */
void td_checkpoint_read_slots(td_image *image, td_slots *slots, td_state_extent extent);
void td_checkpoint_read_edges(td_image *image, td_checkpoint *checkpoint);

/* check.c: refuse attributes that do not fit the tensors' shapes, and
 * numbers of a checkpoint, read whole, that cannot be. */
void td_checkpoint_check_sides(td_image *image, const td_checkpoint *checkpoint);
void td_checkpoint_check(td_image *image, const td_checkpoint *checkpoint);

#endif
