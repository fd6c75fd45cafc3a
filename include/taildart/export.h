/** Floor 7: trained networks for other programs. */
#ifndef TAILDART_EXPORT_H
#define TAILDART_EXPORT_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Options of export. */
typedef struct {
    const char *checkpoint;
    const char *format; /**< "pytorch", "onnx" or "hdf5"                           */
    const char *output; /**< NULL: "network" and the format's ending, beside the
                             checkpoint                                          */
} td_export_options;

/** Write the network of a checkpoint, as `eval` judges it, in a format of other
 *  programs, complete or not at all, and print what was written.  No ranks are needed.
 *  Not collective.
 *  \return TD_USAGE for an unknown format, for a network that it does not hold and for
 *  an output that would replace a file of another kind; TD_CHECKPOINT for an
 *  unreadable checkpoint, or one that says too little; TD_FAILED when the file cannot
 *  be written */
td_status td_export_run(const td_export_options *options);

TD_PUBLIC_END

#endif
