/* Checkpoints: every bit comes back; no damaged one is ever loaded; there is always one
 * that loads. */
#include <hdf5.h>
#include <malloc.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "../../src/checkpoint/trailer.h"
#include "saved_state.h"
#include "suite.h"

/* ---- what is saved comes back ------------------------------------------------ */

START_TEST(test_every_bit_comes_back)
{
    save(&old);
    check_loads(path, &old);
    save(&new);
    check_loads(path, &new);
}
END_TEST

START_TEST(test_progress_before_the_first_validation)
{
    old.progress.best_value = NAN;
    old.progress.best_epoch = -1;
    save(&old);
    check_loads(path, &old);
}
END_TEST

START_TEST(test_save_load_save_gives_equal_bytes)
{
    td_checkpoint *c = NULL;
    size_t n = 0, again = 0;
    save(&old);
    ck_assert_int_eq(td_checkpoint_load(&c, path), TD_OK);
    for (time_t saved = time(NULL); time(NULL) == saved;)
        usleep(10000);        /* HDF5 would stamp the second */
    mallopt(M_PERTURB, 0xAA); /* fresh memory is full of something else now */
    ck_assert_int_eq(td_checkpoint_save(c, in_folder("again.h5")), TD_OK);
    mallopt(M_PERTURB, 0x33);
    ck_assert_int_eq(td_checkpoint_save(c, in_folder("third.h5")), TD_OK);
    td_checkpoint_free(c);
    char *first = read_bytes(path, &n),
         *second = read_bytes(in_folder("again.h5"), &again);
    ck_assert_uint_eq(n, again);
    ck_assert_mem_eq(first, second, n);
    td_free(second);
    second = read_bytes(in_folder("third.h5"), &again);
    ck_assert_uint_eq(n, again);
    ck_assert_mem_eq(first, second, n);
    td_free(first);
    td_free(second);
}
END_TEST

START_TEST(test_trailer_is_as_documented)
{
    /* XXH3-128 of "abc", seed 0, as the xxHash package computes it */
    static const char sum[] = "\x06\xb0\x5a\xb6\x73\x3a\x61\x85\x78\xaf\x5f\x94\x89\x2f"
                              "\x39\x50";
    uint8_t trailer[TD_TRAILER_BYTES];
    td_trailer_init(trailer, "abc", 3);
    ck_assert_mem_eq(trailer, "TDTRAIL1\3\0\0\0\0\0\0\0", 16);
    ck_assert_mem_eq(trailer + 16, sum, 16);
    save(&old);
    size_t n = 0;
    char *bytes = read_bytes(path, &n);
    td_trailer_init(trailer, bytes, n - TD_TRAILER_BYTES);
    ck_assert_mem_eq(bytes + n - TD_TRAILER_BYTES, trailer, TD_TRAILER_BYTES);
    td_free(bytes);
}
END_TEST

