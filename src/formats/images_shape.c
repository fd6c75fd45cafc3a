/* The shape of the images of a folder: one size, without or after shrinking. */
#include "folder.h"

/* The part whose first file all others are compared with. */
static const td_image_list *first_list(const td_image_list *lists)
{
    return &lists[lists[TD_PART_TRAIN].count > 0 ? TD_PART_TRAIN : TD_PART_TEST];
}

static int least_side(const td_image_list *lists)
{
    int least = TD_MAX_PICTURE_SIDE;
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < lists[part].count; i++) {
            const td_image_file *file = &lists[part].file[i];
            least = file->height < least ? file->height : least;
            least = file->width < least ? file->width : least;
        }
    return least;
}

static td_status refuse_size(const td_dataset *dataset, const td_image_list *lists,
                             int side, const td_image_list *list,
                             const td_image_file *file)
{
    char path[TD_PATH_BYTES], first[TD_PATH_BYTES];
    const td_image_list *compared = first_list(lists);
    int least = least_side(lists);
    td_image_path(path, dataset, list, file);
    td_image_path(first, dataset, compared, compared->file);
    if (side > 0)
        return td_error(TD_DATA,
                        "%s: %dx%d pixels, less than --size %d, and nothing is "
                        "enlarged: take --size %d or leave the file out",
                        path, file->height, file->width, side, least);
    if (file == compared->file)
        return td_error(TD_DATA,
                        "%s: %dx%d pixels, but sides from 1 to %d are kept: shrink "
                        "with `taildart data import --size N`",
                        path, file->height, file->width, TD_MAX_SIDE);
    return td_error(TD_DATA,
                    "%s: %dx%d pixels, but %s has %dx%d: one size is needed, as "
                    "`taildart data import --size %d` makes it",
                    path, file->height, file->width, first, compared->file->height,
                    compared->file->width, least);
}

static bool fits(const td_image_list *lists, int side, const td_image_file *file)
{
    const td_image_file *first = first_list(lists)->file;
    if (side > 0)
        return file->height >= side && file->width >= side;
    return file->height == first->height && file->width == first->width &&
           file->height <= TD_MAX_SIDE && file->width <= TD_MAX_SIDE;
}

td_status td_images_take_shape(td_dataset *dataset, const td_image_list *lists,
                               int side)
{
    td_data_info *info = &dataset->info;
    const td_image_file *first = first_list(lists)->file;
    TD_ASSERT(first_list(lists)->count > 0);
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < lists[part].count; i++) {
            const td_image_file *file = &lists[part].file[i];
            if (!fits(lists, side, file))
                return refuse_size(dataset, lists, side, &lists[part], file);
            if (file->channels > info->channels)
                info->channels = file->channels;
        }
    info->height = side > 0 ? side : first->height;
    info->width = side > 0 ? side : first->width;
    return TD_OK;
}
