/* Genotypes that the literature compares with, by name.  Liu et al. 2019 (first and
 * second order), Xu et al. 2020 (PC-DARTS on CIFAR-10), Chen et al. 2019 (P-DARTS). */
#include "taildart/genotype.h"

#include <string.h>

#define POOL TD_OP_MAX_POOL_3X3
#define MEAN TD_OP_AVG_POOL_3X3
#define SKIP TD_OP_SKIP_CONNECT
#define SEP3 TD_OP_SEP_CONV_3X3
#define SEP5 TD_OP_SEP_CONV_5X5
#define DIL3 TD_OP_DIL_CONV_3X3
#define DIL5 TD_OP_DIL_CONV_5X5

/* A line a node. */
static const struct {
    const char *name;
    td_genotype genotype;
} named[] = {
    { "DARTS_V1",
      { .nodes = 4,
        .normal = { { SEP3, 1 },
                    { SEP3, 0 }, /**/
                    { SKIP, 0 },
                    { SEP3, 1 }, /**/
                    { SKIP, 0 },
                    { SEP3, 1 }, /**/
                    { SEP3, 0 },
                    { SKIP, 2 } },
        .reduce = { { POOL, 0 },
                    { POOL, 1 }, /**/
                    { SKIP, 2 },
                    { POOL, 0 }, /**/
                    { POOL, 0 },
                    { SKIP, 2 }, /**/
                    { SKIP, 2 },
                    { MEAN, 0 } } } },
    { "DARTS_V2",
      { .nodes = 4,
        .normal = { { SEP3, 0 },
                    { SEP3, 1 }, /**/
                    { SEP3, 0 },
                    { SEP3, 1 }, /**/
                    { SEP3, 1 },
                    { SKIP, 0 }, /**/
                    { SKIP, 0 },
                    { DIL3, 2 } },
        .reduce = { { POOL, 0 },
                    { POOL, 1 }, /**/
                    { SKIP, 2 },
                    { POOL, 1 }, /**/
                    { POOL, 0 },
                    { SKIP, 2 }, /**/
                    { SKIP, 2 },
                    { POOL, 1 } } } },
    { "PCDARTS",
      { .nodes = 4,
        .normal = { { SEP3, 1 },
                    { SKIP, 0 }, /**/
                    { SEP3, 0 },
                    { DIL3, 1 }, /**/
                    { SEP5, 0 },
                    { SEP3, 1 }, /**/
                    { MEAN, 0 },
                    { DIL3, 1 } },
        .reduce = { { SEP5, 1 },
                    { POOL, 0 }, /**/
                    { SEP5, 1 },
                    { SEP5, 2 }, /**/
                    { SEP3, 0 },
                    { SEP3, 3 }, /**/
                    { SEP3, 1 },
                    { SEP3, 2 } } } },
    { "PDARTS",
      { .nodes = 4,
        .normal = { { SKIP, 0 },
                    { DIL3, 1 }, /**/
                    { SKIP, 0 },
                    { SEP3, 1 }, /**/
                    { SEP3, 1 },
                    { SEP3, 3 }, /**/
                    { SEP3, 0 },
                    { DIL5, 4 } },
        .reduce = { { MEAN, 0 },
                    { SEP5, 1 }, /**/
                    { SEP3, 0 },
                    { DIL5, 2 }, /**/
                    { POOL, 0 },
                    { DIL3, 1 }, /**/
                    { DIL3, 1 },
                    { DIL5, 3 } } } },
};

bool td_genotype_named(td_genotype *genotype, const char *name)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(name, named[i].name) == 0) {
            *genotype = named[i].genotype;
            TD_ASSERT(td_genotype_is_valid(genotype));
            return true;
        }
    return false;
}