START_TEST(test_h5py_reads_it_as_it_is)
{
    static const char script[] =
        "import sys\n"
        "try:\n"
        "    import h5py, numpy\n"
        "except ImportError:\n"
        "    sys.exit(77)\n"
        "f = h5py.File(sys.argv[1], 'r')\n"
        "w = f['weights/cells.0._ops.3._ops.4.op.2.weight']\n"
        "assert w.shape == (4, 4, 1, 1) and w.dtype == numpy.float32\n"
        "assert len(f['weights']) == 5 and len(f['optim/momentum']) == 5\n"
        "assert f['buffers/stem.1.running_mean'].shape == (12,)\n"
        "assert f['buffers/stem.1.running_var'].shape == (12,)\n"
        "assert f['arch/normal'].shape == f['arch/start_reduce'].shape == (5, 8)\n"
        "assert f['optim/adam_first'].shape == (2, 5, 8)\n"
        "assert f['arch/history'].shape == (3, 2, 5, 8)\n"
        "assert list(f['data/class_counts'][:2]) == [1000, 901]\n"
        "assert f['optim/adam_count'][()] == 899 and f['progress/epoch'][()] == 3\n"
        "assert list(f['data/weight_half'][:3]) == [0, 2, 4]\n"
        "assert f['data/arch_half'].shape == (0,)\n"
        "assert f['genotype'][()].decode().startswith('Genotype(')\n"
        "assert 'Gr\\u00f6\\u00dfe' in f['config'][()].decode()\n"
        "assert f['history'][()].decode() == '0,1.5,,2\\n1,1.25,,3\\n'\n"
        "assert f.attrs['format_version'] == 1 and f.attrs['shards'] == 4\n"
        "assert f.attrs['world_size'] == 2 and f.attrs['label'] == b'last'\n"
        "assert f.attrs['dataset_digest'].startswith(b'647586')\n"
        "assert f.attrs['taildart_version'].startswith(b'taildart 0.1.0')\n";
    save(&old);
    write_text(in_folder("read.py"), script);
    char *command = td_format("/usr/bin/python3 %s %s", in_folder("read.py"), path);
    int status = access("/usr/bin/python3", X_OK) == 0 ? system(command) : 77 << 8;
    td_free(command);
    if (status == 77 << 8)
        printf("# skipped: no python3 with h5py here\n");
    else
        ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(test_a_state_without_alphas_comes_back)
{
    drop_alphas(&old);
    save(&old);
    check_loads(path, &old);
    td_checkpoint *c = NULL;
    ck_assert_int_eq(td_checkpoint_load(&c, path), TD_OK);
    ck_assert_int_eq(c->state.edges, 0);
    ck_assert(!c->arch_history && c->arch_epochs == 0);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    ck_assert_int_eq(H5Lexists(file, "/arch/normal", H5P_DEFAULT), 0);
    ck_assert_int_eq(H5Lexists(file, "/optim/adam_first", H5P_DEFAULT), 0);
    H5Fclose(file);
    ck_assert_int_eq(td_checkpoint_save(c, path), TD_OK); /* and stays without them */
    td_checkpoint_free(c);
    check_loads(path, &old);
}
END_TEST

/* ---- the one before ---------------------------------------------------------- */

START_TEST(test_the_one_before_stays)
{
    ck_assert(!td_checkpoint_exists(path));
    save(&old);
    ck_assert(td_checkpoint_exists(path) && !file_exists(prev));
    save(&new);
    check_loads(path, &new);
    check_loads(prev, &old);
    ck_assert_int_eq(folder_count(), 3); /* with stderr */
    save(&old);
    check_loads(prev, &new);
}
END_TEST

START_TEST(test_damaged_newest_is_named_and_the_one_before_used)
{
    save(&old);
    save(&new);
    flip_in_file(path, 1000, 3);
    check_loads(path, &old);
    ck_assert(stderr_says("WARNING: ") && stderr_says(path) && stderr_says("damaged") &&
              stderr_says(prev));
}
END_TEST

START_TEST(test_killed_between_the_renames)
{
    save(&old);
    save(&new);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert(td_checkpoint_exists(path));
    check_loads(path, &old);
    ck_assert(stderr_says(path) && stderr_says("No such file"));
}
END_TEST

START_TEST(test_killed_before_the_last_rename)
{
    save(&old);
    ck_assert_int_eq(link(path, prev), 0); /* two names of one file */
    save(&new);
    check_loads(path, &new);
    check_loads(prev, &old);
    ck_assert_int_eq(folder_count(), 3);
}
END_TEST

/* Whenever it is killed: one of the two states loads, never none and never a
 * mixture. */
START_TEST(test_killed_at_any_moment)
{
    const td_random key = { .seed = 9, .stream = TD_STREAM_SYNTHETIC };
    save(&old);
    for (uint32_t i = 0; i < 60; i++) {
        pid_t child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0)
            for (int k = 0;; k++)
                td_checkpoint_save(k % 2 ? &old : &new, path);
        usleep((useconds_t) (20000 * td_random_unit(&key, i)));
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
        td_checkpoint *c = NULL;
        ck_assert_msg(td_checkpoint_load(&c, path) == TD_OK, "%s", td_error_message());
        ck_assert(!checkpoint_difference(c, &old) || !checkpoint_difference(c, &new));
        td_checkpoint_free(c);
        ck_assert_msg(file_exists(path), "the newest was missing");
    }
}
END_TEST

START_TEST(test_damaged_newest_does_not_push_out_the_good_one)
{
    save(&old);
    save(&new);
    flip_in_file(path, 1000, 3);
    save(&new);
    check_loads(path, &new);
    check_loads(prev, &old);
}
END_TEST

START_TEST(test_both_bad)
{
    save(&old);
    save(&new);
    flip_in_file(path, 5000, 0);
    flip_in_file(prev, 5000, 0);
    check_refused(path, path);
    check_refused(path, prev);
    check_refused(prev, prev);
}
END_TEST

START_TEST(test_none_there)
{
    check_refused(path, path);
    check_refused(folder, "no checkpoint.h5 is in it; give");
}
END_TEST

