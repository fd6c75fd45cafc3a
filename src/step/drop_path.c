/* Drop path: which images leave out which edges of a derived network in a step.
 *
 * A number depends on the image's place in the whole batch, not on the rank or thread
 * that holds it. */
#include "stepper.h"
#include "taildart/base_random.h"

static td_real factor_of(const td_random *key, uint32_t draw, double probability)
{
    bool is_dropped = td_random_unit(key, draw) < probability;
    return is_dropped ? 0 : (td_real) (1.0 / (1.0 - probability));
}

const td_real *td_step_draw_paths(td_stepper *stepper, const td_step_batches *batches,
                                  double probability)
{
    int count = batches->train[TD_CONVENTIONAL].count, rows = stepper->sizes.path_rows;
    int images = stepper->sizes.branches * count;
    if (rows == 0 || probability <= 0.0)
        return NULL;
    TD_ASSERT(batches->places && probability < 1.0);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < images; i++) {
        /* both branches have as many images, with keys of their own */
        uint32_t place = (uint32_t) batches->places[i % count];
        td_random key = { .seed = batches->seed,
                          .stream = TD_STREAM_DROP_PATH,
                          .shard = 2 * place + (uint32_t) (i / count),
                          .pass = (uint32_t) batches->epoch };
        for (int row = 0; row < rows; row++) {
            uint32_t draw = (uint32_t) (batches->step * rows + row);
            stepper->buffers.drop_path[row * images + i] =
                factor_of(&key, draw, probability);
        }
    }
    return stepper->buffers.drop_path;
}
