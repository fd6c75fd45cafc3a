/* Drop-out: numbers of an image that are left out (Srivastava et al. 2014). */
#include "layers.h"

#include <string.h>

enum {
    A_BLOCK = 8, /* numbers that one block of random words decides on, 16 bits each */
    AT_ONCE = 16 /* blocks: 128 numbers */
};

/* The random bits of some blocks. */
static void draw_bits(const td_dropout *dropout, uint32_t block, uint16_t *bits)
{
    for (uint32_t i = 0; i < AT_ONCE; i++) {
        uint32_t word[4];
        td_random_block(&dropout->key, dropout->first + block + i, word);
        memcpy(bits + (size_t) i * A_BLOCK, word, sizeof word);
    }
}

/* Shares are rounded to multiples of 2^-16, and what is kept grows by just as much. */
void td_dropout_image(const td_dropout *dropout, const td_real *from, td_real *to,
                      size_t count)
{
    enum { STRETCH = A_BLOCK * AT_ONCE };
    uint16_t bits[STRETCH];
    uint32_t limit = (uint32_t) (dropout->share * 65536.0 + 0.5);
    const td_real factors[2] = { (td_real) (65536.0 / (65536.0 - limit)), 0 };
    TD_ASSERT(limit < 65536 && count % A_BLOCK == 0);
    for (size_t start = 0; start < count; start += STRETCH) {
        size_t n = count - start < STRETCH ? count - start : STRETCH;
        draw_bits(dropout, (uint32_t) (start / A_BLOCK), bits);
        for (size_t i = 0; i < n; i++)
            to[start + i] = factors[bits[i] < limit] * from[start + i]; /* no branch */
    }
}
