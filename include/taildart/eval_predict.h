/** Floor 7: what a network says of pictures. */
#ifndef TAILDART_EVAL_PREDICT_H
#define TAILDART_EVAL_PREDICT_H

#include "taildart/comm.h"

TD_PUBLIC_BEGIN

typedef enum { TD_PREDICT_TEXT, TD_PREDICT_CSV, TD_PREDICT_JSON } td_predict_form;

/** Options of predict. */
typedef struct {
    const char *checkpoint;      /**< a file, or the directory of a run         */
    const char *const *pictures; /**< (count) JPEG and PNG files                */
    int count;
    int top; /**< classes to name of each picture; all where there are fewer    */
    td_predict_form form;
} td_predict_options;

/** Print the likeliest classes of pictures and their probabilities, in the order of the
 *  pictures.  Larger ones are shrunk as an import of that size does, with the mean and
 *  the deviation of the run; images that the run has padded are padded.  What cannot be
 *  read is told on stderr, and the others are answered.
 *  Collective, of one rank.
 *  \return TD_FAILED where pictures have no answer, TD_CHECKPOINT when it is unreadable
 *  or keeps no mean, TD_USAGE on more ranks than one */
td_status td_predict_run(td_comm *world, const td_predict_options *options);

TD_PUBLIC_END

#endif
