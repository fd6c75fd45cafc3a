/* Functions shared by tests on ranks: tests/main_ranks.c begins and ends the world
 * around them. */
#ifndef RANKS_H
#define RANKS_H

#include <stdio.h>

#include "suite.h"
#include "taildart/comm.h"

extern td_comm *world;
extern int rank, size;

/* A rank that fails alone would leave the others waiting: agree, then assert. */
#define CHECK_ALL(condition)                                                           \
    do {                                                                               \
        bool ok_ = (condition);                                                        \
        if (!ok_)                                                                      \
            fprintf(stderr, "rank %d: not so: %s\n", rank, #condition);                \
        ck_assert_msg(td_comm_min_int(world, ok_) == 1, "%s", #condition);             \
    } while (0)

#endif
