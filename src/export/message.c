#include "message.h"

#include <string.h>

#include "network.h"

/* What stands behind the number of a field. */
typedef enum { VARINT = 0, BYTES = 2, FOUR_BYTES = 5 } wire;

/* Seven bits a byte, the lowest first; the eighth says that more follow. */
static void put_varint(td_text *to, uint64_t value)
{
    for (; value > 0x7f; value >>= 7)
        td_bytes_put(to, (value & 0x7f) | 0x80, 1);
    td_bytes_put(to, value, 1);
}

static void put_key(td_text *to, int field, wire kind)
{
    TD_ASSERT(field > 0);
    put_varint(to, (uint64_t) field << 3 | kind);
}

static void put_bytes(td_text *to, int field, const char *bytes, size_t count)
{
    put_key(to, field, BYTES);
    put_varint(to, count);
    if (count > 0)
        td_text_write_bytes(to, bytes, count);
}

void td_message_integer(td_text *to, int field, uint64_t value)
{
    put_key(to, field, VARINT);
    put_varint(to, value);
}

void td_message_float(td_text *to, int field, float value)
{
    td_real real = (td_real) value;
    put_key(to, field, FOUR_BYTES);
    td_bytes_put_reals(to, &real, 1);
}

void td_message_word(td_text *to, int field, const char *word)
{
    put_bytes(to, field, word, strlen(word));
}

void td_message_put(td_text *to, int field, td_text *message)
{
    put_bytes(to, field, message->chars, message->length);
    td_free(message->chars);
    *message = (td_text){ 0 };
}
