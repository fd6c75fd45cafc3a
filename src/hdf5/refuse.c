/* Errors of HDF5 files.
 *
 * The messages differ because the fixes differ: only a file known to be damaged should
 * be made anew, or else people delete good data. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

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

/* ---- HDF5's own errors ----------------------------------------------------------- */

/* HDF5's message of the cause, and the kinds of failure that are not damage. */
typedef struct {
    char cause[160];
    bool is_locked, is_being_written, is_too_new;
} failure;

static herr_t note_error(unsigned n, const H5E_error2_t *error, void *data)
{
    failure *f = data;
    const char *words = error->desc ? error->desc : "";
    if (n == 0)
        snprintf(f->cause, sizeof f->cause, "%s", words);
    f->is_locked |= strstr(words, "lock file") != NULL;
    f->is_being_written |= strstr(words, "already open for") != NULL;
    f->is_too_new |= strstr(words, "version") != NULL;
    return 0;
}

void td_h5_refuse_being_written(td_h5 *h5)
{
    td_h5_refuse(h5, NULL,
                 "marked as open in a program that writes it: close it there; if that "
                 "one died, `h5clear -s` takes the mark away");
}

void td_h5_refuse_to_open(td_h5 *h5)
{
    failure f = { 0 };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_error, &f);
    if (f.is_locked)
        td_h5_refuse(h5, NULL,
                     "locked by another program: close it there, or set "
                     "HDF5_USE_FILE_LOCKING=FALSE");
    else if (f.is_being_written)
        td_h5_refuse_being_written(h5);
    else
        td_h5_refuse(h5, NULL,
                     "truncated or damaged, or not yet written to its end (HDF5: %s): "
                     "copy it again or make it anew",
                     f.cause);
}

void td_h5_refuse_damaged(td_h5 *h5, const char *name)
{
    failure f = { 0 };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, note_error, &f);
    if (f.is_too_new)
        td_h5_refuse(h5, name,
                     "damaged, or in a form newer than this HDF5 reads (HDF5: %s)",
                     f.cause);
    else
        td_h5_refuse(h5, name, "damaged, cannot be read (HDF5: %s)", f.cause);
}
