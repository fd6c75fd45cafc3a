/* The shape of the images of a folder: one size, without or after shrinking; and what
 * is said of pictures that are not as they are stored. */
#include "folder.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"

/* The part whose first file all others are compared with. */
static const td_image_list *first_list(const td_image_list *lists)
{
    return &lists[lists[TD_PART_TRAIN].count > 0 ? TD_PART_TRAIN : TD_PART_TEST];
}

/* Sides of all files, and how many are smaller than \a side. */
static td_picture_sizes measure(const td_image_list *lists, int side)
{
    td_picture_sizes s = { .least_height = INT_MAX, .least_width = INT_MAX };
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < lists[part].count; i++) {
            int height = lists[part].file[i].height, width = lists[part].file[i].width;
            s.least_height = height < s.least_height ? height : s.least_height;
            s.least_width = width < s.least_width ? width : s.least_width;
            s.most_height = height > s.most_height ? height : s.most_height;
            s.most_width = width > s.most_width ? width : s.most_width;
            s.smaller += height < side || width < side;
            s.below_usual += height < TD_USUAL_SIDE || width < TD_USUAL_SIDE;
            s.count++;
        }
    s.differ = s.least_height != s.most_height || s.least_width != s.most_width ||
               s.most_height > TD_MAX_SIDE || s.most_width > TD_MAX_SIDE;
    return s;
}

/* The largest that all pictures have, a multiple of 4, which needs no padding. */
static int largest_side(const td_picture_sizes *sizes)
{
    enum { MULTIPLE = 4 };
    int least = sizes->least_height < sizes->least_width ? sizes->least_height
                                                         : sizes->least_width;
    return least >= MULTIPLE ? least / MULTIPLE * MULTIPLE : least;
}

int td_picture_sizes_advice(const td_picture_sizes *sizes, bool *skips)
{
    enum { FEW = 20 }; /* one in so many may be left out for the others' sake */
    int largest = largest_side(sizes);
    *skips = sizes->below_usual > 0 && sizes->below_usual <= sizes->count / FEW;
    return *skips || largest >= TD_USUAL_SIDE ? TD_USUAL_SIDE : largest;
}

static td_status refuse_small(const char *path, const td_image_file *file, int side,
                              const td_picture_sizes *sizes)
{
    bool is_one = sizes->smaller == 1;
    char *others = is_one ? td_strdup("it out")
                          : td_format("out the %lld pictures that are smaller",
                                      (long long) sizes->smaller);
    td_status status =
        td_error(TD_DATA,
                 "%s: %dx%d pixels, less than --size %d, and nothing is enlarged: take "
                 "--size %d, or --skip-small, which leaves %s",
                 path, file->height, file->width, side, largest_side(sizes), others);
    td_free(others);
    return status;
}

static td_status refuse_size(const td_dataset *dataset, const td_image_list *lists,
                             const td_image_list *list, const td_image_file *file,
                             const td_picture_sizes *sizes)
{
    char path[TD_PATH_BYTES], first[TD_PATH_BYTES];
    const td_image_list *compared = first_list(lists);
    bool skips;
    int advice = td_picture_sizes_advice(sizes, &skips);
    const char *option = skips ? " --skip-small" : "";
    td_image_path(path, dataset, list, file);
    td_image_path(first, dataset, compared, compared->file);
    if (file == compared->file)
        return td_error(TD_DATA,
                        "%s: %dx%d pixels, but sides from 1 to %d are kept: shrink "
                        "with `taildart data import --size %d%s`",
                        path, file->height, file->width, TD_MAX_SIDE, advice, option);
    return td_error(TD_DATA,
                    "%s: %dx%d pixels, but %s has %dx%d: one size is needed, as "
                    "`taildart data import --size %d%s` makes it",
                    path, file->height, file->width, first, compared->file->height,
                    compared->file->width, advice, option);
}

static bool fits(const td_image_list *lists, int side, const td_image_file *file)
{
    const td_image_file *first = first_list(lists)->file;
    if (side > 0)
        return file->height >= side && file->width >= side;
    return file->height == first->height && file->width == first->width &&
           file->height <= TD_MAX_SIDE && file->width <= TD_MAX_SIDE;
}

static td_status check_sizes(const td_dataset *dataset, const td_image_list *lists,
                             int side, const td_picture_sizes *sizes)
{
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < lists[part].count; i++) {
            const td_image_file *file = &lists[part].file[i];
            char path[TD_PATH_BYTES];
            if (fits(lists, side, file))
                continue;
            td_image_path(path, dataset, &lists[part], file);
            return side > 0 ? refuse_small(path, file, side, sizes)
                            : refuse_size(dataset, lists, &lists[part], file, sizes);
        }
    return TD_OK;
}

static int most_channels(const td_image_list *lists)
{
    int channels = 1;
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < lists[part].count; i++)
            if (lists[part].file[i].channels > channels)
                channels = lists[part].file[i].channels;
    return channels;
}

td_status td_images_take_shape(td_dataset *dataset, const td_image_list *lists,
                               const td_data_reading *how)
{
    td_data_info *info = &dataset->info;
    const td_image_file *first = first_list(lists)->file;
    td_picture_sizes sizes = measure(lists, how->size);
    TD_ASSERT(first_list(lists)->count > 0);
    info->channels = most_channels(lists);
    if (how->sizes)
        *how->sizes = sizes;
    if (how->sizes && sizes.differ && how->size == 0)
        return TD_OK;
    info->height = how->size > 0 ? how->size : first->height;
    info->width = how->size > 0 ? how->size : first->width;
    return check_sizes(dataset, lists, how->size, &sizes);
}

/* ---- what is said of them -------------------------------------------------------- */

enum { GREY = 1 << 8, CROPPED = 1 << 9 }; /* beside those of td_picture_oddity */

static const struct {
    unsigned odd;
    const char *what;
} oddities[] = {
    { GREY, "grey (widened to colours)" },
    { TD_PICTURE_PALETTE, "of a palette (its colours)" },
    { TD_PICTURE_CMYK, "CMYK (made RGB)" },
    { TD_PICTURE_DEEP, "of 16 bits (8 are kept)" },
    { TD_PICTURE_ALPHA, "with transparency (not used)" },
    { TD_PICTURE_TURNED, "turned by EXIF (put upright)" },
    { CROPPED, "not square (the middle is kept)" },
};
enum { ODDITIES = sizeof oddities / sizeof *oddities };

static unsigned oddities_of(const td_data_info *info, const td_image_file *file)
{
    unsigned odd = file->odd;
    bool is_cropped = file->height != file->width && info->height == info->width;
    if (file->channels < info->channels)
        odd |= GREY;
    if (is_cropped && info->height > 0)
        odd |= CROPPED;
    return odd;
}

void td_images_tell_odd(const td_dataset *dataset, const td_image_list *lists)
{
    int64_t counts[ODDITIES] = { 0 };
    td_text text = { 0 };
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < lists[part].count; i++) {
            unsigned odd = oddities_of(&dataset->info, &lists[part].file[i]);
            for (int o = 0; o < ODDITIES; o++)
                counts[o] += (odd & oddities[o].odd) != 0;
        }
    for (int o = 0; o < ODDITIES; o++)
        if (counts[o] > 0)
            td_text_write(&text, "%s%lld %s", text.length ? ", " : "",
                          (long long) counts[o], oddities[o].what);
    if (text.length)
        td_log(TD_LOG_NOTE, "%lld pictures, of them %s",
               (long long) (lists[0].count + lists[1].count), text.chars);
    td_free(text.chars);
}
