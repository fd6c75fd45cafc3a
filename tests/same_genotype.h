/* Whether two genotypes are the same cells: member by member, since bytes between and
 * behind members are nobody's. */
#ifndef TAILDART_TESTS_SAME_GENOTYPE_H
#define TAILDART_TESTS_SAME_GENOTYPE_H

#include "taildart/genotype.h"

static inline bool is_same_cell(const td_genes *a, const td_genes *b)
{
    if (a->count != b->count)
        return false;
    for (int i = 0; i < a->count; i++)
        if (a->gene[i].op != b->gene[i].op || a->gene[i].state != b->gene[i].state ||
            a->gene[i].node != b->gene[i].node)
            return false;
    return true;
}

static inline bool is_same_genotype(const td_genotype *a, const td_genotype *b)
{
    return a->nodes == b->nodes && a->adds_skips == b->adds_skips &&
           is_same_cell(&a->normal, &b->normal) && is_same_cell(&a->reduce, &b->reduce);
}

#endif
