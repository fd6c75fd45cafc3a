/* State of a prediction, and the functions shared by its files. */
#ifndef TD_EVAL_PREDICT_H
#define TD_EVAL_PREDICT_H

#include "eval.h"
#include "taildart/base_text.h"
#include "taildart/eval_classifier.h"
#include "taildart/eval_predict.h"
#include "taildart/pictures.h"

enum { TD_CLASSIFIER_BATCH = 32 }; /* pictures at once: a few for each thread */

struct td_classifier {
    td_eval eval;         /* the checkpoint, its network, and the pixels of a batch */
    td_data_info size;    /* of pictures, before they are padded */
    bool knows_size;      /* or else what fits is padded as it is */
    td_class_name *names; /* (classes) owned */
    int threads;          /* of OpenMP, which passes divide their work among */
};

typedef struct {
    td_classifier *network; /* owned */
    const td_predict_options *options;
    int told, refused; /* pictures with an answer, and without */
} td_prediction;

/* ---- classifier.c ------------------------------------------------------------ */

/* As td_classifier_load(), with room for \a batch images in a pass. */
td_status td_classifier_open(td_classifier **out, const char *checkpoint, int batch);

/* Softmax of \a logits (classes).  \return false where they are not finite */
bool td_classifier_probabilities(const td_real *logits, int classes,
                                 double *probability);

/* ---- picture.c --------------------------------------------------------------- */

/* Find what size pictures take: that of the network's images or, of padded ones, that
 * of the run's data set. */
td_status td_classifier_find_size(td_classifier *c);

/* Read one as an image of the network.  Any thread.  \return false with
 * picture->fault */
bool td_classifier_read_picture(const td_classifier *c, td_picture *picture,
                                const char *path, uint8_t *image);

/* ---- answer.c ---------------------------------------------------------------- */

/* What stands before and behind all answers. */
void td_predict_begin(const td_prediction *p);
void td_predict_end(const td_prediction *p);

/* The answer of \a logits (classes) to a picture, or why there is none. */
void td_predict_answer(td_prediction *p, const char *path, const td_real *logits);
void td_predict_refuse(td_prediction *p, const char *path, const char *fault);

#endif
