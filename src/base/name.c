/* Names that are safe in paths, scripts and command lines. */
#include <string.h>

#include "taildart/base_text.h"

enum { MOST = 64 };

bool td_text_is_name(const char *word)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789._-";
    size_t length = strlen(word);
    return length > 0 && length <= MOST && strspn(word, letters) == length &&
           word[0] != '-' && word[0] != '.';
}
