/* Both ends of a network: the stem, and the features that heads read. */
#ifndef TD_NET_ENDS_H
#define TD_NET_ENDS_H

#include "dense.h"
#include "taildart/config.h"

/* ---- stem ---------------------------------------------------------------- */

enum { TD_STEM_MOST = 3, TD_STEM_OUTPUTS = 2 };

typedef struct {
    td_dense layer[TD_STEM_MOST];
    int layers;
    td_output output[TD_STEM_OUTPUTS]; /* what cells read, the last one last */
    int outputs;
    td_real *d_first; /* of three layers: gradient behind the first one's batch norm */
} td_stem;

/* \a channels: of the first cells. */
void td_stem_build(td_stem *stem, td_builder *b, td_stem_kind kind, int channels,
                   td_image_size image);

/* What the first cell reads as the output before it (back 1) and the one before that.
 */
const td_output *td_stem_output(const td_stem *stem, int back);

void td_stem_pack(td_stem *stem, const td_context *ctx);
void td_stem_forward(td_stem *stem, const td_context *ctx, const td_span *span);
void td_stem_evaluate_begin(td_stem *stem, const td_context *ctx, const td_span *span);
void td_stem_evaluate_image(const td_stem *stem, const td_context *ctx, int slot,
                            int image);
void td_stem_backward(td_stem *stem, const td_context *ctx, const td_span *span);

/* ---- features ------------------------------------------------------------ */

/* The first number of channel \a c in an image of an output. */
size_t td_output_channel(const td_output *output, int c);

/* One branch's features: global averages of an output, without the planes' padding. */
typedef struct {
    td_real *rows; /* row r begins at rows + r·pitch */
    int pitch, count;
    int first;    /* image of the output that is row 0's */
    double scale; /* factor on all of them */
    bool adds;    /* to the gradients, which another branch has left there */
} td_features;

void td_features_read(td_features to, const td_output *output);

/* Row \a row from the output of image \a image. */
void td_features_read_row(td_features to, int row, const td_output *output, int image);

/* Its transpose: overwrites the output's gradient, zeros in what pads its planes, or
 * adds to it. */
void td_features_backward(td_features from, const td_output *output);

#endif
