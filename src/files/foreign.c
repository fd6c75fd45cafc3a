/* Recognise files given by mistake for a data set: one table of first bytes, with what
 * to do about each. */
#include <string.h>
#include <strings.h>

#include "taildart/base_file.h"
#include "taildart/files.h"

enum { START = 512 }; /* bytes that are looked at: a tar header */

/* ---- first bytes ----------------------------------------------------------------- */

typedef struct {
    size_t at, length;
    const char *bytes, *what;
} sign;

#define SIGN(at, bytes, what)                                                          \
    {                                                                                  \
        at, sizeof bytes - 1, bytes, what                                              \
    }
#define CONVERT ": convert it to PNG or JPEG"

static const char web_page[] =
    "a web page (HTML or XML), no data: the download failed, fetch the file again";
static const char archive[] =
    "an archive: unpack it with `tar -xf` and give the folder that comes out";
static const char numpy[] =
    "NumPy arrays: write them as HDF5 (data/README.md has the lines of h5py)";

static const sign signs[] = {
    SIGN(0, "version https://git-lfs",
         "a git-lfs pointer in the place of the file: run `git lfs pull`"),
    SIGN(257, "ustar", archive),
    SIGN(0, "PK\3\4",
         "a ZIP archive: unpack it with `unzip` and give the folder that "
         "comes out"),
    SIGN(0, "\x93NUMPY", numpy),
    SIGN(0, "\x80\2",
         "a Python pickle: of CIFAR, fetch the \"binary version\"; others "
         "write as HDF5"),
    SIGN(0, "\x80\3", "a Python pickle: write the arrays as HDF5"),
    SIGN(0, "\x80\4", "a Python pickle: write the arrays as HDF5"),
    SIGN(0, "\x80\5", "a Python pickle: write the arrays as HDF5"),
    SIGN(0, "\x1f\x8b", "compressed by gzip: unpack it with `gunzip`"),
    SIGN(0, "BZh",
         "compressed by bzip2: unpack it with `bunzip2`, or `tar -xf` where it "
         "is an archive"),
    SIGN(0,
         "\xfd"
         "7zXZ",
         "compressed by xz: unpack it with `unxz`, or `tar -xf` where "
         "it is an archive"),
    SIGN(0, "\x28\xb5\x2f\xfd",
         "compressed by zstd: unpack it with `unzstd`, or "
         "`tar -xf` where it is an archive"),
    SIGN(0, "7z\xbc\xaf", "a 7z archive: unpack it and give the folder that comes out"),
    SIGN(0, "Rar!", "a RAR archive: unpack it and give the folder that comes out"),
    SIGN(0, "MATLAB", "a MATLAB file: write its arrays as HDF5 (data/README.md)"),
    SIGN(0, "PAR1", "a Parquet file: write its pictures as files in class folders"),
    SIGN(0, "\xff\xd8\xff", "one picture: give the folder above the class folders"),
    SIGN(0, "\x89PNG", "one picture: give the folder above the class folders"),
    SIGN(0, "GIF8", "a GIF picture" CONVERT),
    SIGN(0, "BM", "a BMP picture" CONVERT),
    SIGN(0, "II*\0", "a TIFF picture" CONVERT),
    SIGN(0, "MM\0*", "a TIFF picture" CONVERT),
    SIGN(8, "WEBP", "a WebP picture" CONVERT),
    SIGN(4, "ftypavif", "an AVIF picture" CONVERT),
    SIGN(4, "ftyphei", "a HEIC picture" CONVERT),
    SIGN(4, "ftypmif", "a HEIC picture" CONVERT),
};

/* Tags stand behind blanks and a byte order mark, in any case. */
static bool is_web_page(const uint8_t *start, size_t n)
{
    static const char *const tags[] = { "<!doctype", "<html", "<head", "<?xml" };
    size_t at = n >= 3 && memcmp(start, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < n && start[at] != '\0' && strchr(" \t\r\n", start[at]))
        at++;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        size_t length = strlen(tags[i]);
        if (n - at >= length &&
            strncasecmp((const char *) start + at, tags[i], length) == 0)
            return true;
    }
    return false;
}

/* An .npz is a ZIP archive whose first file ends in .npy (its name stands at 30). */
static bool is_npz(const uint8_t *start, size_t n)
{
    enum { NAME = 30 };
    if (n < NAME || memcmp(start, "PK\3\4", 4) != 0)
        return false;
    size_t length = start[26] | (size_t) start[27] << 8;
    return length >= 4 && NAME + length <= n &&
           memcmp(start + NAME + length - 4, ".npy", 4) == 0;
}

const char *td_foreign_bytes(const uint8_t *start, size_t n)
{
    if (is_web_page(start, n))
        return web_page;
    if (is_npz(start, n))
        return numpy;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        const sign *s = &signs[i];
        if (s->at + s->length <= n && memcmp(start + s->at, s->bytes, s->length) == 0)
            return s->what;
    }
    return NULL;
}

/* ---- files ----------------------------------------------------------------------- */

/* The first bytes of a file, behind gzip where it is compressed; none of what cannot be
 * read. */
static size_t read_start(const char *path, uint8_t *start, bool behind_gzip)
{
    char why[TD_FAULT_BYTES];
    size_t got = 0;
    td_packed *packed = NULL;
    if (behind_gzip) {
        if (td_packed_open(&packed, path) != TD_OK ||
            td_packed_read(packed, start, START, &got) != TD_OK)
            got = 0;
        td_packed_close(packed);
        return got;
    }
    FILE *file = td_file_open_stream(path, NULL, why, sizeof why);
    if (!file)
        return 0;
    got = fread(start, 1, START, file);
    fclose(file);
    return got;
}

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path), n = strlen(ending);
    return length >= n && strcasecmp(path + length - n, ending) == 0;
}

bool td_tar_is_one(const char *path)
{
    uint8_t start[START] = { 0 };
    return td_foreign_bytes(start, read_start(path, start, true)) == archive;
}

const char *td_foreign_file(const char *path)
{
    uint8_t start[START] = { 0 };
    size_t got = read_start(path, start, false);
    const char *what = td_foreign_bytes(start, got);
    if (got >= 2 && start[0] == 0x1f && start[1] == 0x8b) {
        size_t inside = read_start(path, start, true);
        const char *deeper = td_foreign_bytes(start, inside);
        if (deeper == archive || deeper == web_page)
            what = deeper;
    }
    if (!what && got > 0 && ends_with(path, ".csv"))
        what = "a table of text: write it as HDF5 (data/README.md has the lines of "
               "h5py)";
    return what;
}
