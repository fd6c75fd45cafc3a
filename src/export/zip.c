/* Zip archives (APPNOTE.TXT of PKWARE, 4.3): each file behind a header, a directory of
 * the same headers and where they are, and a record that says where the directory is.
 * There are no times: equal networks give equal bytes. */
#include "zip.h"

#include <string.h>
#include <zlib.h>

#include "network.h"

enum {
    ALIGNMENT = 64,
    HEADER_BYTES = 30,
    EXTRA_BYTES = 4,       /* of an extra field without content              */
    EXTRA_TAG = 0x4246,    /* "FB": filling, as PyTorch marks it             */
    VERSION = 20,          /* 2.0: folders in names                          */
    FIRST_DAY = 1 << 5 | 1 /* 1 January 1980, the first day that there is    */
};

typedef struct {
    const char *name;
    uint32_t check, bytes;
} member;

/* The fields that a header and its entry in the directory have in common. */
static void put_common(td_text *to, const member *m, size_t extra)
{
    td_bytes_put(to, VERSION, 2);
    td_bytes_put(to, 0, 2); /* flags               */
    td_bytes_put(to, 0, 2); /* method: not packed  */
    td_bytes_put(to, 0, 2); /* midnight            */
    td_bytes_put(to, FIRST_DAY, 2);
    td_bytes_put(to, m->check, 4);
    td_bytes_put(to, m->bytes, 4);
    td_bytes_put(to, m->bytes, 4);
    td_bytes_put(to, strlen(m->name), 2);
    td_bytes_put(to, extra, 2);
}

/* Bytes of an extra field that leave the content at a multiple of the alignment. */
static size_t extra_for(const td_zip *zip, const member *m)
{
    size_t behind = zip->file->length + HEADER_BYTES + strlen(m->name) + EXTRA_BYTES;
    return EXTRA_BYTES + (ALIGNMENT - behind % ALIGNMENT) % ALIGNMENT;
}

static void put_header(td_zip *zip, const member *m)
{
    size_t extra = extra_for(zip, m);
    td_text *to = zip->file;
    td_bytes_put(to, 0x04034b50, 4);
    put_common(to, m, extra);
    td_text_write_bytes(to, m->name, strlen(m->name));
    td_bytes_put(to, EXTRA_TAG, 2);
    td_bytes_put(to, extra - EXTRA_BYTES, 2);
    for (size_t i = EXTRA_BYTES; i < extra; i++)
        td_bytes_put(to, 0, 1);
    TD_ASSERT(to->length % ALIGNMENT == 0);
}

static void put_entry(td_zip *zip, const member *m, size_t at)
{
    td_text *to = &zip->directory;
    td_bytes_put(to, 0x02014b50, 4);
    td_bytes_put(to, VERSION, 2); /* of the writer */
    put_common(to, m, 0);
    td_bytes_put(to, 0, 2); /* no comment          */
    td_bytes_put(to, 0, 2); /* on the first disk   */
    td_bytes_put(to, 0, 2); /* no attributes       */
    td_bytes_put(to, 0, 4);
    td_bytes_put(to, at, 4);
    td_text_write_bytes(to, m->name, strlen(m->name));
}

void td_zip_put(td_zip *zip, const char *name, const td_text *content)
{
    size_t at = zip->file->length;
    member m = { .name = name,
                 .check = (uint32_t) crc32_z(0, (const Bytef *) content->chars,
                                             content->length),
                 .bytes = (uint32_t) content->length };
    TD_ASSERT(content->chars && content->length <= UINT32_MAX);
    put_header(zip, &m);
    td_text_write_bytes(zip->file, content->chars, content->length);
    put_entry(zip, &m, at);
    zip->files++;
}

void td_zip_finish(td_zip *zip)
{
    td_text *to = zip->file;
    size_t at = to->length;
    TD_ASSERT(zip->files > 0 && zip->files <= TD_ZIP_FILES);
    td_text_write_bytes(to, zip->directory.chars, zip->directory.length);
    td_bytes_put(to, 0x06054b50, 4);
    td_bytes_put(to, 0, 2); /* this disk, and that of the directory */
    td_bytes_put(to, 0, 2);
    td_bytes_put(to, (uint64_t) zip->files, 2);
    td_bytes_put(to, (uint64_t) zip->files, 2);
    td_bytes_put(to, zip->directory.length, 4);
    td_bytes_put(to, at, 4);
    td_bytes_put(to, 0, 2); /* no comment */
    td_free(zip->directory.chars);
    zip->directory = (td_text){ 0 };
}
