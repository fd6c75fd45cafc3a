/* Reading files out of a tar archive, plain or compressed by gzip.
 *
 * Nothing is unpacked under the names that the archive has: each file that is wanted
 * becomes a temporary one without a name, so no archive can write where it likes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "taildart/files.h"

enum { BLOCK = 512, NAME = 100, SIZE_AT = 124, SUM_AT = 148, TYPE_AT = 156, FIELD = 8 };

/* An archive under way. */
typedef struct {
    td_packed *packed;
    const char *path; /* borrowed */
    uint8_t block[BLOCK];
} tar;

/* ---- blocks ---------------------------------------------------------------------- */

static td_status read_block(tar *t)
{
    size_t got = 0;
    td_status status = td_packed_read(t->packed, t->block, BLOCK, &got);
    if (status == TD_OK && got < BLOCK)
        status = td_error(
            TD_DATA, "%s: truncated, the archive has no end: fetch it again", t->path);
    return status;
}

static bool is_zero(const uint8_t *block)
{
    return block[0] == 0 && memcmp(block, block + 1, BLOCK - 1) == 0;
}

/* The digits of a field, which blanks may surround; -1 of what is no number. */
static int64_t octal(const uint8_t *field, size_t bytes)
{
    int64_t value = 0;
    size_t i = 0;
    for (; i < bytes && field[i] == ' '; i++)
        ;
    for (; i < bytes && field[i] >= '0' && field[i] <= '7'; i++)
        value = 8 * value + (field[i] - '0');
    return i == bytes || field[i] == ' ' || field[i] == 0 ? value : -1;
}

/* The sum of a header's bytes, its own field taken for blanks. */
static bool is_header(const uint8_t *block)
{
    int64_t sum = 0;
    for (int i = 0; i < BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + FIELD ? ' ' : block[i];
    return octal(block + SUM_AT, FIELD) == sum;
}

/* ---- files ----------------------------------------------------------------------- */

/* The last part of the name in a header, in out (TD_ENTRY_BYTES). */
static void take_name(const uint8_t *block, char *out)
{
    const char *name = (const char *) block;
    size_t length = strnlen(name, NAME), start = length;
    while (start > 0 && name[start - 1] != '/')
        start--;
    snprintf(out, TD_ENTRY_BYTES, "%.*s", (int) (length - start), name + start);
}

/* Its bytes into a file, or nowhere (NULL). */
static td_status copy(tar *t, int64_t bytes, FILE *to)
{
    td_status status = TD_OK;
    for (; bytes > 0 && status == TD_OK; bytes -= BLOCK) {
        size_t n = bytes < BLOCK ? (size_t) bytes : BLOCK;
        status = read_block(t);
        if (status == TD_OK && to && fwrite(t->block, 1, n, to) != n)
            status = td_error(TD_FAILED, "%s: cannot be unpacked into TMPDIR: %s",
                              t->path, strerror(errno));
    }
    if (status == TD_OK && to && fflush(to) != 0)
        status = td_error(TD_FAILED, "%s: cannot be unpacked into TMPDIR: %s", t->path,
                          strerror(errno));
    return status;
}

/* A file that vanishes when it is closed; NULL with errno where there can be none. */
static FILE *open_nameless(void)
{
    const char *folder = getenv("TMPDIR");
    char *path = td_format("%s/taildart-XXXXXX", folder && *folder ? folder : "/tmp");
    int descriptor = mkostemp(path, O_CLOEXEC);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "w+") : NULL;
    int error = errno;
    if (descriptor >= 0)
        remove(path);
    if (descriptor >= 0 && !file)
        close(descriptor);
    td_free(path);
    errno = error;
    return file;
}

/* Into a file of its own.  \a most bounds what a header may ask for of the disk. */
static td_status unpack(tar *t, td_member *member, int64_t most)
{
    if (member->bytes > most)
        return td_error(TD_DATA,
                        "%s: %s has %lld bytes, more than the %lld such a file has: "
                        "fetch the archive again, or unpack it",
                        t->path, member->name, (long long) member->bytes,
                        (long long) most);
    member->file = open_nameless();
    if (!member->file)
        return td_error(TD_FAILED, "%s: cannot be unpacked into TMPDIR: %s", t->path,
                        strerror(errno));
    td_status status = copy(t, member->bytes, member->file);
    rewind(member->file);
    return status;
}

static td_status take_file(tar *t, td_members *out, const char *name, int64_t bytes,
                           int64_t most)
{
    if (td_member_find(out, name))
        return td_error(TD_DATA, "%s: two files are called %s: unpack the right one",
                        t->path, name);
    out->member = td_extend(out->member, out->count, &out->room, sizeof *out->member);
    td_member *member = &out->member[out->count++];
    *member = (td_member){ .bytes = bytes };
    snprintf(member->name, sizeof member->name, "%s", name);
    return most == TD_TAR_LISTED ? copy(t, bytes, NULL) : unpack(t, member, most);
}

/* What stands behind a header; long names and the like of others are passed over. */
static td_status read_member(tar *t, td_members *out, td_tar_most *most_of)
{
    char name[TD_ENTRY_BYTES];
    int64_t bytes = octal(t->block + SIZE_AT, 12);
    bool is_file = t->block[TYPE_AT] == '0' || t->block[TYPE_AT] == 0;
    if (!is_header(t->block) || bytes < 0)
        return td_error(TD_DATA,
                        "%s: damaged, no header of tar where one should be: "
                        "fetch the file again",
                        t->path);
    take_name(t->block, name);
    int64_t most = is_file ? most_of(name) : TD_TAR_IGNORED;
    return most == TD_TAR_IGNORED ? copy(t, bytes, NULL)
                                  : take_file(t, out, name, bytes, most);
}

/* The checksum of gzip lies behind all. */
static td_status read_rest(tar *t)
{
    size_t got = BLOCK;
    td_status status = TD_OK;
    while (status == TD_OK && got == BLOCK)
        status = td_packed_read(t->packed, t->block, BLOCK, &got);
    return status;
}

td_status td_tar_read(td_members *out, const char *path, td_tar_most *most_of)
{
    tar t = { .path = path };
    *out = (td_members){ 0 };
    td_status status = td_packed_open(&t.packed, path);
    if (status != TD_OK)
        return status;
    status = read_block(&t);
    while (status == TD_OK && !is_zero(t.block)) {
        status = read_member(&t, out, most_of);
        if (status == TD_OK)
            status = read_block(&t);
    }
    if (status == TD_OK)
        status = read_rest(&t);
    td_packed_close(t.packed);
    return status;
}

td_member *td_member_find(const td_members *members, const char *name)
{
    for (int64_t i = 0; i < members->count; i++)
        if (strcmp(members->member[i].name, name) == 0)
            return &members->member[i];
    return NULL;
}

void td_members_clear(td_members *members)
{
    for (int64_t i = 0; i < members->count; i++)
        if (members->member[i].file)
            fclose(members->member[i].file);
    td_free(members->member);
    *members = (td_members){ 0 };
}
