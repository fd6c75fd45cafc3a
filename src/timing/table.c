/* The table of the watchdog.
 *
 * Rank 0 makes it in a folder that other ranks may see, all open it, and its name is
 * removed at once: however the job ends, no file is left.  Ranks of one host see each
 * other through it, those of several hosts on a shared file system (NFS shows what
 * another host wrote within a minute). */
#include "table.h"

#include <fcntl.h>
#include <unistd.h>

#include "taildart/timing_watch.h"

/* Bytes from one record to the next: none crosses the end of a page. */
enum { STRIDE = 128 };

_Static_assert(sizeof(td_watch_record) <= STRIDE, "a record fits its place");

bool td_watch_table_make(const char *path, uint64_t key)
{
    unlink(path); /* of a job that was killed before it could */
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return false;
    bool made = pwrite(file, &key, sizeof key, 0) == (ssize_t) sizeof key;
    made = fsync(file) == 0 && made; /* before other hosts look for it */
    close(file);
    if (!made)
        unlink(path);
    return made;
}

static off_t place_of(int rank)
{
    return (off_t) STRIDE * (rank + 1);
}

void td_table_write(int file, int rank, const td_watch_record *record)
{
    ssize_t written = pwrite(file, record, sizeof *record, place_of(rank));
    (void) written; /* a full disk: the others will say that this rank is silent */
}

bool td_table_read(int file, int rank, uint64_t key, td_watch_record *record)
{
    return pread(file, record, sizeof *record, place_of(rank)) ==
               (ssize_t) sizeof *record &&
           record->key == key;
}
