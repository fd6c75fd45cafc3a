/* Opening HDF5 files, and saying why one cannot be opened.
 *
 * The sentences differ because the mends differ: "make it anew" is said only of what is
 * known to be damaged, or else people delete good data. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hdf5_internal.h"
#include "internal.h"

enum { SIGNATURE = 8, NEWEST_SUPERBLOCK = 3 };

static const char signature[] = "\x89HDF\r\n\x1a\n";

void td_h5_refuse(td_h5 *h5, const char *name, const char *format, ...)
{
    char what[1024];
    va_list arguments;
    TD_ASSERT(h5->refusal != TD_OK);
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (h5->ok && name)
        td_error(h5->refusal, "%s: %s: %s", h5->path, name, what);
    else if (h5->ok)
        td_error(h5->refusal, "%s: %s", h5->path, what);
    h5->ok = false;
}

/* ---- what is known before HDF5 looks --------------------------------------------- */

/* The version in the first block, which begins at 0, 512, 1024, …; -1 where there is
 * none, and no HDF5 file. */
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

/* ---- what HDF5 says when it fails ------------------------------------------------ */

/* HDF5's own words for the cause, and the kinds that are not damage. */
typedef struct {
    char cause[160];
    bool is_locked, is_being_written, is_too_new;
} complaint;

static herr_t hear(unsigned n, const H5E_error2_t *error, void *data)
{
    complaint *c = data;
    const char *words = error->desc ? error->desc : "";
    if (n == 0)
        snprintf(c->cause, sizeof c->cause, "%s", words);
    c->is_locked |= strstr(words, "lock file") != NULL;
    c->is_being_written |= strstr(words, "already open for") != NULL;
    c->is_too_new |= strstr(words, "version") != NULL;
    return 0;
}

void td_h5_refuse_being_written(td_h5 *h5)
{
    td_h5_refuse(h5, NULL,
                 "marked as open in a program that writes it: close it there; if that "
                 "one died, `h5clear -s` takes the mark away");
}

/* Right after a call that failed: the next one forgets. */
static void explain(td_h5 *h5)
{
    complaint c = { 0 };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, hear, &c);
    if (c.is_locked)
        td_h5_refuse(h5, NULL,
                     "locked by another program: close it there, or set "
                     "HDF5_USE_FILE_LOCKING=FALSE");
    else if (c.is_being_written)
        td_h5_refuse_being_written(h5);
    else
        td_h5_refuse(h5, NULL,
                     "truncated or damaged, or not yet written to its end (HDF5: %s): "
                     "copy it again or make it anew",
                     c.cause);
}

void td_h5_refuse_damaged(td_h5 *h5, const char *name)
{
    complaint c = { 0 };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, hear, &c);
    if (c.is_too_new)
        td_h5_refuse(h5, name,
                     "damaged, or in a form newer than this HDF5 reads (HDF5: %s)",
                     c.cause);
    else
        td_h5_refuse(h5, name, "damaged, cannot be read (HDF5: %s)", c.cause);
}

/* ---- opening --------------------------------------------------------------------- */

/* Readers need no lock, and NFS or Lustre may have none. */
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
static void leave_unlocked(hid_t access)
{
    H5Pset_file_locking(access, false, true);
}
#else
static void leave_unlocked(hid_t access)
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

/* access is given back. */
static bool open_by(td_h5 *h5, const char *name, hid_t access)
{
    h5->file = H5Fopen(name, H5F_ACC_RDONLY, access);
    if (h5->file < 0)
        explain(h5);
    H5Pclose(access);
    return h5->ok;
}

bool td_h5_open(td_h5 *h5, const char *path, td_status refusal)
{
    char why[TD_FAULT_BYTES];
    int64_t bytes = 0;
    begin(h5, path, refusal);
    FILE *file = td_regular_open(path, &bytes, why);
    if (!file) {
        td_h5_refuse(h5, NULL, "%s", why);
        return false;
    }
    h5->bytes = (uint64_t) bytes;
    check_start(h5, file);
    if (!td_meta_open(h5, file, NULL))
        return false;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    leave_unlocked(access);
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
