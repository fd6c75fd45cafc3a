/* mixing.json: images that are mixed, and the shares of their labels. */
#include <stdio.h>
#include <string.h>

#include "checker.h"
#include "taildart/mix.h"

/* Boxes and shares have to be equal; shares of the file have twelve decimals. */
static const double SHARE = 1e-12, PIXELS = 1e-6;

/* Images (N, C, H, W) of the file as (N, H, W, C). */
typedef struct {
    int n, channels, height, width;
    td_real *numbers;
} images;

static int length_of(golden_json *json, yaml_node_t **node)
{
    int count = golden_json_count(*node);
    *node = count > 0 ? golden_json_item(json, *node, 0) : NULL;
    return count;
}

static images read_images(golden_case *c, golden_json *json, yaml_node_t *node)
{
    size_t count;
    yaml_node_t *inner = node;
    images x = { .n = length_of(json, &inner) };
    x.channels = length_of(json, &inner);
    x.height = length_of(json, &inner);
    x.width = length_of(json, &inner);
    double *numbers = golden_json_numbers(c, json, node, &count);
    int plane = x.height * x.width;
    if (count == 0 || count != (size_t) (x.n * x.channels * plane))
        golden_fail(c, "not four dimensions");
    x.numbers = GOLDEN_TAKE(c, td_real, count + 1);
    for (int i = 0; !golden_has_failed(c) && i < (int) count; i++) {
        int image = i / (x.channels * plane), channel = i / plane % x.channels;
        int to = (image * plane + i % plane) * x.channels + channel;
        x.numbers[to] = (td_real) (float) numbers[i];
    }
    return x;
}

static double number(golden_case *c, golden_json *json, yaml_node_t *map,
                     const char *key)
{
    return golden_json_number(c, golden_json_get(c, json, map, key));
}

static int whole(golden_case *c, golden_json *json, yaml_node_t *map, const char *key)
{
    return (int) golden_json_integer(c, golden_json_get(c, json, map, key));
}

/* Mix images with partners and hold them against \a expected. */
static void check_images(golden_case *c, const images *x, const images *expected,
                         const td_real *const *partners, td_mix *mix,
                         const td_mix_pair *pair, double share)
{
    size_t size = (size_t) (x->height * x->width * x->channels);
    size_t count = (size_t) x->n * size;
    td_real *found = GOLDEN_TAKE(c, td_real, count + 1);
    double *wanted = GOLDEN_TAKE(c, double, count + 1);
    if (expected->n != x->n || expected->channels != x->channels ||
        expected->height != x->height || expected->width != x->width)
        golden_fail(c, "images of another shape");
    if (golden_has_failed(c))
        return;
    memcpy(found, x->numbers, count * sizeof *found);
    for (size_t i = 0; i < (size_t) x->n; i++) {
        double own = mix(found + i * size, partners[i], pair);
        golden_compare(c, "share", own > share ? own - share : share - own, SHARE);
    }
    for (size_t k = 0; k < count; k++)
        wanted[k] = (double) expected->numbers[k];
    golden_compare_array(c, "mixed", found, wanted, count, PIXELS);
}

static td_mix_pair pair_of(const images *x, double lambda)
{
    return (td_mix_pair){ .height = x->height,
                          .width = x->width,
                          .channels = x->channels,
                          .lambda = lambda };
}

static void check_mixup(golden_case *c, golden_json *json, yaml_node_t *map)
{
    size_t count;
    images x = read_images(c, json, golden_json_get(c, json, map, "x"));
    images mixed = read_images(c, json, golden_json_get(c, json, map, "mixed"));
    double *partner =
        golden_json_numbers(c, json, golden_json_get(c, json, map, "partner"), &count);
    const td_real **partners = GOLDEN_TAKE(c, const td_real *, (size_t) x.n + 1);
    if ((int) count != x.n)
        golden_fail(c, "not one partner per image");
    for (int i = 0; !golden_has_failed(c) && i < x.n; i++)
        partners[i] = x.numbers + (int) partner[i] * x.height * x.width * x.channels;
    td_mix_pair pair = pair_of(&x, number(c, json, map, "lam"));
    check_images(c, &x, &mixed, partners, td_mix_of(TD_MIX_MIXUP), &pair,
                 number(c, json, map, "share"));
}

static td_box check_box(golden_case *c, golden_json *json, yaml_node_t *map)
{
    td_box box = td_mix_box(whole(c, json, map, "height"), whole(c, json, map, "width"),
                            number(c, json, map, "lam"), whole(c, json, map, "row"),
                            whole(c, json, map, "column"));
    if (box.top != whole(c, json, map, "top") ||
        box.left != whole(c, json, map, "left") ||
        box.bottom != whole(c, json, map, "bottom") ||
        box.right != whole(c, json, map, "right"))
        golden_fail(c, "the box is %d %d %d %d", box.top, box.left, box.bottom,
                    box.right);
    return box;
}

