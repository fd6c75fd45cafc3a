/* Two states of one run in a folder of their own, and whether loading gives them back,
 * for the tests of checkpoints. */
#ifndef SAVED_STATE_H
#define SAVED_STATE_H

#include "some_checkpoint.h"
#include "store_folder.h"

static td_slots weights, norms;
static td_checkpoint old, new; /* two states of one run */
static const char *path, *prev;

static inline void set_up(void)
{
    static char names[2][256];
    folder_make();
    ck_assert_ptr_nonnull(freopen(in_folder("stderr"), "w", stderr));
    some_slots(&weights, &norms);
    old = some_checkpoint(&weights, &norms, 100);
    new = some_checkpoint(&weights, &norms, 201);
    snprintf(names[0], sizeof names[0], "%s/checkpoint.h5", folder);
    snprintf(names[1], sizeof names[1], "%s/checkpoint.prev.h5", folder);
    path = names[0];
    prev = names[1];
}

static inline void tear_down(void)
{
    clear_checkpoint(&old);
    clear_checkpoint(&new);
    folder_remove();
}

static inline void save(const td_checkpoint *c)
{
    ck_assert_msg(td_checkpoint_save(c, path) == TD_OK, "%s", td_error_message());
}

/* Loading \a name gives exactly \a expected. */
static inline void check_loads(const char *name, const td_checkpoint *expected)
{
    td_checkpoint *c = NULL;
    ck_assert_msg(td_checkpoint_load(&c, name) == TD_OK, "%s", td_error_message());
    const char *what = checkpoint_difference(c, expected);
    ck_assert_msg(!what, "%s differs", what);
    td_checkpoint_free(c);
}

/* Loading \a name is refused, and the line holds \a words. */
static inline void check_refused(const char *name, const char *words)
{
    td_checkpoint *c = &old;
    ck_assert_msg(td_checkpoint_load(&c, name) == TD_CHECKPOINT,
                  "loaded in spite of %s", words);
    ck_assert_ptr_null(c);
    ck_assert_msg(strstr(td_error_message(), words) != NULL, "\"%s\" is not in: %s",
                  words, td_error_message());
}

static inline char *read_bytes(const char *name, size_t *n)
{
    char *bytes = NULL;
    ck_assert_int_eq(td_file_read(&bytes, n, name), TD_OK);
    return bytes;
}

static inline void write_bytes(const char *name, const char *bytes, size_t n)
{
    FILE *file = fopen(name, "wb");
    ck_assert(file && fwrite(bytes, 1, n, file) == n && fclose(file) == 0);
}

static inline void flip_in_file(const char *name, size_t byte, int bit)
{
    size_t n = 0;
    char *bytes = read_bytes(name, &n);
    bytes[byte < n ? byte : n - 1] ^= (char) (1 << bit);
    write_bytes(name, bytes, n);
    td_free(bytes);
}

static inline bool stderr_says(const char *words)
{
    size_t n = 0;
    char *said = read_bytes(in_folder("stderr"), &n);
    bool found = strstr(said, words) != NULL;
    td_free(said);
    return found;
}

/* Leave out members that a derived network has not. */
static inline void drop_alphas(td_checkpoint *c)
{
    td_free(c->arch_history);
    c->arch_history = NULL;
    c->state.edges = 0;
    c->state.has_edge_weights = false;
    c->state.relaxation = &td_relaxation_softmax; /* nothing is kept of it */
    c->state.temperature = 1.0;
    c->state.skip_bonus = 0.0;
    td_free(c->texts.command);
    c->texts.command = td_strdup("train");
    c->arch_epochs = 0;
}

static inline TCase *case_with_state(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 120);
    suite_add_tcase(suite, tests);
    return tests;
}

#endif
