/** Floor 1: who has launched this process, as its parents tell. */
#ifndef TAILDART_BASE_LAUNCH_H
#define TAILDART_BASE_LAUNCH_H

/** The process of mpirun that has started this one on this host; 0 when there is none
 *  or when it cannot be seen.  Not collective. */
long td_launch_pid(void);

#endif
