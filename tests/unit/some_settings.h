/* Settings of a search, new in each test by set_up and tear_down. */
#ifndef TAILDART_TESTS_SOME_SETTINGS_H
#define TAILDART_TESTS_SOME_SETTINGS_H

#include <check.h>

#include "taildart/config_keys.h"

static td_settings *settings;

static void set_up(void)
{
    settings = td_settings_new(TD_FOR_SEARCH);
}

static void tear_down(void)
{
    td_settings_free(settings);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

#endif
