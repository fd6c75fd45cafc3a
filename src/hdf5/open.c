/* Opening of HDF5 files, with the checks that come before libhdf5. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "taildart/base_file.h"

enum { SIGNATURE = 8, NEWEST_SUPERBLOCK = 3 };

static const char signature[] = "\x89HDF\r\n\x1a\n";

/* ---- the start of the file ------------------------------------------------------- */

/* Read the version of the superblock, which begins at 0, 512, 1024, …; -1 where there
 * is none: not an HDF5 file. */
static int superblock_version(FILE *file)
{
    unsigned char start[SIGNATURE + 1];
    for (long at = 0;
         fseek(file, at, SEEK_SET) == 0 && fread(start, sizeof start, 1, file) == 1;
         at = at ? 2 * at : 512)
        if (memcmp(start, signature, SIGNATURE) == 0)
            return start[SIGNATURE];
    return -1;
}

static void check_start(td_h5 *h5, FILE *file)
{
    unsigned major = 0, minor = 0, release = 0;
    int version = superblock_version(file);
    H5get_libversion(&major, &minor, &release);
    if (version < 0)
        td_h5_refuse(h5, NULL, "not an HDF5 file");
    else if (version > NEWEST_SUPERBLOCK)
        td_h5_refuse(
            h5, NULL,
            "its HDF5 format (%d) is newer than HDF5 %u.%u.%u reads (%d): write "
            "it with h5py.File(…, 'w', libver=('earliest', 'v110'))",
            version, major, minor, release, NEWEST_SUPERBLOCK);
}

/* ---- opening --------------------------------------------------------------------- */

/* Open without a lock: readers need none, and NFS or Lustre may have none. */
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
static void disable_locking(hid_t access)
{
    H5Pset_file_locking(access, false, true);
}
#else
static void disable_locking(hid_t access)
{
    (void) access;
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0);
}
#endif

static void begin(td_h5 *h5, const char *path, td_status refusal)
{
    TD_ASSERT(path && refusal != TD_OK);
    *h5 = (td_h5){ .file = -1, .path = path, .refusal = refusal, .ok = true };
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* users get our one line, not its stack */
}

/* Open the file and close access. */
static bool open_by(td_h5 *h5, const char *name, hid_t access)
{
    h5->file = H5Fopen(name, H5F_ACC_RDONLY, access);
    if (h5->file < 0)
        td_h5_refuse_to_open(h5);
    H5Pclose(access);
    return h5->ok;
}

bool td_h5_open(td_h5 *h5, const char *path, td_status refusal)
{
    char why[256];
    int64_t bytes = 0;
    begin(h5, path, refusal);
    FILE *file = td_file_open_stream(path, &bytes, why, sizeof why);
    if (!file) {
        td_h5_refuse(h5, NULL, "%s", why);
        return false;
    }
    h5->bytes = (uint64_t) bytes;
    check_start(h5, file);
    if (!td_meta_open(h5, file, NULL))
        return false;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    disable_locking(access);
    return open_by(h5, path, access);
}

bool td_h5_open_bytes(td_h5 *h5, const void *bytes, size_t n, const char *path,
                      td_status refusal)
{
    begin(h5, path, refusal);
    h5->bytes = n;
    if (!bytes || n <= SIGNATURE || memcmp(bytes, signature, SIGNATURE) != 0)
        td_h5_refuse(h5, NULL, "not an HDF5 file");
    if (!td_meta_open(h5, NULL, bytes))
        return false;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    bool ready = H5Pset_fapl_core(access, 1 << 20, false) >= 0 &&
                 H5Pset_file_image(access, (void *) bytes, n) >= 0; /* it copies */
    if (ready)
        return open_by(h5, "in memory", access);
    H5Pclose(access);
    td_h5_refuse(h5, NULL, "HDF5 cannot read it in memory");
    return false;
}

void td_h5_close(td_h5 *h5)
{
    if (h5->file >= 0)
        H5Fclose(h5->file);
    td_meta_close(h5);
    h5->file = -1;
}
