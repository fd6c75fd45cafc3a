/** Floor 1: numbers as bytes of files that have an order of their own, whatever that of
 *  the machine, and messages of protocol buffers: a field is its number and its kind,
 *  then a number or counted bytes; a message in a message is counted bytes
 *  (protobuf.dev, "Encoding").  By hand, since a compiler of schemas and its library
 *  are much to ask of every cluster that builds this program. */
#ifndef TAILDART_BASE_BYTES_H
#define TAILDART_BASE_BYTES_H

#include "taildart/base_text.h"

TD_PUBLIC_BEGIN

/** Append the lowest \a count bytes (1 to 8) of a number, the lowest one first.
 *  Not collective. */
void td_bytes_put(td_text *to, uint64_t value, int count);

/** Append a float32, the lowest byte first.  Not collective. */
void td_bytes_put_float(td_text *to, float value);

/** Append a whole number to a message.  Not collective.  \param [in] field  from 1 */
void td_message_integer(td_text *to, int field, uint64_t value);

/** Append a float32 to a message.  Not collective.  \param [in] field  from 1 */
void td_message_float(td_text *to, int field, float value);

/** Append a float64 to a message.  Not collective.  \param [in] field  from 1 */
void td_message_double(td_text *to, int field, double value);

/** Append a word to a message.  Not collective.  \param [in] field  from 1 */
void td_message_word(td_text *to, int field, const char *word);

/** Append another message as a field; it is freed, and empty then.  Not collective. */
void td_message_put(td_text *to, int field, td_text *message);

TD_PUBLIC_END

#endif
