/** Floor 7: a network that names the class of pictures, for other programs.
 *
 *  Needs neither mpirun nor MPI_Init, and nothing but what this header and base.h
 *  declare: these stay as they are for as long as TD_ABI does.  One thread at a time in
 *  the whole process calls these functions, whatever classifiers it has: they share
 *  what they count and allocate with.  A pass through a network takes all CPUs of the
 *  process, or as many as OMP_NUM_THREADS says.  The calling thread's floating-point
 *  environment and its numbers of OpenMP come back as they were; the other threads of
 *  OpenMP's pool keep taking denormal numbers for zero, and OpenBLAS one thread.
 *  Where memory does not do, the process ends. */
#ifndef TAILDART_EVAL_CLASSIFIER_H
#define TAILDART_EVAL_CLASSIFIER_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

typedef struct td_classifier td_classifier;

/** Load the network of a checkpoint: a file, or the directory of a run.  What fails is
 *  told by td_error_message().
 *  Not collective.  \param [out] classifier  for td_classifier_free; NULL on failure
 *  \return TD_CHECKPOINT where it is unreadable or keeps no mean; TD_USAGE for a number
 *  of threads or an instruction set that the environment asks for and cannot be */
td_status td_classifier_load(td_classifier **classifier, const char *checkpoint);

/** Release it; NULL is fine.  Not collective. */
void td_classifier_free(td_classifier *classifier);

/** The number of its classes.  Not collective. */
int td_classifier_classes(const td_classifier *classifier);

/** The name of a class, borrowed.  Not collective. */
const char *td_classifier_class_name(const td_classifier *classifier, int number);

/** Bytes of an image as the network takes it: height x width x channels.  Not
 *  collective. */
size_t td_classifier_image_bytes(const td_classifier *classifier);

/** Height, width and channels (1 grey, 3 colour) of such an image.  Not collective.
 *  \param [out] shape (3) */
void td_classifier_image_shape(const td_classifier *classifier, int shape[3]);

/** Read a JPEG or PNG file as such an image: larger ones are cut to their middle and
 *  shrunk as an import does.
 *  Not collective.  \param [out] image (height, width, channels)
 *  \return TD_DATA where it is unreadable, too small, or in colour for a grey
 *  network */
td_status td_classifier_read(const td_classifier *classifier, const char *picture,
                             uint8_t *image);

/** Pass images through the network: what `taildart predict` prints.
 *  Not collective.  \param [in] images (count, height, width, channels), as read or of
 *  your own  \param [out] probability (count, classes), which sum to 1 for each image
 *  \return TD_CHECKPOINT where a logit is not finite */
td_status td_classifier_answer(td_classifier *classifier, const uint8_t *images,
                               int count, double *probability);

TD_PUBLIC_END

#endif
