/* Pictures become images of a network: as an import of that size reads them, and padded
 * where the run has padded its own. */
#include "predict.h"

#include <unistd.h>

#include "taildart/formats.h"

/* The sides of the images of a padded network are told by its data set alone. */
static void look_up_size(td_classifier *c)
{
    td_data_info own;
    const td_data_info *padded = &c->eval.plan.info;
    char *data = td_eval_data_of_run(&c->eval);
    c->knows_size = data && access(data, F_OK) == 0 &&
                    td_dataset_inspect(&own, data) == TD_OK &&
                    own.height <= padded->height && own.width <= padded->width;
    if (c->knows_size) {
        c->size.height = own.height;
        c->size.width = own.width;
    }
    td_free(data);
}

td_status td_classifier_find_size(td_classifier *c)
{
    int side = 0;
    td_status status = td_checkpoint_pad_to(c->eval.saved, c->eval.checkpoint, &side);
    c->size = c->eval.plan.info;
    c->knows_size = true;
    if (status == TD_OK && side > 0)
        look_up_size(c);
    return status;
}

/* Whether a picture can be brought to the size: nothing is enlarged. */
static bool fits(const td_classifier *c, const td_picture *picture)
{
    const td_data_info *size = &c->size;
    bool is_large = picture->height >= size->height && picture->width >= size->width;
    if (picture->height == size->height && picture->width == size->width)
        return true;
    if (c->knows_size)
        return size->height == size->width && is_large;
    return picture->height <= size->height && picture->width <= size->width;
}

static bool check(const td_classifier *c, td_picture *picture)
{
    const td_data_info *size = &c->size;
    if (picture->channels > size->channels)
        snprintf(picture->fault, sizeof picture->fault,
                 "a picture in colour, and the network knows grey ones: make it grey");
    else if (!fits(c, picture) && !c->knows_size)
        snprintf(picture->fault, sizeof picture->fault,
                 "%dx%d pixels, more than %dx%d, to which the run has padded images of "
                 "a data set that is not there: shrink it as those were",
                 picture->height, picture->width, size->height, size->width);
    else if (!fits(c, picture))
        snprintf(picture->fault, sizeof picture->fault,
                 "%dx%d pixels, but the network takes %dx%d, and nothing is %s",
                 picture->height, picture->width, size->height, size->width,
                 size->height == size->width ? "enlarged" : "distorted");
    return picture->fault[0] == '\0';
}

bool td_classifier_read_picture(const td_classifier *c, td_picture *picture,
                                const char *path, uint8_t *image)
{
    const td_data_info *to = &c->eval.plan.info;
    if (!td_picture_look(picture, path) || !check(c, picture))
        return false;
    td_data_info from = c->size;
    if (!c->knows_size) {
        from.height = picture->height;
        from.width = picture->width;
    }
    uint8_t *pixels = td_malloc(td_image_bytes(&from));
    bool ok =
        td_picture_read(picture, path, from.channels, from.height, from.width, pixels);
    if (ok)
        td_image_pad(image, to, pixels, &from);
    td_free(pixels);
    return ok;
}
