#include "taildart/config_nearest.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"

enum { LONGEST = 127 };

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Keeps three rows of the table of distances between prefixes of both words. */
int td_edit_distance(const char *a, const char *b)
{
    int rows[3][LONGEST + 1];
    int *before = rows[0], *above = rows[1], *row = rows[2];
    int rows_count = (int) strnlen(a, LONGEST), columns = (int) strnlen(b, LONGEST);
    for (int j = 0; j <= columns; j++)
        row[j] = j;
    for (int i = 1; i <= rows_count; i++) {
        int *oldest = before;
        before = above;
        above = row;
        row = oldest;
        row[0] = i;
        for (int j = 1; j <= columns; j++) {
            row[j] = smaller(above[j], row[j - 1]) + 1;
            row[j] = smaller(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
    }
    TD_ASSERT(row[columns] <= LONGEST);
    return row[columns];
}

const char *td_nearest(const char *word, const char *const *words, int count)
{
    TD_ASSERT(count > 0);
    const char *nearest = words[0];
    int least = INT_MAX;
    for (int i = 0; i < count; i++) {
        int distance = td_edit_distance(word, words[i]);
        if (distance < least) {
            least = distance;
            nearest = words[i];
        }
    }
    return nearest;
}

static void lower(char out[LONGEST + 1], const char *word)
{
    int i = 0;
    for (; i < LONGEST && word[i]; i++)
        out[i] = (char) tolower((unsigned char) word[i]);
    out[i] = '\0';
}

bool td_is_near(const char *word, const char *candidate)
{
    enum { SHORTEST = 3 };
    char a[LONGEST + 1] = "", b[LONGEST + 1] = "";
    lower(a, word);
    lower(b, candidate);
    bool holds = (strlen(b) >= SHORTEST && strstr(a, b)) ||
                 (strlen(a) >= SHORTEST && strstr(b, a));
    return holds || 3 * td_edit_distance(a, b) <= (int) strlen(a) + 2;
}

char *td_nearest_or_all(const char *word, const char *const *words, int count)
{
    enum { MOST = 20 };
    const char *nearest = td_nearest(word, words, count);
    td_text list = { 0 };
    if (td_is_near(word, nearest))
        return td_format("the nearest is %s", nearest);
    for (int i = 0; i < count && i < MOST; i++)
        td_text_write(&list, "%s%s", i > 0 ? ", " : "accepted: ", words[i]);
    if (count > MOST)
        td_text_write(&list, " and %d more", count - MOST);
    return list.chars;
}

td_status td_refuse_word(td_status code, const char *word, const char *const *words,
                         int count, const char *format, ...)
{
    char said[2048]; /* as much as td_error keeps */
    char *meant = td_nearest_or_all(word, words, count);
    va_list args;
    va_start(args, format);
    vsnprintf(said, sizeof said, format, args);
    va_end(args);
    td_error(code, "%s; %s", said, meant);
    td_free(meant);
    return code;
}
