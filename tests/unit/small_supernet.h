/* A supernet of three cells that a test can afford to make many times. */
#ifndef TAILDART_TESTS_SMALL_SUPERNET_H
#define TAILDART_TESTS_SMALL_SUPERNET_H

#include "taildart/net.h"

static const td_net_spec small = { .channels = 2,
                                   .cells = 3,
                                   .nodes = 2,
                                   .classes = 3,
                                   .image_channels = 1,
                                   .height = 8,
                                   .width = 8,
                                   .batch = 4 };

#endif
