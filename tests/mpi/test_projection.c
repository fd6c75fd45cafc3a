/* ranks: 1 2 3 */
/* A projection decides alike on any number of ranks: what the ranks find together is
 * what each of them finds alone. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bright_rows.h"
#include "ranks.h"
#include "taildart/base_signals.h"
#include "taildart/checkpoint.h"
#include "taildart/formats.h"
#include "taildart/run.h"

enum { CLASSES = 3, SIDE = 8, EACH = 24, COUNT = CLASSES * EACH, TEXT = 256 };

static char folder[TEXT]; /* of this program; the same on every rank */

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/taildart-projection.XXXXXX");
    if (rank == 0 && !mkdtemp(folder))
        folder[0] = '\0';
    td_comm_bcast(world, folder, sizeof folder);
    CHECK_ALL(folder[0] != '\0');
}

static void tear_down(void)
{
    char command[2 * TEXT];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    td_comm_max_int(world, 0); /* nobody is at work in it any more */
    CHECK_ALL(rank != 0 || system(command) == 0);
}

static td_status write_data(const char *path)
{
    return bright_rows_write(path, &(bright_rows){ COUNT, SIDE, "abc", 0.4, 0.3 });
}

static bool set_all(td_settings *settings, const char *data, const char *out)
{
    const char *const keys[][2] = {
        { "net.channels", "4" },
        { "net.cells", "3" },
        { "net.nodes", "2" },
        { "search.batch", "12" },
        { "search.epochs", "1" },
        { "search.discretise", "perturbation" },
        { "search.tuning_epochs", "1" },
        { "search.projection_images", "20" },
        { "data.shards", "6" },
        { "dist.reproducible", "true" },
        { "weights.lr.start", "0.1" },
        { "data.path", data },
        { "run.out", out },
    };
    bool is_set = true;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        is_set = is_set && td_settings_set(settings, keys[i][0], keys[i][1],
                                           TD_ORIGIN_OPTION) == TD_OK;
    return is_set;
}

static td_status search(td_comm *comm, const char *data, const char *out)
{
    td_settings *settings =
        td_comm_rank(comm) == 0 ? td_settings_new(TD_FOR_SEARCH) : NULL;
    bool is_set = !settings || set_all(settings, data, out);
    td_status status = is_set ? td_job_run(TD_FOR_SEARCH, comm, settings) : TD_USAGE;
    td_settings_free(settings);
    return status;
}

static td_checkpoint *load(const char *out)
{
    char path[3 * TEXT];
    td_checkpoint *checkpoint = NULL;
    snprintf(path, sizeof path, "%s/checkpoint.h5", out);
    return td_checkpoint_load(&checkpoint, path) == TD_OK ? checkpoint : NULL;
}

/* Two edges of every node with one operation, the others with `none`. */
static bool is_decided(const td_search_state *state)
{
    bool is_whole = true;
    for (int row = 0; row < 2 * state->edges; row++) {
        int left = 0;
        for (int k = 0; k < TD_NUM_OPS; k++)
            left += state->present[row * TD_NUM_OPS + k] == 1;
        is_whole = is_whole && left == 1;
    }
    for (int cell = 0; cell < 2; cell++)
        for (int node = 0, edge = cell * state->edges; node < 2; node++) {
            int inputs = 0;
            for (int i = 0; i < node + 2; i++, edge++)
                inputs += state->present[edge * TD_NUM_OPS + TD_OP_NONE] == 0;
            is_whole = is_whole && inputs == 2;
        }
    return is_whole;
}

START_TEST(test_ranks_decide_as_one_does)
{
    char data[2 * TEXT], together[2 * TEXT], alone[2 * TEXT];
    snprintf(data, sizeof data, "%s/data.h5", folder);
    snprintf(together, sizeof together, "%s/together", folder);
    snprintf(alone, sizeof alone, "%s/alone-%d", folder, rank);
    CHECK_ALL(rank != 0 || write_data(data) == TD_OK);
    CHECK_ALL(search(world, data, together) == TD_OK);
    td_comm *self = td_comm_split(world, rank);
    CHECK_ALL(search(self, data, alone) == TD_OK);
    td_comm_free(self);
    td_checkpoint *a = load(together), *b = load(alone);
    CHECK_ALL(a && b);
    CHECK_ALL(is_decided(&a->state));
    CHECK_ALL(td_search_state_hash(&a->state) == td_search_state_hash(&b->state));
    CHECK_ALL(strcmp(a->texts.genotype, b->texts.genotype) == 0);
    td_checkpoint_free(a);
    td_checkpoint_free(b);
}
END_TEST

/* ---- a request to stop in the last pass --------------------------------------- */

static int looks, last_look; /* of this rank; 0: it never asks */

static void look(void *nothing)
{
    (void) nothing;
    if (++looks == last_look)
        td_signals_ask();
}

static td_status search_until(const char *data, const char *out, int asks_at)
{
    looks = 0;
    last_look = asks_at;
    td_signals_attend(look, NULL);
    td_status status = search(world, data, out);
    td_signals_attend(NULL, NULL);
    return status;
}

/* Of the decisions in the checkpoint the last one is missing until it is whole. */
START_TEST(test_a_stop_while_the_last_network_is_judged_takes_its_decision_back)
{
    enum { BEFORE_THE_END = 3 };
    char data[2 * TEXT], whole[2 * TEXT], part[2 * TEXT];
    snprintf(data, sizeof data, "%s/data.h5", folder);
    snprintf(whole, sizeof whole, "%s/whole", folder);
    snprintf(part, sizeof part, "%s/part", folder);
    CHECK_ALL(rank != 0 || write_data(data) == TD_OK);
    CHECK_ALL(search_until(data, whole, 0) == TD_OK);
    CHECK_ALL(search_until(data, part, looks - BEFORE_THE_END) == TD_STOPPED);
    td_checkpoint *a = load(whole), *b = load(part);
    CHECK_ALL(a && b);
    CHECK_ALL(b->progress.epoch + 1 == a->progress.epoch);
    CHECK_ALL(is_decided(&a->state) && !is_decided(&b->state));
    td_checkpoint_free(a);
    td_checkpoint_free(b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("projection");
    TCase *tests = tcase_create("ranks");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_ranks_decide_as_one_does);
    tcase_add_test(
        tests, test_a_stop_while_the_last_network_is_judged_takes_its_decision_back);
    suite_add_tcase(suite, tests);
    return suite;
}
