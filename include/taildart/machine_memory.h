/** Floor 3: the free memory of a host, compared with what the ranks of a launch
 *  plan. */
#ifndef TAILDART_MACHINE_MEMORY_H
#define TAILDART_MACHINE_MEMORY_H

#include "taildart/machine.h"

TD_PUBLIC_BEGIN

/** Memory that a rank plans to use, and memory free for it; plain bytes. */
typedef struct {
    char host[64];
    double planned; /**< bytes it will hold beyond what it holds now              */
    double free;    /**< of the host, shared by its ranks (MemAvailable)          */
    td_limit limit; /**< of the control group, shared by the ranks of the group   */
    double own;     /**< of this process (ulimit -v); INFINITY without            */
} td_memory;

/** Read what is free now; nothing planned yet.  Where a file cannot be read there is no
 *  limit.
 *  Not collective.  \param [in] root  the folder that stands for "/", usually "" */
void td_memory_read(td_memory *memory, const char *root);

/** Find the first host, control group or process whose ranks plan more than it has, as
 *  the beginning of a NOTE: "host a: 4 ranks plan 24 GB of memory, and 16.2 GB are
 *  free".
 *  Not collective.  \param [in] all (ranks)  \return for td_free; NULL when all fits */
char *td_memory_shortage(const td_memory *all, int ranks);

TD_PUBLIC_END

#endif
