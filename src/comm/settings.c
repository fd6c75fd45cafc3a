/* The settings of rank 0 for all ranks. */
#include "taildart/comm_settings.h"

td_status td_comm_settings(td_comm *world, td_settings *settings,
                           td_config_command command, td_settings **copy)
{
    td_status status = TD_OK;
    bool is_root = td_comm_rank(world) == 0;
    TD_ASSERT(!is_root || settings);
    char *yaml = is_root ? td_settings_yaml(settings) : NULL;
    *copy = NULL;
    td_comm_bcast_text(world, &yaml);
    if (!is_root) {
        *copy = td_settings_new(command);
        status = td_settings_read_text(*copy, "settings of rank 0", yaml);
    }
    td_free(yaml);
    return td_comm_verdict(world, status);
}
