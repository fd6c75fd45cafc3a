#include "vector.h"

extern const td_kernels TD_VARIANT(kernels);

const td_kernels TD_VARIANT(kernels) = {
    .isa = TD_ISA_NAME,
    .relu = TD_VARIANT(relu),
    .relu_data = TD_VARIANT(relu_data),
    .relu_padded = TD_VARIANT(relu_padded),
    .norm_relu_padded = TD_VARIANT(norm_relu_padded),
    .norm_relu_data = TD_VARIANT(norm_relu_data),
    .halve = TD_VARIANT(halve),
    .halve_data = TD_VARIANT(halve_data),
    .separable = TD_VARIANT(separable),
    .separable_add = TD_VARIANT(separable_add),
    .separable_data = TD_VARIANT(separable_data),
    .depthwise_data = TD_VARIANT(depthwise_data),
    .depthwise_weights = TD_VARIANT(depthwise_weights),
    .pointwise = TD_VARIANT(pointwise),
    .pointwise_weights = TD_VARIANT(pointwise_weights),
    .max_pool = TD_VARIANT(max_pool),
    .max_pool_data = TD_VARIANT(max_pool_data),
    .avg_pool = TD_VARIANT(avg_pool),
    .avg_pool_data = TD_VARIANT(avg_pool_data),
    .sum = TD_VARIANT(sum),
    .dots = TD_VARIANT(dots),
    .affine = TD_VARIANT(affine),
    .combine = TD_VARIANT(combine),
    .exact_add = TD_VARIANT(exact_add),
};
