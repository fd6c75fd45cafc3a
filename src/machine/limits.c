/* Limits under which MPI, OpenMP or OpenBLAS would end the process with messages of
 * their own, or hang: checked before they begin. */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "taildart/base_memory.h"
#include "taildart/kernels.h"
#include "taildart/machine.h"

enum { FILES = 32, STACK_KB = 256 }; /* with less, Open MPI does not start */

/* Stacks and heaps of some threads, the libraries that MPI loads, and a small
 * network. */
#define OTHERS_BYTES 300e6

static td_status check_memory(void)
{
    double bytes = td_gemm_buffer_bytes() + OTHERS_BYTES;
    char text[TD_BYTES_TEXT];
    void *block = mmap(NULL, (size_t) bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block != MAP_FAILED) {
        munmap(block, (size_t) bytes);
        return TD_OK;
    }
    return td_error(TD_FAILED,
                    "out of memory: the start needs %s more: raise ulimit -v, or free "
                    "memory of this host",
                    td_bytes_text(bytes, text));
}

static td_status check_limit(int resource, rlim_t least, rlim_t unit, const char *name)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= least * unit)
        return TD_OK;
    return td_error(TD_FAILED, "%s is %llu: at least %llu are needed", name,
                    (unsigned long long) (limit.rlim_cur / unit),
                    (unsigned long long) least);
}

td_status td_limits_check(void)
{
    td_status status = check_limit(RLIMIT_NOFILE, FILES, 1, "ulimit -n (open files)");
    if (status == TD_OK)
        status = check_limit(RLIMIT_STACK, STACK_KB, 1024, "ulimit -s (kB of stack)");
    return status == TD_OK ? check_memory() : status;
}
