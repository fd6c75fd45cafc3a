/* What tests on ranks share: tests/main_ranks.c begins and ends the world around them. */
#ifndef RANKS_H
#define RANKS_H

#include "suite.h"
#include "taildart/comm.h"

extern td_comm *world;
extern int rank, size;

#endif
