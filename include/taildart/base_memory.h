/** Floor 1: blocks that grow, bytes as people read them, and what is said when there
 *  are none left. */
#ifndef TAILDART_BASE_MEMORY_H
#define TAILDART_BASE_MEMORY_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

/** As td_malloc, with the first \a used bytes of \a block, which is freed; NULL with 0
 *  bytes is fine.  Not collective.  \return for td_free; what is behind them is 0 */
void *td_enlarge(void *block, size_t used, size_t bytes);

enum { TD_BYTES_TEXT = 32 };

/** "12.3 GB", "640 MB", "12 kB".  Not collective.
 *  \param [out] text (TD_BYTES_TEXT)  \return \a text */
const char *td_bytes_text(double bytes, char *text);

/** What memory is asked for from here on, and what needs less of it: the words of an
 *  allocation that fails ("the network at a batch of 64 a rank", "a smaller
 *  search.batch needs less").  Both are copied.  Not collective; one thread. */
void td_memory_purpose(const char *what, const char *fix);

/** As td_abort_at, for what is no matter of a line of ours.  Not collective. */
TD_NORETURN void td_end_job(const char *format, ...) TD_PRINTF(1, 2);

/** End the job with the words of td_memory_purpose.  Not collective. */
TD_NORETURN void td_out_of_memory(size_t bytes);

TD_PUBLIC_END

#endif
