/* Names of many hosts in few words: "node[1-256]", as schedulers write them. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "placement_text.h"

enum { MOST_RANGES = 4 };

/* The last number in the first label of a name. */
typedef struct {
    size_t at, digits; /* 0 digits: the name has none */
    long value;
} host_number;

static host_number number_of(const char *name)
{
    size_t end = strcspn(name, ".");
    while (end > 0 && !isdigit((unsigned char) name[end - 1]))
        end--;
    size_t at = end;
    while (at > 0 && isdigit((unsigned char) name[at - 1]))
        at--;
    return (host_number){ at, end - at, strtol(name + at, NULL, 10) };
}

/* Whether \a next is what \a name becomes when its number is counted up. */
static bool is_next(const char *name, const char *next)
{
    host_number a = number_of(name), b = number_of(next);
    bool is_padded = name[a.at] == '0' || next[b.at] == '0';
    return a.digits > 0 && a.at == b.at && b.value == a.value + 1 &&
           strncmp(name, next, a.at) == 0 &&
           strcmp(name + a.at + a.digits, next + b.at + b.digits) == 0 &&
           (a.digits == b.digits || !is_padded || a.value == 0);
}

static void write_range(td_text *text, const char *first, const char *last)
{
    host_number a = number_of(first), b = number_of(last);
    if (strcmp(first, last) == 0)
        td_text_write(text, "%s", first);
    else
        td_text_write(text, "%.*s[%.*s-%.*s]%s", (int) a.at, first, (int) a.digits,
                      first + a.at, (int) b.digits, last + b.at,
                      last + b.at + b.digits);
}

void td_placement_write_hosts(td_text *text, const td_placement *first, int apart,
                              int hosts)
{
    TD_ASSERT(hosts > 0 && apart > 0);
    int ranges = 0;
    for (int i = 0, last; i < hosts; i = last + 1) {
        if (ranges++ == MOST_RANGES) {
            td_text_write(text, " and %d more", hosts - i);
            return;
        }
        for (last = i; last + 1 < hosts && is_next(first[last * apart].host,
                                                   first[(last + 1) * apart].host);)
            last++;
        td_text_write(text, i > 0 ? "," : "");
        write_range(text, first[i * apart].host, first[last * apart].host);
    }
}
