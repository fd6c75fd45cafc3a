/* Normalisation and augmentation of images. */
#include <string.h>

#include "taildart/augment.h"
#include "taildart/data.h"
#include "taildart/sampling_loader.h"

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
    TD_ASSERT(count >= 0 && info->channels <= TD_MAX_CHANNELS);
    size_t channels = (size_t) info->channels;
    size_t pixels = (size_t) count * td_image_bytes(info) / channels;
    for (size_t c = 0; c < channels; c++) {
        affine map = affine_of(info, (int) c);
        for (size_t i = c; i < pixels * channels; i += channels)
            out[i] = (td_real) (map.a * images[i] + map.b);
    }
}

/* A crop: its corner in the image, each in −pad … pad, and whether it is flipped. */
typedef struct {
    int down, right;
    bool flip;
} crop;

static td_random key_of(const td_config *config, td_stream_id id, const td_draw *draw,
                        td_lane lane)
{
    return (td_random){ .seed = (uint64_t) config->seed,
                        .stream = (uint32_t) id,
                        .shard = draw->shard,
                        .pass = draw->pass,
                        .lane = lane };
}

static crop crop_of(const td_config *config, td_stream_id id, const td_draw *draw)
{
    td_random key = key_of(config, id, draw, TD_LANE_AUGMENT);
    int pad = config->data.crop_pad, side = 2 * pad + 1;
    uint32_t word[4];
    td_random_block(&key, draw->draw, word);
    int corner = (int) td_random_below(word[0], word[1], (uint64_t) side * side);
    return (crop){ .down = corner / side - pad,
                   .right = corner % side - pad,
                   .flip = config->data.flip && (word[2] & 1) };
}

/* Rows and columns of the square that is cut out: from … before end. */
typedef struct {
    int top, bottom, left, right;
} square;

/* Draw a square whose centre is uniform over the image, so that at a border a part of
 * it lies outside (DeVries & Taylor 2017).  Its random numbers are independent of the
 * crop's. */
static square square_of(const td_config *config, const td_data_info *info,
                        td_stream_id id, const td_draw *draw)
{
    int side = config->data.cutout, height = info->height, width = info->width;
    td_random key = key_of(config, id, draw, TD_LANE_CUTOUT);
    uint32_t word[4];
    td_random_block(&key, draw->draw, word);
    int centre =
        (int) td_random_below(word[0], word[1], (uint64_t) height * (uint64_t) width);
    int top = centre / width - side / 2, left = centre % width - side / 2;
    return (square){ .top = top > 0 ? top : 0,
                     .bottom = top + side < height ? top + side : height,
                     .left = left > 0 ? left : 0,
                     .right = left + side < width ? left + side : width };
}

/* Set the square to zero after normalisation: the mean, not black. */
static void cut_out(td_real *out, const td_data_info *info, square s)
{
    TD_ASSERT(s.left >= 0 && s.right <= info->width);
    TD_ASSERT(s.top >= 0 && s.bottom <= info->height);
    size_t channels = (size_t) info->channels;
    for (int y = s.top; y < s.bottom; y++)
        for (size_t i = 0; i < (size_t) (s.right - s.left) * channels; i++)
            out[((size_t) y * info->width + s.left) * channels + i] = 0;
}

/* Crop and flip.  Pixels outside the image are zeros: black, not the mean. */
static void take_crop(const td_data_info *info, crop v, const uint8_t *image,
                      uint8_t *out)
{
    int height = info->height, width = info->width;
    size_t channels = (size_t) info->channels;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++, out += channels) {
            int row = y + v.down, column = (v.flip ? width - 1 - x : x) + v.right;
            bool inside = row >= 0 && row < height && column >= 0 && column < width;
            if (inside)
                memcpy(out, image + ((size_t) row * width + column) * channels,
                       channels);
            else
                memset(out, 0, channels);
        }
}

void td_augment(const td_config *config, const td_data_info *info, td_stream_id id,
                const td_draw *draw, const uint8_t *image, uint8_t *work, td_real *out)
{
    const td_random key = key_of(config, id, draw, TD_LANE_POLICY);
    td_canvas canvas = { .height = info->height,
                         .width = info->width,
                         .channels = info->channels,
                         .pixels = work,
                         .spare = work + td_image_bytes(info) };
    TD_ASSERT(config->data.crop_pad >= 0 && config->data.cutout >= 0);
    take_crop(info, crop_of(config, id, draw), image, canvas.pixels);
    td_augment_by_policy(&canvas, &config->data.augment, &key, draw->draw);
    td_normalise(info, 1, canvas.pixels, out);
    if (config->data.cutout > 0)
        cut_out(out, info, square_of(config, info, id, draw));
}
