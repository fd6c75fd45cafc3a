/** Floor 1: blocks that grow, sizes in bytes as text, and the message when memory runs
 *  out. */
#ifndef TAILDART_BASE_MEMORY_H
#define TAILDART_BASE_MEMORY_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** Allocate as td_malloc, copy the first \a used bytes of \a block and free it; NULL
 *  with 0 bytes is fine.  Not collective.  \return for td_free; the rest is 0 */
void *td_enlarge(void *block, size_t used, size_t bytes);

enum { TD_BYTES_TEXT = 32 };

/** Write a size as "12.3 GB", "640 MB", "12 kB".  Not collective.
 *  \param [out] text (TD_BYTES_TEXT)  \return \a text */
const char *td_bytes_text(double bytes, char *text);

/** Set what memory is needed for from here on, and what needs less of it: the text of
 *  the error when an allocation fails ("the network at a batch of 64 per rank", "a
 *  smaller search.batch needs less").  Both are copied.  Not collective; one thread. */
void td_memory_purpose(const char *what, const char *fix);

/** End the job as td_abort_at, without file and line: the cause lies outside the
 *  program.  Not collective. */
TD_NORETURN void td_end_job(const char *format, ...) TD_PRINTF(1, 2);

/** End the job with the text of td_memory_purpose.  Not collective. */
TD_NORETURN void td_out_of_memory(size_t bytes);

TD_PUBLIC_END

#endif
