/* What tests on ranks share: tests/main_ranks.c begins and ends the world around them. */
#ifndef RANKS_H
#define RANKS_H

#include "suite.h"
#include "taildart/dist.h"

extern td_dist *world;
extern int rank, size;

#endif