START_TEST(test_folder_stands_for_its_checkpoint)
{
    char *slashes = td_format("%s//", folder), *found = td_checkpoint_path(slashes);
    save(&old);
    ck_assert_str_eq(found, path);
    check_loads(folder, &old);
    td_free(found);
    found = td_checkpoint_path(path);
    ck_assert_str_eq(found, path);
    td_free(found);
    td_free(slashes);
}
END_TEST

START_TEST(test_names_of_the_one_before)
{
    static const char *const names[][2] = {
        { "a/checkpoint.h5", "a/checkpoint.prev.h5" },
        { "best", "best.prev" },
        { "a.h5/b.c", "a.h5/b.c.prev" },
        { "checkpoint.prev.h5", NULL },
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *found = td_checkpoint_prev(names[i][0]);
        ck_assert_pstr_eq(found, names[i][1]);
        td_free(found);
    }
}
END_TEST

START_TEST(test_full_disk_leaves_both_old_ones)
{
    size_t n = 0;
    save(&old);
    save(&new);
    td_free(read_bytes(path, &n));
    for (size_t limit = 0; limit < n; limit += n / 5) {
        limit_files(limit);
        ck_assert_int_eq(td_checkpoint_save(&old, path), TD_FAILED);
        limit_files(RLIM_INFINITY);
        ck_assert_ptr_nonnull(strstr(td_error_message(), path));
        ck_assert_int_eq(folder_count(), 3);
    }
    check_loads(path, &new);
    check_loads(prev, &old);
}
END_TEST

/* ---- damage ------------------------------------------------------------------ */

START_TEST(test_no_flipped_bit_is_loaded)
{
    const td_random key = { .seed = 5, .stream = TD_STREAM_SYNTHETIC };
    size_t n = 0;
    save(&old);
    char *bytes = read_bytes(path, &n);
    ck_assert_uint_gt(n, 10000);
    for (uint32_t i = 0; i < 600; i++) {
        /* all bits of the trailer, many of the first KiB, some of everything */
        uint32_t word[4];
        td_random_block(&key, i, word);
        size_t at = i < 256   ? n - TD_TRAILER_BYTES + i / 8
                    : i < 350 ? word[0] % 1024
                              : word[0] % n;
        char bit = (char) (1 << (i < 256 ? i % 8 : word[1] % 8));
        bytes[at] ^= bit;
        write_bytes(path, bytes, n);
        check_refused(path, path);
        bytes[at] ^= bit;
    }
    write_bytes(path, bytes, n);
    check_loads(path, &old);
    td_free(bytes);
}
END_TEST

START_TEST(test_no_cut_or_lengthened_file_is_loaded)
{
    const td_random key = { .seed = 6, .stream = TD_STREAM_SYNTHETIC };
    size_t n = 0;
    save(&old);
    save(&new);
    char *bytes = read_bytes(path, &n), *longer = td_malloc(n + 1);
    memcpy(longer, bytes, n);
    write_bytes(path, longer, n + 1);
    check_loads(path, &old);
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t word[4];
        td_random_block(&key, i, word);
        write_bytes(path, bytes, i < 70 ? i : i < 140 ? n - (i - 69) : word[0] % n);
        check_loads(path, &old);
    }
    td_free(longer);
    td_free(bytes);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("checkpoint");
    TCase *content = case_with_state(suite, "content");
    tcase_add_test(content, test_every_bit_comes_back);
    tcase_add_test(content, test_progress_before_the_first_validation);
    tcase_add_test(content, test_save_load_save_gives_equal_bytes);
    tcase_add_test(content, test_trailer_is_as_documented);
    tcase_add_test(content, test_h5py_reads_it_as_it_is);
    tcase_add_test(content, test_a_state_without_alphas_comes_back);
    TCase *before = case_with_state(suite, "the one before");
    tcase_add_test(before, test_the_one_before_stays);
    tcase_add_test(before, test_damaged_newest_is_named_and_the_one_before_used);
    tcase_add_test(before, test_killed_between_the_renames);
    tcase_add_test(before, test_killed_before_the_last_rename);
    tcase_add_test(before, test_killed_at_any_moment);
    tcase_add_test(before, test_damaged_newest_does_not_push_out_the_good_one);
    tcase_add_test(before, test_both_bad);
    tcase_add_test(before, test_none_there);
    tcase_add_test(before, test_folder_stands_for_its_checkpoint);
    tcase_add_test(before, test_names_of_the_one_before);
    tcase_add_test(before, test_full_disk_leaves_both_old_ones);
    TCase *damage = case_with_state(suite, "damage");
    tcase_add_test(damage, test_no_flipped_bit_is_loaded);
    tcase_add_test(damage, test_no_cut_or_lengthened_file_is_loaded);
    return suite;
}
