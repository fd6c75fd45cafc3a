/* The transforms of batches, one function a row of TD_TRANSFORMS. */
#ifndef TD_SAMPLING_TRANSFORMS_H
#define TD_SAMPLING_TRANSFORMS_H

#include "taildart/sampling_transform.h"

#define TD_TRANSFORM_DECLARE(NAME, function, word) td_transform td_transform_##function;
TD_TRANSFORMS(TD_TRANSFORM_DECLARE)
#undef TD_TRANSFORM_DECLARE

#endif
