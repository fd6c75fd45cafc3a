/* Messages of protocol buffers, as far as ONNX needs them: a field is its number and
 * its kind, then a number or counted bytes; a message in a message is counted bytes
 * (protobuf.dev, "Encoding").
 *
 * Written by hand since a compiler of schemas, its library and all of ONNX, for one
 * file of it, are much to ask of every cluster that builds this program. */
#ifndef TD_EXPORT_MESSAGE_H
#define TD_EXPORT_MESSAGE_H

#include "taildart/base_text.h"

/* Append a field to a message. */
void td_message_integer(td_text *to, int field, uint64_t value);
void td_message_float(td_text *to, int field, float value);
void td_message_word(td_text *to, int field, const char *word);

/* Another message, which is empty then. */
void td_message_put(td_text *to, int field, td_text *message);

#endif
