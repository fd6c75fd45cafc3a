/* Reading a file that may be compressed by gzip.
 *
 * Not by zlib's gzread: it reports a file that was cut within the checksum at its end
 * as whole when the data before it were taken to the last byte. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "taildart/files.h"

enum { BUFFER = 1 << 17, GZIP_WINDOW = 16 + MAX_WBITS };

struct td_packed {
    FILE *file;
    const char *path; /* borrowed                                      */
    bool is_gzip;
    bool has_ended; /* gzip: behind the checksum of the last member  */
    z_stream zlib;
    uint8_t buffer[BUFFER];
};

/* ---- what comes from the file ---------------------------------------------------- */

/* Bytes that inflate has not seen; 0 at the end of the file. */
static size_t refill(td_packed *packed)
{
    if (packed->zlib.avail_in == 0) {
        packed->zlib.next_in = packed->buffer;
        packed->zlib.avail_in = (uInt) fread(packed->buffer, 1, BUFFER, packed->file);
    }
    return packed->zlib.avail_in;
}

static td_status damaged(const td_packed *packed)
{
    return td_error(TD_DATA, "%s: damaged, gzip finds \"%s\": fetch the file again",
                    packed->path, packed->zlib.msg ? packed->zlib.msg : "bad data");
}

static td_status unreadable(const td_packed *packed)
{
    return td_error(TD_DATA, "%s: cannot be read: %s", packed->path, strerror(errno));
}

static td_status ended_early(const td_packed *packed)
{
    if (ferror(packed->file))
        return unreadable(packed);
    return td_error(
        TD_DATA, "%s: truncated, it ends before gzip's checksum: fetch the file again",
        packed->path);
}

/* A gzip file may be several, one behind the other, and be filled up with zeros. */
static td_status end_member(td_packed *packed)
{
    z_stream *zlib = &packed->zlib;
    if (refill(packed) > 0 && *zlib->next_in == 0x1f) {
        inflateReset(zlib);
        return TD_OK;
    }
    packed->has_ended = true;
    for (; refill(packed) > 0; zlib->next_in++, zlib->avail_in--)
        if (*zlib->next_in != 0)
            return td_error(
                TD_DATA,
                "%s: damaged, there are other bytes behind the end of gzip's "
                "data: fetch the file again",
                packed->path);
    return TD_OK;
}

static td_status unpack(td_packed *packed, uint8_t *out, size_t n, size_t *got)
{
    z_stream *zlib = &packed->zlib;
    zlib->next_out = out;
    zlib->avail_out = (uInt) n;
    while (zlib->avail_out > 0 && !packed->has_ended) {
        if (refill(packed) == 0)
            return ended_early(packed);
        int code = inflate(zlib, Z_NO_FLUSH);
        if (code == Z_STREAM_END) {
            td_status status = end_member(packed);
            if (status != TD_OK)
                return status;
        } else if (code != Z_OK && code != Z_BUF_ERROR)
            return damaged(packed);
    }
    *got = n - zlib->avail_out;
    return TD_OK;
}

/* ---- interface ------------------------------------------------------------------- */

td_status td_packed_open(td_packed **packed, const char *path)
{
    td_packed *p = td_malloc(sizeof *p);
    p->path = path;
    td_status status = td_data_file_open(&p->file, path, NULL);
    if (status != TD_OK) {
        td_free(p);
        return status;
    }
    int code = inflateInit2(&p->zlib, GZIP_WINDOW);
    TD_CHECK(code == Z_OK, "zlib does not start (%d)", code);
    p->is_gzip = refill(p) >= 2 && p->buffer[0] == 0x1f && p->buffer[1] == 0x8b;
    if (!p->is_gzip)
        rewind(p->file);
    *packed = p;
    return TD_OK;
}

td_status td_packed_read(td_packed *packed, uint8_t *out, size_t n, size_t *got)
{
    TD_ASSERT(n <= UINT32_MAX);
    if (packed->is_gzip)
        return unpack(packed, out, n, got);
    *got = fread(out, 1, n, packed->file);
    if (ferror(packed->file))
        return unreadable(packed);
    return TD_OK;
}

void td_packed_close(td_packed *packed)
{
    if (!packed)
        return;
    inflateEnd(&packed->zlib);
    fclose(packed->file);
    td_free(packed);
}
