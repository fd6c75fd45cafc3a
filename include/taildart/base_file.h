/** Floor 1: files that are complete or absent, and files that are what they should be.
 *
 *  Names are of two kinds.  One that the user typed (--out page.html, /dev/stdout) is
 *  the user's: a link stays a link, a device or a pipe is written to.  One that we
 *  chose in a folder of ours (checkpoint.h5, run.lock) is ours alone: nothing is
 *  written through a link that stands there, since who sent us the folder has put it
 *  there.
 */
#ifndef TAILDART_BASE_FILE_H
#define TAILDART_BASE_FILE_H

#include <dirent.h>
#include <stdio.h>

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** One of several consecutive pieces of a file's content, borrowed. */
typedef struct {
    const void *bytes;
    size_t count;
} td_file_part;

/* ---- writing ------------------------------------------------------------------- */

/** Write a whole file under a name that the user typed: temporary name in the same
 *  folder, flush, rename, flush of the folder, so that it is complete or absent, and
 *  the former file stays until then.  A link stays one, a device or a pipe is
 *  written to.
 *  Not collective.  \return TD_FAILED naming the file */
td_status td_file_write(const char *path, const void *bytes, size_t n);

/** Write the same under a name that we chose, from several parts: a link found there is
 *  replaced, not followed.  The former file at \a path is renamed to \a backup before
 *  it is replaced (NULL: is lost); at no moment is \a path missing where the file
 *  system knows hard links.
 *  Not collective.  \return TD_FAILED naming the file; the old one stands */
td_status td_file_replace(const char *path, const td_file_part *parts, int count,
                          const char *backup);

/** Write the same, from one part and without a backup, where the content can be made
 *  again: complete or absent for other processes, also after this one was killed, but
 *  the disk gets it when the system likes.
 *  Not collective.  \return TD_FAILED naming the file; the old one stands */
td_status td_file_replace_soon(const char *path, const void *bytes, size_t n);

/** Append to a file of ours, created if missing: all of the bytes or none of them.  The
 *  disk gets them when the system likes.  Never through a link.
 *  Not collective.  \return TD_FAILED naming the file */
td_status td_file_append(const char *path, const void *bytes, size_t n);

/** Wait until a file of ours is on the disk; one that cannot be opened is left alone.
 *  Not collective.  \return TD_FAILED naming the file */
td_status td_file_flush(const char *path);

/** Open a file of ours, created if missing: a regular file, never through a link.
 *  Not collective.  \param [out] file  descriptor for close; -1 on failure
 *  \param [in] flags  O_RDWR, or O_WRONLY with or without O_APPEND
 *  \return TD_FAILED naming the file */
td_status td_file_open_own(int *file, const char *path, int flags);

/** Check before long work that td_file_write could begin now: its temporary file is
 *  created and removed; \a path is not touched.
 *  Not collective.  \return TD_FAILED naming the file */
td_status td_file_try(const char *path);

/** Whether \a entry of a folder is a temporary name that one of the above makes for a
 *  file called \a name there, left over by a process that was killed.
 *  Not collective. */
bool td_file_is_left_over(const char *entry, const char *name);

/** Make writes beyond RLIMIT_FSIZE fail with EFBIG instead of killing the process.
 *  Not collective. */
void td_file_ignore_limit(void);

/** Reserve the descriptors of stdin, stdout and stderr where they are closed: reading
 *  or writing them still fails, but no file opened later gets their number, so that
 *  nothing printed ends up in a checkpoint.  Call it before anything is opened.
 *  Not collective. */
void td_file_keep_streams(void);

/* ---- names --------------------------------------------------------------------- */

/** Refuse an output that is also an input or another output of the command; NULL is no
 *  file.  Not collective.  \return TD_USAGE naming it */
td_status td_file_keep_apart(const char *output, const char *other);

/** Signature of a file kind: its first bytes, and a word within its first 4096 bytes
 *  (NULL: any); a list ends in { NULL, NULL }. */
typedef struct {
    const char *begin, *within;
} td_file_kind;

/** Refuse to replace a file that is of none of these kinds; NULL, an empty file and
 *  one that is not regular pass.  Not collective.
 *  \param [in] what  the kind in words  \return TD_USAGE naming the file */
td_status td_file_check_kind(const char *path, const td_file_kind *kinds,
                             const char *what);

/* ---- reading ------------------------------------------------------------------- */

/** Read a file, or a pipe, to its end.  Not collective.
 *  \param [out] bytes for td_free, a 0 behind the end; NULL on failure
 *  \param [out] n  may be NULL  \return TD_DATA naming the file */
td_status td_file_read(char **bytes, size_t *n, const char *path);

/** Read a regular file only, of at most \a most bytes: a directory, a device, a pipe
 *  (it may never get a writer) and a larger file are refused by name.
 *  Not collective.  \return TD_DATA naming the file */
td_status td_file_read_regular(char **bytes, size_t *n, const char *path, size_t most);

/** Read an input file that the user named: a regular one, or any name in /dev, where
 *  the shell puts its pipes; refuses as td_file_read_regular.
 *  Not collective.  \return TD_DATA naming the file */
td_status td_file_read_given(char **bytes, size_t *n, const char *path, size_t most);

/** Open a regular file for reading; refuses as td_file_read_regular.  Not collective.
 *  \param [out] file  descriptor for close or fdopen; -1 on failure
 *  \param [out] bytes  its size now, may be NULL  \return TD_DATA naming the file */
td_status td_file_open(int *file, int64_t *bytes, const char *path);

/** Open the same as a stream, for fclose, for a caller that can go on without the file;
 *  NULL on failure.  Not collective; any thread.
 *  \param [out] why  the reason: no path, no full stop */
FILE *td_file_open_stream(const char *path, int64_t *bytes, char *why, size_t capacity);

/** Find the alphabetically first entry of an open folder that \a counts; ".", ".." and
 *  "lost+found" never do.  Not collective.
 *  \return for td_free, NULL where nothing counts */
char *td_file_first_in(DIR *folder, bool (*counts)(const char *name, const void *data),
                       const void *data);

TD_PUBLIC_END

#endif
