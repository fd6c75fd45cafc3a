/* What every test program gives, and what runs it: tests/main.c for those of one
 * process, tests/main_ranks.c for those on ranks. */
#ifndef SUITE_H
#define SUITE_H

#include <check.h>

#include "taildart/base.h"

/** The tests of this program; the runner frees them. */
Suite *test_suite(void);

#endif