/* A box alone: black is pasted on white, and the share is what stays white. */
static void check_cutmix(golden_case *c, golden_json *json, yaml_node_t *map)
{
    td_mix_pair pair = { .height = whole(c, json, map, "height"),
                         .width = whole(c, json, map, "width"),
                         .channels = 1,
                         .lambda = number(c, json, map, "lam"),
                         .box = check_box(c, json, map) };
    if (golden_has_failed(c))
        return;
    size_t count = (size_t) (pair.height * pair.width);
    td_real *white = GOLDEN_TAKE(c, td_real, count);
    td_real *black = GOLDEN_TAKE(c, td_real, count);
    double share = number(c, json, map, "share"), left = 0.0;
    for (size_t k = 0; k < count; k++)
        white[k] = 1;
    double found = td_mix_of(TD_MIX_CUTMIX)(white, black, &pair);
    for (size_t k = 0; k < count; k++)
        left += (double) white[k] / (double) count;
    golden_compare(c, "share", found > share ? found - share : share - found, SHARE);
    golden_compare(c, "pixels", left > share ? left - share : share - left, PIXELS);
}

static void check_remix(golden_case *c, golden_json *json, yaml_node_t *map)
{
    yaml_node_t *pairs = golden_json_get(c, json, map, "pairs");
    if (golden_json_count(pairs) == 0)
        golden_fail(c, "no pairs");
    for (int i = 0; i < golden_json_count(pairs); i++) {
        yaml_node_t *item = golden_json_item(json, pairs, i);
        td_real own = 1, partner = 0;
        td_mix_pair pair = { .height = 1,
                             .width = 1,
                             .channels = 1,
                             .lambda = number(c, json, item, "lam"),
                             .own_count = number(c, json, item, "own"),
                             .partner_count = number(c, json, item, "other"),
                             .kappa = number(c, json, map, "kappa"),
                             .tau = number(c, json, map, "tau") };
        double found = td_mix_of(TD_MIX_REMIX)(&own, &partner, &pair);
        double share = number(c, json, item, "share");
        golden_compare(c, "share", found > share ? found - share : share - found,
                       SHARE);
        double pixel = (double) own - pair.lambda;
        golden_compare(c, "pixel", pixel > 0.0 ? pixel : -pixel, PIXELS);
    }
}

static void check_cmo(golden_case *c, golden_json *json, yaml_node_t *map,
                      yaml_node_t *item)
{
    images x = read_images(c, json, golden_json_get(c, json, map, "x"));
    images other = read_images(c, json, golden_json_get(c, json, map, "other"));
    images mixed = read_images(c, json, golden_json_get(c, json, item, "mixed"));
    const td_real **partners = GOLDEN_TAKE(c, const td_real *, (size_t) x.n + 1);
    if (other.n != x.n || other.channels != x.channels || other.height != x.height ||
        other.width != x.width)
        golden_fail(c, "images of another shape");
    for (int i = 0; !golden_has_failed(c) && i < x.n; i++)
        partners[i] = other.numbers + i * x.height * x.width * x.channels;
    td_mix_pair pair = pair_of(&x, number(c, json, item, "lam"));
    pair.box = check_box(c, json, item);
    check_images(c, &x, &mixed, partners, td_mix_of(TD_MIX_CMO), &pair,
                 number(c, json, item, "share"));
}

/* The items of a list, a case each. */
static int check_list(golden_run *run, const char *file, golden_json *json,
                      yaml_node_t *list, const char *name, yaml_node_t *map)
{
    int count = golden_json_count(list);
    for (int i = 0; i < count; i++) {
        char title[64];
        golden_case c;
        snprintf(title, sizeof title, "%s/%d", name, i);
        golden_begin(&c, run, file, title);
        if (map)
            check_cmo(&c, json, map, golden_json_item(json, list, i));
        else
            check_cutmix(&c, json, golden_json_item(json, list, i));
        golden_end(&c);
    }
    return count;
}

void golden_check_mixing(golden_run *run, const char *path, const char *file)
{
    golden_json json;
    golden_case whole_file, c;
    golden_begin(&whole_file, run, file, "");
    yaml_node_t *root = golden_json_load(&whole_file, &json, path);
    yaml_node_t *mixup = golden_json_get(&whole_file, &json, root, "mixup");
    yaml_node_t *cutmix = golden_json_get(&whole_file, &json, root, "cutmix");
    yaml_node_t *remix = golden_json_get(&whole_file, &json, root, "remix");
    yaml_node_t *cmo = golden_json_get(&whole_file, &json, root, "cmo");
    yaml_node_t *boxes = golden_json_get(&whole_file, &json, cmo, "boxes");
    int cases = 0;
    if (mixup) {
        golden_begin(&c, run, file, "mixup");
        check_mixup(&c, &json, mixup);
        golden_end(&c);
        cases++;
    }
    if (remix) {
        golden_begin(&c, run, file, "remix");
        check_remix(&c, &json, remix);
        golden_end(&c);
        cases++;
    }
    cases += check_list(run, file, &json, cutmix, "cutmix", NULL);
    cases += check_list(run, file, &json, boxes, "cmo", cmo);
    golden_end_file(&whole_file, cases);
    golden_json_clear(&json);
}
