/* Search spaces by name (RobustDARTS, Zela et al. 2020), or as a list. */
#include "taildart/genotype_space.h"

#include <string.h>

#include "taildart/config_nearest.h"

#define BIT(OP) (1U << TD_OP_##OP)

enum {
    ALL = (1U << TD_NUM_OPS) - 1,
    SKIP = BIT(SKIP_CONNECT),
    SEP3 = BIT(SEP_CONV_3X3),
    DIL3 = BIT(DIL_CONV_3X3),
    DIL5 = BIT(DIL_CONV_5X5),
    MAX3 = BIT(MAX_POOL_3X3),
    AVG3 = BIT(AVG_POOL_3X3),
    NOISE = 1U << TD_OP_NOISE_PLACE,
    S1_NODES = 4,
    S1_EDGES = S1_NODES * (S1_NODES + 3) / 2
};

/* Two per edge, normal and reduce. */
static const uint8_t s1[2][S1_EDGES] = {
    { SKIP | DIL3, SKIP | DIL5, SKIP | DIL5, SKIP | SEP3, SKIP | DIL3, MAX3 | SKIP,
      SKIP | SEP3, SKIP | SEP3, SKIP | DIL3, SKIP | SEP3, MAX3 | SKIP, SKIP | DIL3,
      DIL3 | DIL5, DIL3 | DIL5 },
    { MAX3 | AVG3, MAX3 | DIL3, MAX3 | AVG3, MAX3 | AVG3, SKIP | DIL5, MAX3 | AVG3,
      MAX3 | SEP3, SKIP | DIL3, SKIP | DIL5, MAX3 | AVG3, MAX3 | AVG3, SKIP | DIL5,
      SKIP | DIL5, SKIP | DIL5 },
};

static const struct {
    const char *name;
    unsigned present; /* on every edge */
    bool has_noise, by_edge, adds_skips;
} sets[] = {
    { "all", .present = ALL },
    { "no-skip", .present = ALL & ~SKIP },
    { "all-skip", .present = ALL, .adds_skips = true },
    { "s1", .by_edge = true },
    { "s2", .present = SKIP | SEP3 },
    { "s3", .present = BIT(NONE) | SKIP | SEP3 },
    { "s4", .present = NOISE | SEP3, .has_noise = true },
};

enum { SETS = sizeof sets / sizeof *sets, WORDS = SETS + TD_NUM_OPS };

/* ---- words ---------------------------------------------------------------- */

/* All that may be typed: names of sets, then primitives. */
static void list_words(const char *words[WORDS])
{
    for (int i = 0; i < SETS; i++)
        words[i] = sets[i].name;
    for (int k = 0; k < TD_NUM_OPS; k++)
        words[SETS + k] = td_op_name((td_op) k);
}

static td_status refuse_word(const char *word)
{
    const char *words[WORDS];
    list_words(words);
    const char *nearest = td_nearest(word, words, WORDS);
    bool is_near = td_is_near(word, nearest);
    return td_error(
        TD_USAGE,
        "net.operations: found \"%.40s\"; accepted: all, no-skip, all-skip, s1 to s4, "
        "or some of the primitives, as skip_connect, sep_conv_3x3%s%s",
        word, is_near ? "; the nearest is " : "", is_near ? nearest : "");
}

/* ---- sets ----------------------------------------------------------------- */

static void fill(td_space *space, unsigned present)
{
    memset(space->present, (int) present, sizeof space->present);
}

static td_status take_s1(td_space *space, int nodes)
{
    if (nodes != S1_NODES)
        return td_error(TD_USAGE,
                        "net.operations: s1 names the operations of the %d edges of %d "
                        "nodes, but net.nodes is %d; set net.nodes to %d",
                        S1_EDGES, S1_NODES, nodes, S1_NODES);
    for (int kind = 0; kind < 2; kind++)
        memcpy(space->present[kind], s1[kind], sizeof s1[kind]);
    return TD_OK;
}

static int find_set(const char *word)
{
    for (int i = 0; i < SETS; i++)
        if (strcmp(sets[i].name, word) == 0)
            return i;
    return -1;
}

/* ---- lists ---------------------------------------------------------------- */

static int find_primitive(const char *word)
{
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (strcmp(td_op_name((td_op) k), word) == 0)
            return k;
    return -1;
}

/* The next word of a list, without the blanks around it; false at its end. */
static bool next_word(const char **list, char word[TD_TEXT_BYTES])
{
    if (!*list)
        return false;
    const char *end = strchr(*list, ',');
    const char *from = *list + strspn(*list, " ");
    size_t length = end ? (size_t) (end - from) : strlen(from);
    while (length > 0 && from[length - 1] == ' ')
        length--;
    memcpy(word, from, length);
    word[length] = '\0';
    *list = end ? end + 1 : NULL;
    return true;
}

static td_status take_list(td_space *space, const char *list)
{
    char word[TD_TEXT_BYTES];
    unsigned present = 0;
    while (next_word(&list, word)) {
        int k = find_primitive(word);
        if (k < 0)
            return refuse_word(word);
        if (present >> k & 1)
            return td_error(TD_USAGE, "net.operations: %s stands there twice", word);
        present |= 1U << k;
    }
    if ((present & ~BIT(NONE)) == 0)
        return td_error(TD_USAGE,
                        "net.operations: none alone leaves nothing to choose; "
                        "add another primitive");
    fill(space, present);
    return TD_OK;
}

td_status td_space_find(td_space *space, const char *words, int nodes)
{
    TD_ASSERT(strlen(words) < TD_TEXT_BYTES);
    int set = find_set(words);
    *space = (td_space){ .has_noise = set >= 0 && sets[set].has_noise,
                         .adds_skips = set >= 0 && sets[set].adds_skips };
    if (set < 0)
        return take_list(space, words);
    if (sets[set].by_edge)
        return take_s1(space, nodes);
    fill(space, sets[set].present);
    return TD_OK;
}

/* What judges cells within the supernet takes edges away; there the skip connection of
 * one that is gone would stay, which the cell does not have. */
static td_status check_edges_stay(const td_settings *settings)
{
    const td_config *config = td_settings_config(settings);
    const char *name = config->search.discretise == TD_DISCRETISE_PERTURBATION
                           ? "search.discretise"
                       : config->search.method == TD_METHOD_RANDOM ? "search.method"
                                                                   : NULL;
    char value[TD_TEXT_BYTES];
    if (!name)
        return TD_OK;
    td_settings_value(settings, name, value);
    return td_error(TD_USAGE,
                    "%s: %s takes edges away, and with net.operations all-skip their "
                    "skip connections would stay: choose another set of operations",
                    name, value);
}

td_status td_space_check(const td_settings *settings)
{
    td_space space;
    const td_config *config = td_settings_config(settings);
    td_status status = td_space_find(&space, config->net.operations, config->net.nodes);
    return status == TD_OK && space.adds_skips ? check_edges_stay(settings) : status;
}
