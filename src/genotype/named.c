/* Genotypes that the literature compares with, by name.  Liu et al. 2019 (first and
 * second order), Xu et al. 2020 (PC-DARTS on CIFAR-10), Chen et al. 2019 (P-DARTS). */
#include "internal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "taildart/config_nearest.h"

/* A line for two nodes. */
static const struct {
    const char *name, *text;
} named[] = {
    { "DARTS_V1",
      "Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), "
      "('skip_connect', 0), ('sep_conv_3x3', 1), "
      "('skip_connect', 0), ('sep_conv_3x3', 1), "
      "('sep_conv_3x3', 0), ('skip_connect', 2)], normal_concat=range(2, 6), "
      "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), "
      "('skip_connect', 2), ('max_pool_3x3', 0), "
      "('max_pool_3x3', 0), ('skip_connect', 2), "
      "('skip_connect', 2), ('avg_pool_3x3', 0)], reduce_concat=range(2, 6))" },
    { "DARTS_V2",
      "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
      "('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
      "('sep_conv_3x3', 1), ('skip_connect', 0), "
      "('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), "
      "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), "
      "('skip_connect', 2), ('max_pool_3x3', 1), "
      "('max_pool_3x3', 0), ('skip_connect', 2), "
      "('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=range(2, 6))" },
    { "PCDARTS",
      "Genotype(normal=[('sep_conv_3x3', 1), ('skip_connect', 0), "
      "('sep_conv_3x3', 0), ('dil_conv_3x3', 1), "
      "('sep_conv_5x5', 0), ('sep_conv_3x3', 1), "
      "('avg_pool_3x3', 0), ('dil_conv_3x3', 1)], normal_concat=range(2, 6), "
      "reduce=[('sep_conv_5x5', 1), ('max_pool_3x3', 0), "
      "('sep_conv_5x5', 1), ('sep_conv_5x5', 2), "
      "('sep_conv_3x3', 0), ('sep_conv_3x3', 3), "
      "('sep_conv_3x3', 1), ('sep_conv_3x3', 2)], reduce_concat=range(2, 6))" },
    { "PDARTS",
      "Genotype(normal=[('skip_connect', 0), ('dil_conv_3x3', 1), "
      "('skip_connect', 0), ('sep_conv_3x3', 1), "
      "('sep_conv_3x3', 1), ('sep_conv_3x3', 3), "
      "('sep_conv_3x3', 0), ('dil_conv_5x5', 4)], normal_concat=range(2, 6), "
      "reduce=[('avg_pool_3x3', 0), ('sep_conv_5x5', 1), "
      "('sep_conv_3x3', 0), ('dil_conv_5x5', 2), "
      "('max_pool_3x3', 0), ('dil_conv_3x3', 1), "
      "('dil_conv_3x3', 1), ('dil_conv_5x5', 3)], reduce_concat=range(2, 6))" },
};

const char *td_genotype_name(int i)
{
    TD_ASSERT(i >= 0);
    return i < (int) (sizeof named / sizeof *named) ? named[i].name : NULL;
}

bool td_genotype_named(td_genotype *genotype, const char *name)
{
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcasecmp(name, named[i].name) == 0) {
            td_status status = td_genotype_parse(genotype, named[i].text);
            TD_ASSERT(status == TD_OK);
            return true;
        }
    return false;
}

bool td_genotype_is_nearly_named(const char *name)
{
    char upper[16] = "";
    size_t length = strlen(name);
    for (size_t i = 0; i < length && length < sizeof upper; i++)
        upper[i] = (char) toupper((unsigned char) name[i]);
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (td_edit_distance(upper, named[i].name) <= 1)
            return true;
    return false;
}
