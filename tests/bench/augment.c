/* What the loader's thread does for a batch of 64 images of 3x32x32, by policy: crop,
 * mirror, operations, normalisation; the least of several, as one JSON object. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "taildart/augment.h"
#include "taildart/base_clock.h"
#include "taildart/sampling_loader.h"

enum {
    BATCH = 64,
    SIDE = 32,
    CHANNELS = 3,
    IMAGE = SIDE * SIDE * CHANNELS,
    ROUNDS = 20
};

static uint8_t images[BATCH][IMAGE], work[2 * IMAGE];
static td_real out[IMAGE];

static void make_images(void)
{
    const td_random key = { .stream = TD_STREAM_SYNTHETIC };
    for (uint32_t i = 0; i < BATCH * IMAGE; i++)
        images[i / IMAGE][i % IMAGE] = (uint8_t) (256 * td_random_unit(&key, i));
}

static double seconds_of(const td_config *config, const td_data_info *info, int round)
{
    double start = td_clock_seconds();
    for (uint32_t i = 0; i < BATCH; i++) {
        const td_draw draw = { .pass = (uint32_t) round, .draw = i };
        td_augment(config, info, TD_STREAM_WEIGHTS, &draw, images[i], work, out);
    }
    return td_clock_seconds() - start;
}

int main(void)
{
    td_settings *settings = td_settings_new(TD_FOR_SEARCH);
    td_config config = *td_settings_config(settings);
    td_data_info info = { .height = SIDE, .width = SIDE, .channels = CHANNELS };
    for (int c = 0; c < CHANNELS; c++)
        info.std[c] = 0.25;
    make_images();
    printf("{\"batch\": %d", BATCH);
    for (int kind = 0; kind < TD_AUGMENT_COUNT; kind++) {
        double least = INFINITY;
        config.data.augment.kind = kind;
        for (int round = 0; round < ROUNDS; round++)
            least = fmin(least, seconds_of(&config, &info, round));
        printf(", \"%s_seconds\": %.4g", td_augment_policy_name((td_augment_kind) kind),
               least);
    }
    printf("}\n");
    td_settings_free(settings);
    return EXIT_SUCCESS;
}
