/** Floor 3: the one reader of CPUs, memory, quotas and limits.
 *
 *  The limits of a process are read here and nowhere else: the CPUs of its affinity
 *  mask before OpenMP bound a thread, the quota of its control group, the memory that
 *  host and limits leave.  Readers of files take the folder that stands for "/", so
 *  that tests can imitate a machine.
 */
#ifndef TAILDART_MACHINE_H
#define TAILDART_MACHINE_H

#include "taildart/base.h"
#include "taildart/base_launch.h"

TD_PUBLIC_BEGIN

/* ---- CPUs ------------------------------------------------------------------------ */

enum { TD_CPUS = 2048 }; /* CPUs of a host that a mask can tell apart */

/** The CPUs that this process may use; plain bytes. */
typedef struct {
    uint64_t mask[TD_CPUS / 64]; /**< bit c: it may use CPU c                       */
    int count;                   /**< how many; never 0                             */
    int online;                  /**< CPUs online on the host                       */
    bool bound;                  /**< whether OpenMP binds each thread to some      */
} td_cpus;

/** Read them: from OMP_PLACES where OpenMP binds threads, as then the mask of the
 *  calling thread is one place of many; else from that mask, whoever set it: mpirun,
 *  the scheduler, taskset or a container.  Not collective. */
void td_cpus_read(td_cpus *cpus);

/** Let the calling thread, and what it starts, run on any of the process's CPUs again.
 *  Not collective; safe after fork. */
void td_cpus_release(const td_cpus *cpus);

/** Count the CPUs of a mask.  Not collective. */
int td_cpus_count(const uint64_t mask[TD_CPUS / 64]);

enum { TD_HOST_BYTES = 64, TD_CPU_MODEL_BYTES = 64 };

/** Read the name of this host, "unknown" without one.  Not collective. */
void td_host_read(char host[TD_HOST_BYTES]);

/** Read the name of its processor, without characters that JSON would escape.
 *  Not collective.  \param [in] root  the folder that stands for "/", usually "" */
void td_cpu_model_read(char model[TD_CPU_MODEL_BYTES], const char *root);

/* ---- control groups -------------------------------------------------------------- */

/** A limit of the control groups that this process is in; plain bytes. */
typedef struct {
    double value; /**< CPUs, or bytes that are left; INFINITY without a limit       */
    uint64_t cgroup; /**< hash of the control group that sets and shares it         */
} td_limit;

/** Read the least CPU quota from the process's own group upwards: cpu.max of version 2,
 *  cpu.cfs_quota_us over cpu.cfs_period_us of version 1.
 *  Not collective.  \param [in] root  the folder that stands for "/", usually "" */
td_limit td_quota_read(const char *root);

/** Read how long those groups have not let threads run, because of a quota, in seconds
 *  of all their threads: throttled_usec or throttled_time of cpu.stat.
 *  Not collective.  \param [in] root  as above */
double td_throttled_read(const char *root);

/** Read the least memory that those groups leave: memory.max less memory.current, or
 *  memory.limit_in_bytes less memory.usage_in_bytes; caches of files count as free.
 *  Not collective.  \param [in] root  as above */
td_limit td_memory_limit_read(const char *root);

/* ---- limits ---------------------------------------------------------------------- */

/** Refuse limits of the process (ulimit -v, -n, -s) under which MPI and threads cannot
 *  start; to be called before they do.  Not collective.  \return TD_FAILED naming the
 *  limit */
td_status td_limits_check(void);

/* ---- threads --------------------------------------------------------------------- */

/** Read the number of threads that the user asked for: \a wanted (run.threads), or the
 *  first number of OMP_NUM_THREADS; 0 for neither.  Refuses, before any thread starts,
 *  what is not a number, more than a few times the CPUs of the host, and more than
 *  OMP_THREAD_LIMIT.
 *  Not collective.  \return TD_USAGE naming the key or the variable */
td_status td_threads_asked(int wanted, int *threads);

/** Estimate the threads that a rank of this launch gets without a number asked for, as
 *  far as one process can tell (--dry-run).  Not collective. */
int td_threads_expected(void);

/* ---- waiting --------------------------------------------------------------------- */

/** Set how OpenMP's threads wait for each other, unless the environment does; to be
 *  called before anything else.  OpenMP reads its environment once, when it is loaded,
 *  so the program executes itself again, on the CPUs it had and under its own name.
 *  Not collective.  \param [in] argv  of main() */
void td_waiting_settle(char **argv);

TD_PUBLIC_END

#endif
