/* The watchdog of a command that works on ranks: who is watched, and the table. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "taildart/machine.h"
#include "taildart/machine_watch.h"

void td_machine_watch(const td_comm *world, double timeout, const char *advice)
{
    char host[TD_HOST_BYTES];
    td_host_read(host);
    td_watch_begin(&(td_watch_options){ .timeout = timeout,
                                        .rank = td_comm_rank(world),
                                        .ranks = td_comm_size(world),
                                        .first = td_base_rank() - td_comm_rank(world),
                                        .host = host,
                                        .advice = advice });
}

/* \return for td_free */
static char *temporary_path(void)
{
    const char *folder = getenv("TMPDIR");
    return td_format("%s/taildart-ranks.%ld", folder && *folder ? folder : "/tmp",
                     (long) getpid());
}

/* A number that no other start has; 0 where there is no table. */
static uint64_t make_table(const char *path)
{
    uint64_t key = ((uint64_t) time(NULL) << 32) + (uint64_t) getpid();
    return td_watch_table_make(path, key) ? key : 0;
}

void td_machine_watch_table(td_comm *world, const char *path)
{
    bool is_root = td_comm_rank(world) == 0;
    if (td_comm_size(world) == 1)
        return;
    char *shared = !is_root ? NULL : path ? td_strdup(path) : temporary_path();
    uint64_t key = is_root ? make_table(shared) : 0;
    td_comm_bcast_text(world, &shared);
    td_comm_bcast(world, &key, sizeof key);
    if (key != 0)
        td_watch_table_join(shared, key);
    /* Stuck here?  Some rank has not opened it yet. */
    td_comm_barrier(world);
    if (is_root && key != 0)
        unlink(shared);
    td_free(shared);
}
