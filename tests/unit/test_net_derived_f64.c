/* Every gradient of derived networks against central differences, in double precision:
 * the sources are those of the program. */
#include <stdlib.h>
#include <string.h>

#include "net_differences.h"
#include "net_genotypes.h"
#include "suite.h"

/* deeper sums: rounding leaves some 5e-9 */
static const double smallest_scale = 1e-2;

/* Choices of a case beside the sizes. */
typedef struct {
    const td_genotype *genotype;
    int channels, cells, image_channels, height, width;
    int groups, per_group;
    bool two_branch, auxiliary, drops, evaluates, adds_skips;
    td_stem_kind stem;
} sample;

static const sample samples[] = {
    { &darts_v2, 3, 4, 3, 8, 12, .groups = 1, .per_group = 3 },
    { &every_operation, 3, 4, 1, 12, 8, .groups = 1, .per_group = 3 },
    { &every_operation, 3, 4, 3, 8, 8, .groups = 2, .per_group = 3 },
    { &every_operation, 6, 3, 1, 8, 8, .groups = 1, .per_group = 3, .drops = true },
    { &every_operation, 18, 3, 3, 4, 8, .groups = 1, .per_group = 3, .drops = true },
    { &darts_v2, 18, 2, 1, 4, 4, .groups = 2, .per_group = 3, .drops = true },
    { &every_operation, 3, 4, 1, 8, 8, 2, 3, .two_branch = true },
    { &every_operation, 2, 3, 3, 8, 8, 2, 3, .two_branch = true, .drops = true },
    { &uneven, 3, 4, 1, 12, 8, .groups = 1, .per_group = 3, .drops = true },
    { &uneven, 2, 4, 3, 8, 8, 2, 3, .two_branch = true },
    { &uneven, 4, 3, 1, 8, 8, 1, 2, .evaluates = true },
    { &all_inputs, 3, 4, 1, 8, 12, .groups = 1, .per_group = 3 },
    { &all_inputs, 2, 3, 3, 8, 8, .groups = 2, .per_group = 3, .drops = true },
    { &all_inputs, 2, 3, 3, 8, 8, 1, 2, .evaluates = true },
    { &every_operation, 3, 4, 1, 8, 8, 1, 3, .adds_skips = true, .drops = true },
    { &uneven, 2, 3, 3, 8, 8, 2, 3, .adds_skips = true, .two_branch = true },
    { &all_inputs, 2, 4, 1, 8, 8, 2, 2, .adds_skips = true },
    { &all_inputs, 2, 3, 1, 8, 8, 1, 2, .adds_skips = true, .evaluates = true },
    { &one_node, 2, 4, 1, 32, 32, .groups = 1, .per_group = 3, .auxiliary = true },
    { &one_node, 2, 2, 3, 36, 32, 2, 3, .auxiliary = true, .drops = true },
    { &one_node, 2, 4, 1, 32, 32, 2, 3, .two_branch = true, .auxiliary = true },
    { &every_operation, 4, 3, 3, 8, 8, 1, 2, .evaluates = true },
    { &darts_v2, 2, 4, 1, 8, 8, 1, 2, .two_branch = true, .evaluates = true },
    { &darts_v2, 3, 4, 3, 7, 9, .groups = 1, .per_group = 3 },
    { &one_node, 4, 3, 3, 32, 64, 1, 3, .stem = TD_STEM_IMAGENET },
    { &every_operation, 4, 3, 1, 33, 32, 1, 3, .drops = true,
      .stem = TD_STEM_IMAGENET },
    { &one_node, 18, 2, 3, 32, 32, 2, 3, .two_branch = true, .stem = TD_STEM_IMAGENET },
    { &one_node, 2, 1, 1, 41, 32, 1, 2, .evaluates = true, .stem = TD_STEM_IMAGENET },
};

/* Scales and shifts as training leaves them: their initial 1 and 0 would hide what they
 * are multiplied with. */
static void draw_norms(bench *b)
{
    const td_slots *slots = td_network_weights(b->net);
    for (int s = 0; s < slots->count; s++) {
        const td_slot *slot = &slots->slots[s];
        td_real *x = b->weights + slot->offset;
        bool is_scale = strcmp(strrchr(slot->name, '.'), ".weight") == 0;
        if (slot->rank != 1)
            continue;
        fill(x, slot->count, 100 + (uint32_t) s, 0.3);
        for (size_t i = 0; is_scale && i < slot->count; i++)
            x[i] += 1.0;
    }
}

/* Three of ten are dropped. */
static void draw_drop_path(bench *b)
{
    td_random key = { .seed = 8, .stream = TD_STREAM_SYNTHETIC };
    for (size_t i = 0; i < b->path_count; i++)
        b->drop_path[i] = td_random_unit(&key, (uint32_t) i) < 0.3 ? 0.0 : 1 / 0.7;
    b->pass.drop_path = b->drop_path;
}

START_TEST(test_gradients)
{
    const sample *s = &samples[_i];
    td_genotype genotype = *s->genotype;
    genotype.adds_skips = s->adds_skips;
    td_net_spec spec = { .channels = s->channels,
                         .cells = s->cells,
                         .nodes = s->genotype->nodes,
                         .classes = 3,
                         .stem = s->stem,
                         .image_channels = s->image_channels,
                         .height = s->height,
                         .width = s->width,
                         .batch = s->groups * s->per_group,
                         .two_branch = s->two_branch,
                         .genotype = &genotype,
                         .auxiliary = s->auxiliary };
    bench b = bench_new(spec, s->groups, s->per_group);
    draw_norms(&b);
    if (s->drops)
        draw_drop_path(&b);
    if (s->evaluates)
        use_running_statistics(&b);
    check_gradients(&b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("derived net gradients");
    TCase *tests = tcase_create("differences");
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, test_gradients, 0, sizeof samples / sizeof *samples);
    suite_add_tcase(suite, tests);
    return suite;
}
