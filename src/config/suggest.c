/* What an unknown key was probably meant to be. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/config_keys.h"
#include "taildart/config_nearest.h"

enum { NAME_BYTES = 64, MOST_NAMED = 3, SHORTEST_WORD = 3 };

/* Keys and groups are written small and with underlines; a longer word is none. */
static void spell(char out[NAME_BYTES], const char *word)
{
    int i = 0;
    for (; i < NAME_BYTES - 1 && word[i]; i++)
        out[i] = word[i] == '-' ? '_' : (char) tolower((unsigned char) word[i]);
    out[i] = '\0';
}

/* ---- names of other programs ----------------------------------------------------- */

bool td_key_is_device(const char *name)
{
    static const char *const words[] = { "gpu",    "gpus",    "cuda",   "device",
                                         "gpu_id", "devices", "no_cuda" };
    char word[NAME_BYTES];
    spell(word, name);
    const char *dot = strrchr(word, '.');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(dot ? dot + 1 : word, words[i]) == 0)
            return true;
    return false;
}

/* What DARTS's scripts and others call a key: its name here, or the end of it. */
static const char *own_name(const char *word)
{
    static const char *const aliases[][2] = {
        { "learning_rate", "weights.lr.start" },
        { "learning_rate_min", "weights.lr.end" },
        { "arch_lr", "arch.lr.start" },
        { "arch_learning_rate", "arch.lr.start" },
        { "weight_decay", "weights.decay" },
        { "arch_weight_decay", "arch.decay" },
        { "grad_clip", "weights.clip" },
        { "batch_size", "batch" },
        { "layers", "net.cells" },
        { "init_channels", "net.channels" },
        { "drop_path_prob", "train.drop_path.start" },
        { "cutout_length", "data.cutout" },
        { "train_portion", "data.train_share" },
        { "unrolled", "search.order" },
        { "num_workers", "run.threads" },
        { "save", "run.out" },
        { "arch", "train.genotype" },
    };
    const char *dot = strrchr(word, '.'), *leaf = dot ? dot + 1 : word;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(aliases[i][0], leaf) == 0)
            return aliases[i][1];
    return word;
}

const td_key *td_key_of_others(const char *name)
{
    char word[NAME_BYTES];
    spell(word, name);
    const char *own = own_name(word);
    return own == word ? NULL : td_key_find(own);
}

/* ---- keys that a word is a part of ----------------------------------------------- */

/* The key that stands for its group: the `start` of a schedule, the `kind` of a loss.
 */
static bool stands_for_group(const char *leaf)
{
    return strcmp(leaf, "start") == 0 || strcmp(leaf, "kind") == 0 ||
           strcmp(leaf, "enabled") == 0;
}

/* Whether \a name, of which \a length counts, is \a word or ends in a point and it. */
static bool ends_in(const char *name, size_t length, const char *word)
{
    size_t tail = strlen(word);
    return tail > 0 && tail <= length &&
           strncmp(name + length - tail, word, tail) == 0 &&
           (tail == length || name[length - tail - 1] == '.');
}

/* Whether the last part of a name has \a word between underlines. */
static bool has_word(const char *name, size_t length, const char *word)
{
    size_t from = length, tail = strlen(word);
    while (from > 0 && name[from - 1] != '.')
        from--;
    for (size_t at = from; tail >= SHORTEST_WORD && at + tail <= length; at++)
        if (strncmp(name + at, word, tail) == 0 &&
            (at == from || name[at - 1] == '_') &&
            (at + tail == length || name[at + tail] == '_'))
            return true;
    return false;
}

typedef bool is_part(const char *name, size_t length, const char *word);

static bool is_meant(const char *name, const char *word, is_part *part)
{
    const char *leaf = strrchr(name, '.');
    if (part(name, strlen(name), word))
        return true;
    return leaf && stands_for_group(leaf + 1) &&
           part(name, (size_t) (leaf - name), word);
}

/* Keys that are asked for, and how each is written. */
typedef struct {
    unsigned readers; /* td_config_command bits; 0: of any command */
    const char *before, *after;
} wish;

static bool is_read(const td_key *key, const wish *of)
{
    return of->readers == 0 || (key->commands & of->readers);
}

static int count_meant(const char *word, const wish *of, is_part *part)
{
    int count = 0;
    for (int i = 0; i < td_key_count(); i++)
        count += is_read(&td_keys[i], of) && is_meant(td_keys[i].name, word, part);
    return count;
}

static const char *joint(int named, int count)
{
    if (named == 0)
        return "";
    return named + 1 == count ? " or " : ", ";
}

/* Write the first few keys that \a word is a part of; NULL where there is none. */
static char *write_meant(const char *word, const wish *of, is_part *part)
{
    td_text text = { 0 };
    int count = count_meant(word, of, part), named = 0;
    for (int i = 0; i < td_key_count() && named < MOST_NAMED; i++)
        if (is_read(&td_keys[i], of) && is_meant(td_keys[i].name, word, part)) {
            td_text_write(&text, "%s%s%s%s", joint(named, count), of->before,
                          td_keys[i].name, of->after);
            named++;
        }
    if (count > named)
        td_text_write(&text, " or %d more", count - named);
    return text.chars;
}

/* ---- misspelt ones --------------------------------------------------------------- */

/* Edit distance to the name or, plus one, to its last part alone, which is typed when
 * the group is forgotten. */
static int distance_to(const char *word, const char *name)
{
    const char *leaf = strrchr(name, '.');
    int whole = td_edit_distance(word, name);
    int last = leaf ? td_edit_distance(word, leaf + 1) + 1 : whole;
    return last < whole ? last : whole;
}

/* Look at a key's name and those of its groups; keep the nearest. */
static void compare(const char *word, const char *name, char nearest[NAME_BYTES],
                    int *least)
{
    char candidate[NAME_BYTES];
    snprintf(candidate, sizeof candidate, "%s", name);
    TD_ASSERT(strcmp(candidate, name) == 0);
    for (char *end = candidate + strlen(candidate); end;
         end = strrchr(candidate, '.')) {
        *end = '\0';
        int distance = distance_to(word, candidate);
        if (distance < *least) {
            *least = distance;
            snprintf(nearest, NAME_BYTES, "%s", candidate);
        }
    }
}

/* At most a third of the letters is wrong. */
static char *write_nearest(const char *word, const wish *of)
{
    char nearest[NAME_BYTES] = "";
    int least = INT_MAX;
    for (int i = 0; i < td_key_count(); i++)
        if (is_read(&td_keys[i], of))
            compare(word, td_keys[i].name, nearest, &least);
    if (least > ((int) strlen(word) + 2) / 3)
        return NULL;
    return td_format("%s%s%s", of->before, nearest, of->after);
}

/* ---- together -------------------------------------------------------------------- */

char *td_key_ending(const char *name, unsigned readers, const char *before,
                    const char *after)
{
    char word[NAME_BYTES];
    const wish of = { readers, before, after };
    spell(word, name);
    return write_meant(word, &of, ends_in);
}

static char *suggest(const char *word, const wish *of)
{
    bool is_whole = td_key_find(word);
    char *text = is_whole ? td_format("%s%s%s", of->before, word, of->after)
                          : write_meant(own_name(word), of, ends_in);
    if (!text)
        text = write_meant(word, of, has_word);
    return text ? text : write_nearest(word, of);
}

char *td_key_suggest(const char *name, unsigned readers, const char *before,
                     const char *after)
{
    char word[NAME_BYTES];
    const wish own = { readers, before, after }, any = { 0, before, after };
    spell(word, name);
    char *text = suggest(word, &own);
    return text ? text : suggest(word, &any);
}
