/* A 3x3 convolution over all channels with the batch norm behind it, which has scale
 * and shift: stems are made of it. */
#ifndef TD_NET_DENSE_H
#define TD_NET_DENSE_H

#include "../cells/cells.h"

enum { TD_DENSE_TAPS = 9 };

/* Images as they come in. */
typedef struct {
    int channels, height, width;
} td_image_size;

/* It reads the images of a pass, or planes. */
typedef struct {
    td_image_size image; /* channels 0: it reads planes */
    int top, left;       /* rows and columns of zeros around an image, which … */
    td_extent in;        /* … with them has these sides; or planes */
    int in_channels, channels, stride;
    td_extent out;
    td_matrix matrix;
    td_norm norm;
    td_coefs coefs;
    td_real *y; /* (images, …) before the batch norm */
} td_dense;

/* The caller has set all before \a out; sides are divisible by the stride.  \a layer
 * and \a norm: names in the state_dict. */
void td_dense_build(td_dense *d, td_builder *b, const char *layer, const char *norm);

int td_dense_pixels(const td_dense *d);
td_real *td_dense_y(const td_dense *d, int image);
td_norm_entry td_dense_norm(td_dense *d);

/* y of a place from the image of a pass, and from planes with a margin; Σ y and Σ y².
 */
void td_dense_read_image(const td_dense *d, const td_context *ctx, int slot, int image);
void td_dense_read_planes(const td_dense *d, const td_context *ctx, int slot,
                          const td_real *padded);

/* out = batch norm(y). */
void td_dense_scale(const td_dense *d, const td_context *ctx, td_real *out, int slot,
                    int group);

/* Σ g and Σ g·y of the gradient behind the batch norm. */
void td_dense_sum(const td_dense *d, const td_context *ctx, const td_real *g,
                  int image);

/* From that gradient to those of the weights, in the item's slice, and of what was
 * read: \return planes without a margin in the thread's scratch; NULL for an image,
 * which wants none.  \a padded: the planes that were read. */
td_real *td_dense_backward(const td_dense *d, const td_context *ctx, td_item item,
                           const td_real *g, const td_real *padded);

/* Numbers of a slice that its weights take. */
size_t td_dense_slice(const td_dense *d);

/* ---- columns.c ------------------------------------------------------------ */

/* What windows see of an image, or of planes with a margin. */
void td_columns_of_image(td_real *columns, const td_dense *d, const td_real *image);
void td_columns_of_planes(td_real *columns, const td_dense *d, const td_real *padded);

/* The transpose of the latter, without a margin. */
void td_columns_to_planes(td_real *planes, const td_dense *d, const td_real *columns);

#endif
