/* Numbers as bytes, and messages of protocol buffers. */
#include "taildart/base_bytes.h"

#include <string.h>

/* ---- numbers --------------------------------------------------------------------- */

void td_bytes_put(td_text *to, uint64_t value, int count)
{
    char bytes[8];
    TD_ASSERT(count >= 1 && count <= 8 && (count == 8 || value >> 8 * count == 0));
    for (int i = 0; i < count; i++)
        bytes[i] = (char) (value >> 8 * i & 0xff);
    td_text_write_bytes(to, bytes, (size_t) count);
}

void td_bytes_put_float(td_text *to, float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    td_bytes_put(to, bits, sizeof bits);
}

/* ---- messages -------------------------------------------------------------------- */

/* What stands behind the number of a field. */
typedef enum { VARINT = 0, EIGHT_BYTES = 1, BYTES = 2, FOUR_BYTES = 5 } wire;

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
    put_key(to, field, FOUR_BYTES);
    td_bytes_put_float(to, value);
}

void td_message_double(td_text *to, int field, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_key(to, field, EIGHT_BYTES);
    td_bytes_put(to, bits, sizeof bits);
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
