#include "taildart/store_version.h"

#include <cblas.h>
#include <hdf5.h>
#include <string.h>

#include "taildart/comm.h"

#ifndef TD_COMMIT
#define TD_COMMIT "unknown" /* built without the Makefile */
#endif

#ifdef __clang__
#define COMPILER "" /* its version begins with its name */
#else
#define COMPILER "gcc "
#endif

const char *td_version_commit(void)
{
    return TD_COMMIT;
}

char *td_version_build(void)
{
    return td_format("taildart %s, commit %s, %s", TD_VERSION, TD_COMMIT,
                     COMPILER __VERSION__);
}

char *td_version_text(void)
{
    unsigned major = 0, minor = 0, release = 0;
    char *mpi = td_comm_library();
    H5get_libversion(&major, &minor, &release);
    /* OpenBLAS pads its line. */
    const char *blas = openblas_get_config();
    int length = (int) strlen(blas);
    while (length > 0 && blas[length - 1] == ' ')
        length--;
    char *text = td_format("taildart %s\n"
                           "commit   %s\n"
                           "compiler %s\n"
                           "MPI      %s\n"
                           "BLAS     %.*s\n"
                           "HDF5     %u.%u.%u",
                           TD_VERSION, TD_COMMIT, COMPILER __VERSION__, mpi, length,
                           blas, major, minor, release);
    td_free(mpi);
    return text;
}
