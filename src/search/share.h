/* What rank 0 knows, for all ranks. */
#ifndef TD_SEARCH_SHARE_H
#define TD_SEARCH_SHARE_H

#include "taildart/comm.h"
#include "taildart/config.h"
#include "taildart/data.h"

/* Rank 0's settings as YAML to all.  Collective.  \a settings: rank 0, else ignored;
 * \a copy: the others', for td_settings_free; NULL on rank 0. */
td_status td_share_settings(td_comm *world, td_settings *settings,
                            td_config_command command, td_settings **copy);

/* Numbers of one image: bytes as files hold it. */
size_t td_pixel_count(const td_data_info *info);

#endif
