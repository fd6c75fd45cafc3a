/* Configurations: what differs between runs, as a table; the whole of each, folded. */
#include "page.h"

#include <stdlib.h>
#include <string.h>

/* ---- YAML as keys ---------------------------------------------------------------- */

/* A value under its whole name: "search.epochs". */
typedef struct {
    char *key; /* owned */
    const char *value;
    int length; /* of the value */
} entry;

/* Those of a run, in the order of its text. */
typedef struct {
    entry *all;     /* owned */
    entry **sorted; /* owned: by name */
    int count;
} entries;

enum { LEVELS = 8, STEP = 2 };

static int compare(const void *a, const void *b)
{
    return strcmp((*(entry *const *) a)->key, (*(entry *const *) b)->key);
}

/* Put one line, \a length bytes, into the list; \a names are those above it. */
static void read_line(entries *list, const char *line, int length,
                      const char *names[LEVELS], int lengths[LEVELS])
{
    int blanks = (int) strspn(line, " "), level = blanks / STEP;
    const char *name = line + blanks;
    const char *colon = memchr(line, ':', (size_t) length);
    if (blanks >= length || level >= LEVELS)
        return;
    if (!colon)
        colon = line + length; /* an item of a list, say */
    names[level] = name;
    lengths[level] = colon > name ? (int) (colon - name) : 0;
    const char *value = colon < line + length ? colon + 1 : colon;
    value += value < line + length && *value == ' ';
    if (value >= line + length && colon < line + length)
        return; /* a group */
    td_text key = { 0 };
    for (int i = 0; i <= level; i++)
        td_text_write(&key, "%s%.*s", i > 0 ? "." : "", lengths[i],
                      names[i] ? names[i] : "");
    list->all[list->count++] =
        (entry){ key.chars, value, (int) (line + length - value) };
}

static entries entries_of(const char *config)
{
    const char *names[LEVELS] = { NULL };
    int lengths[LEVELS] = { 0 }, lines = 1;
    entries list = { 0 };
    for (const char *at = config; *at; at++)
        lines += *at == '\n';
    list.all = td_malloc((size_t) lines * sizeof *list.all);
    while (*config) {
        int length = (int) strcspn(config, "\n");
        read_line(&list, config, length, names, lengths);
        config += length + (config[length] == '\n');
    }
    list.sorted = td_malloc((size_t) lines * sizeof *list.sorted);
    for (int i = 0; i < list.count; i++)
        list.sorted[i] = &list.all[i];
    qsort(list.sorted, (size_t) list.count, sizeof *list.sorted, compare);
    return list;
}

static void clear_entries(entries *list)
{
    for (int i = 0; i < list->count; i++)
        td_free(list->all[i].key);
    td_free(list->all);
    td_free(list->sorted);
}

static const entry *find(const entries *list, const entry *as)
{
    entry *const *found = list->count == 0
                              ? NULL
                              : bsearch(&as, list->sorted, (size_t) list->count,
                                        sizeof *list->sorted, compare);
    return found ? *found : NULL;
}

/* ---- what differs ---------------------------------------------------------------- */

static bool has_same(const entry *a, const entry *b)
{
    return a && b && a->length == b->length &&
           memcmp(a->value, b->value, (size_t) a->length) == 0;
}

/* Whether run \a r is the first that has the key, and another has not its value. */
static bool is_shown(const entries *lists, int count, int r, const entry *e)
{
    bool differs = false;
    if (strcmp(e->key, "run.out") == 0)
        return false; /* the name says it */
    for (int other = 0; other < count; other++) {
        const entry *theirs = find(&lists[other], e);
        if (other < r && theirs)
            return false;
        differs = differs || !has_same(e, theirs);
    }
    return differs;
}

static void write_row(td_text *text, const entries *lists, const td_runs *runs,
                      const entry *e)
{
    td_text_write(text, "<tr><th scope=\"row\">");
    td_html_escape(text, e->key);
    td_text_write(text, "</th>");
    for (int r = 0; r < runs->count; r++) {
        const entry *theirs = find(&lists[r], e);
        char *value =
            theirs ? td_format("%.*s", theirs->length, theirs->value) : td_strdup("–");
        td_text_write(text, "<td>");
        td_html_escape(text, value);
        td_text_write(text, "</td>");
        td_free(value);
    }
    td_text_write(text, "</tr>\n");
}

/* Write the rows.  \return how many */
static int write_rows(td_text *text, const entries *lists, const td_runs *runs)
{
    int rows = 0;
    for (int r = 0; r < runs->count; r++)
        for (int i = 0; i < lists[r].count; i++)
            if (is_shown(lists, runs->count, r, &lists[r].all[i])) {
                write_row(text, lists, runs, &lists[r].all[i]);
                rows++;
            }
    return rows;
}

void td_page_differences(td_text *text, const td_runs *runs)
{
    td_text rows = { 0 };
    if (runs->count == 1)
        return;
    entries *lists = td_malloc((size_t) runs->count * sizeof *lists);
    for (int r = 0; r < runs->count; r++) {
        const char *config = runs->runs[r]->checkpoint->texts.config;
        lists[r] = entries_of(config ? config : "");
    }
    int count = write_rows(&rows, lists, runs);
    td_section_begin(text, "What differs",
                     count > 0 ? "Keys of the configurations whose values are not the "
                                 "same in all runs."
                               : "Nothing: the runs have the same configuration.");
    if (count > 0) {
        td_scroll_begin(text, "scroll", "what differs");
        td_text_write(text, "<table class=\"keys\">\n<thead><tr><th scope=\"col\">key"
                            "</th>");
        for (int r = 0; r < runs->count; r++) {
            td_text_write(text, "<th scope=\"col\">");
            td_run_swatch(text, r);
            td_html_escape(text, runs->names[r]);
            td_text_write(text, "</th>");
        }
        td_text_write(text, "</tr></thead>\n<tbody>\n%s</tbody>\n</table></div>\n",
                      rows.chars);
    }
    td_text_write(text, "</section>\n");
    for (int r = 0; r < runs->count; r++)
        clear_entries(&lists[r]);
    td_free(lists);
    td_free(rows.chars);
}

/* ---- all of them ----------------------------------------------------------------- */

static void write_text(td_text *text, const char *summary, const char *words)
{
    td_text_write(text, "<details><summary>%s</summary><pre>", summary);
    td_html_escape(text, words ? words : "");
    td_text_write(text, "</pre></details>\n");
}

static void write_configuration(td_text *text, const td_runs *runs, int run,
                                const void *data)
{
    const td_checkpoint *c = runs->runs[run]->checkpoint;
    (void) data;
    td_text_write(text, "<p>%d %s, %d %s; images of %dx%dx%d in %d classes</p>\n",
                  c->world_size, td_noun(c->world_size, "rank", "ranks"), c->shards,
                  td_noun(c->shards, "shard", "shards"), c->height, c->width,
                  c->image_channels, c->classes);
    write_text(text, "configuration", c->texts.config);
    write_text(text, "versions", c->texts.version);
}

void td_page_configurations(td_text *text, const td_runs *runs)
{
    td_section_begin(text, "Configuration and versions",
                     "As the checkpoint has them; config.yaml in the run's directory "
                     "repeats the run.");
    td_section_figures(text, runs, write_configuration, NULL);
}
