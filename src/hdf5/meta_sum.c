/* Checksums of HDF5's newer structures: Jenkins' lookup3.  libhdf5 compares them, too,
 * but when one is wrong in the middle of a list it frees memory that it has not
 * allocated. */
#include "meta.h"

static uint32_t rotate(uint32_t x, int bits)
{
    return x << bits | x >> (32 - bits);
}

static void mix(uint32_t s[3])
{
    static const int bits[6] = { 4, 6, 8, 16, 19, 4 };
    for (int i = 0; i < 6; i++) {
        uint32_t *x = &s[i % 3], *y = &s[(i + 2) % 3], *z = &s[(i + 1) % 3];
        *x -= *y;
        *x ^= rotate(*y, bits[i]);
        *y += *z;
    }
}

static void finish(uint32_t s[3])
{
    static const int bits[7] = { 14, 11, 25, 16, 4, 14, 24 };
    for (int i = 0; i < 7; i++) {
        uint32_t *x = &s[(i + 2) % 3], y = s[(i + 1) % 3];
        *x ^= y;
        *x -= rotate(y, bits[i]);
    }
}

static uint32_t checksum(const uint8_t *bytes, uint64_t n)
{
    enum { BLOCK = 12 };
    uint32_t start = 0xdeadbeef + (uint32_t) n, s[3] = { start, start, start };
    if (n == 0)
        return start;
    for (;; bytes += BLOCK, n -= BLOCK) {
        uint64_t count = n < BLOCK ? n : BLOCK;
        for (uint64_t i = 0; i < count; i++)
            s[i / 4] += (uint32_t) bytes[i] << 8 * (i % 4);
        if (n <= BLOCK)
            break;
        mix(s);
    }
    finish(s);
    return s[2];
}

void td_meta_check_sum(td_meta *m, td_cursor block, uint64_t n, const char *what)
{
    td_cursor c = block;
    td_cursor_cut(&c, n);
    uint32_t stored = (uint32_t) td_cursor_take(&c, 4);
    if (!c.ok || checksum(block.at, n) != stored)
        td_meta_damaged(m, what);
}
