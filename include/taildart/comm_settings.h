/** Floor 3: the settings of rank 0 for all ranks. */
#ifndef TAILDART_COMM_SETTINGS_H
#define TAILDART_COMM_SETTINGS_H

#include "taildart/comm.h"
#include "taildart/config.h"

TD_PUBLIC_BEGIN

/** Send rank 0's settings to all, as YAML.  Collective.
 *  \param [in] settings  rank 0, else ignored
 *  \param [out] copy  the others', for td_settings_free; NULL on rank 0 */
td_status td_comm_settings(td_comm *world, td_settings *settings,
                           td_config_command command, td_settings **copy);

TD_PUBLIC_END

#endif
