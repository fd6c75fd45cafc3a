/* From raw pixels to what the network reads. */
#include "internal.h"
#include "taildart/data_loader.h"

/* (x/255 − mean)/std of one channel as a·x + b; a constant channel is only centred. */
typedef struct {
    double a, b;
} affine;

static affine affine_of(const td_data_info *info, int c)
{
    double std = info->std[c] > 0.0 ? info->std[c] : 1.0;
    return (affine){ 1.0 / (255.0 * std), -info->mean[c] / std };
}

void td_normalise(const td_data_info *info, int64_t count, const uint8_t *images,
                  td_real *out)
{
    size_t channels = (size_t) info->channels;
    size_t pixels = (size_t) count * td_image_bytes(info) / channels;
    for (size_t c = 0; c < channels; c++) {
        affine map = affine_of(info, (int) c);
        for (size_t i = c; i < pixels * channels; i += channels)
            out[i] = (td_real) (map.a * images[i] + map.b);
    }
}

/* Where the crop begins in the image, each in −pad … pad, and whether it is flipped. */
typedef struct {
    int down, right;
    bool flip;
} view;

static view view_of(const td_config *config, td_stream_id id, const td_draw *draw)
{
    td_random key = { .seed = (uint64_t) config->seed,
                      .stream = (uint32_t) id,
                      .shard = draw->shard,
                      .pass = draw->pass,
                      .lane = TD_LANE_AUGMENT };
    int pad = config->data.crop_pad, side = 2 * pad + 1;
    uint32_t word[4];
    td_random_block(&key, draw->draw, word);
    int corner = (int) td_random_below(word[0], word[1], (uint64_t) side * side);
    return (view){ .down = corner / side - pad,
                   .right = corner % side - pad,
                   .flip = config->data.flip && (word[2] & 1) };
}

/* Pixels outside the image are raw zeros: black, not the mean. */
void td_augment(const td_config *config, const td_data_info *info, td_stream_id id,
                const td_draw *draw, const uint8_t *image, td_real *out)
{
    int height = info->height, width = info->width, channels = info->channels;
    view v = view_of(config, id, draw);
    affine map[TD_MAX_CHANNELS];
    TD_ASSERT(channels <= TD_MAX_CHANNELS);
    for (int c = 0; c < channels; c++)
        map[c] = affine_of(info, c);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int row = y + v.down, column = (v.flip ? width - 1 - x : x) + v.right;
            bool inside = row >= 0 && row < height && column >= 0 && column < width;
            const uint8_t *from =
                inside ? image + ((size_t) row * width + column) * channels : NULL;
            for (int c = 0; c < channels; c++)
                *out++ = (td_real) (map[c].a * (from ? from[c] : 0) + map[c].b);
        }
}
