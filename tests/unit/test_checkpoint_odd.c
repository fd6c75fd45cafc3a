/* Checkpoints with a right checksum over content that no run has written: each is
 * refused by the name of what is wrong, and costs no memory; older files are read. */
#include <hdf5.h>
#include <malloc.h>

#include "../../src/checkpoint/trailer.h"
#include "saved_state.h"
#include "suite.h"

/* Save \a old, let HDF5 change the file, and seal it again. */
static hid_t unseal(void)
{
    size_t n = 0;
    save(&old);
    char *bytes = read_bytes(path, &n);
    write_bytes(path, bytes, n - TD_TRAILER_BYTES);
    td_free(bytes);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    ck_assert_int_ge(file, 0);
    return file;
}

static void seal(hid_t file)
{
    uint8_t trailer[TD_TRAILER_BYTES];
    size_t n = 0;
    ck_assert_int_ge(H5Fclose(file), 0);
    char *bytes = read_bytes(path, &n);
    td_trailer_init(trailer, bytes, n);
    FILE *out = fopen(path, "ab");
    ck_assert(out && fwrite(trailer, 1, sizeof trailer, out) == sizeof trailer);
    ck_assert_int_eq(fclose(out), 0);
    td_free(bytes);
}

/* A dataset of zeros, or of nothing at all where that would be too large. */
static void add_array(hid_t file, const char *name, hid_t type, int rank,
                      const hsize_t *dims, bool filled)
{
    static const double zeros[64];
    hid_t space = H5Screate_simple(rank, dims, NULL);
    hid_t set =
        H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(set, 0);
    if (filled)
        ck_assert_int_ge(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, zeros), 0);
    H5Dclose(set);
    H5Sclose(space);
}

START_TEST(test_resealed_file_loads)
{
    seal(unseal());
    check_loads(path, &old);
}
END_TEST

START_TEST(test_missing_parts_are_named)
{
    static const char *const parts[] = { "/weights",
                                         "/optim/momentum/classifier.bias",
                                         "/arch/start_reduce",
                                         "/optim/adam_second",
                                         "/optim/adam_count",
                                         "/progress/step",
                                         "/data/weight_half",
                                         "/data/arch_half",
                                         "/config",
                                         "/genotype",
                                         "/history",
                                         "/arch/normal",
                                         "/buffers",
                                         "/buffers/stem.1.running_var" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        hid_t file = unseal();
        ck_assert_int_ge(H5Ldelete(file, parts[i], H5P_DEFAULT), 0);
        seal(file);
        unlink(prev);
        check_refused(path, parts[i]);
    }
}
END_TEST

/* Files of before the history was kept. */
START_TEST(test_older_files_lack_history_and_counts)
{
    static const char *const attributes[] = {
        "label",          "command",       "isa",    "mean",      "std",
        "network",        "net_channels",  "pad_to", "net_cells", "net_nodes",
        "net_two_branch", "net_auxiliary", "best_by"
    };
    hid_t file = unseal();
    ck_assert_int_ge(H5Ldelete(file, "/arch/history", H5P_DEFAULT), 0);
    ck_assert_int_ge(H5Ldelete(file, "/data/class_counts", H5P_DEFAULT), 0);
    ck_assert_int_ge(H5Ldelete(file, "/data/class_names", H5P_DEFAULT), 0);
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        ck_assert_int_ge(H5Adelete(file, attributes[i]), 0);
    ck_assert_int_ge(H5Lmove(file, "/progress/best_value", file, "/progress/best_top1",
                             H5P_DEFAULT, H5P_DEFAULT),
                     0);
    seal(file);
    td_free(old.texts.command);
    td_free(old.texts.isa);
    old.texts.command = old.texts.isa = NULL;
    old.net = (td_saved_net){ .is_known = false };
    old.has_statistics = false;
    memset(old.mean, 0, sizeof old.mean);
    memset(old.std, 0, sizeof old.std);
    old.progress.best_by = TD_BEST_TOP1; /* the one measure that they knew */
    td_free(old.texts.label);
    old.texts.label = NULL;
    td_free(old.arch_history);
    td_free(old.texts.class_names);
    old.texts.class_names = NULL;
    td_free(old.class_counts);
    old.arch_history = NULL;
    old.class_counts = NULL;
    old.arch_epochs = 0;
    check_loads(path, &old);
    save(&old); /* and stays without them */
    check_loads(path, &old);
}
END_TEST

/* Without the first table alone it is a search's, and damaged, not a training's. */
START_TEST(test_a_search_that_lost_a_table_is_no_training)
{
    for (int part = 0; part < 2; part++) {
        hid_t file = unseal();
        ck_assert_int_ge(H5Ldelete(file, "/arch/normal", H5P_DEFAULT), 0);
        if (part == 1)
            ck_assert_int_ge(H5Ldelete(file, "/arch/reduce", H5P_DEFAULT), 0);
        seal(file);
        unlink(prev);
        check_refused(path, "/arch/normal");
    }
}
END_TEST

START_TEST(test_a_label_that_is_no_text_is_named)
{
    hid_t file = unseal();
    ck_assert_int_ge(H5Adelete(file, "label"), 0);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t label =
        H5Acreate2(file, "label", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(label, 0);
    H5Aclose(label);
    H5Sclose(space);
    seal(file);
    check_refused(path, "label");
}
END_TEST

START_TEST(test_missing_attributes_are_named)
{
    static const char *const names[] = {
        "format_version", "taildart_version", "world_size", "shards",        "classes",
        "image_channels", "height",           "width",      "dataset_digest"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        hid_t file = unseal();
        ck_assert_int_ge(H5Adelete(file, names[i]), 0);
        seal(file);
        unlink(prev);
        check_refused(path, names[i]);
    }
}
END_TEST

START_TEST(test_strange_arrays_are_named)
{
    const hid_t real = H5T_IEEE_F32LE, whole = H5T_STD_I64LE, wide = H5T_IEEE_F64LE;
    const struct {
        const char *name;
        hid_t type;
        bool filled;
        int rank;
        hsize_t dims[5];
    } odd[] = {
        { "/weights/classifier.bias", H5T_STD_I32LE, true, 1, { 10 } },
        { "/weights/classifier.bias", wide, true, 1, { 10 } },
        { "/weights/classifier.bias", real, false, 1, { 10 } },
        { "/weights/classifier.bias", real, true, 0, { 0 } },
        { "/weights/classifier.bias", real, false, 1, { 1u << 31 } },
        { "/weights/classifier.bias", real, true, 5, { 1, 1, 1, 1, 1 } },
        { "/weights/classifier.bias", real, false, 4, { 65536, 65536, 65536, 65536 } },
        { "/arch/normal", real, true, 2, { 5, 9 } },
        { "/arch/normal", real, true, 1, { 40 } },
        { "/arch/normal", whole, true, 2, { 5, 8 } },
        { "/arch/reduce", real, true, 2, { 4, 8 } },
        { "/optim/adam_first", real, true, 2, { 5, 8 } },
        { "/buffers/stem.1.running_var", real, true, 1, { 13 } },
        { "/optim/momentum/classifier.bias", real, true, 2, { 10, 1 } },
        { "/data/weight_half", wide, true, 1, { 7 } },
        { "/data/weight_half", whole, true, 2, { 7, 1 } },
        { "/progress/epoch", whole, true, 1, { 1 } },
        { "/progress/best_value", real, true, 0, { 0 } },
        { "/config", whole, true, 1, { 1 } },
        { "/arch/history", real, true, 3, { 1, 5, 8 } },
        { "/arch/history", real, false, 4, { 1, 2, 4, 8 } },
        { "/arch/history", wide, true, 1, { 1 } },
        { "/data/class_counts", whole, true, 1, { 9 } },
        { "/data/class_counts", wide, true, 1, { 10 } },
        { "/data/class_names", whole, true, 1, { 1 } },
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        hid_t file = unseal();
        ck_assert_int_ge(H5Ldelete(file, odd[i].name, H5P_DEFAULT), 0);
        add_array(file, odd[i].name, odd[i].type, odd[i].rank, odd[i].dims,
                  odd[i].filled);
        seal(file);
        unlink(prev);
        check_refused(path, odd[i].name);
    }
}
END_TEST

/* One stretch of bytes under many names is more than the file has. */
START_TEST(test_tensors_larger_than_the_file_are_refused)
{
    hid_t file = unseal();
    for (int i = 0; i < 100; i++) {
        char name[64];
        snprintf(name, sizeof name, "/weights/w%d", i);
        ck_assert_int_ge(H5Lcreate_hard(file, "/weights/classifier.weight", file, name,
                                        H5P_DEFAULT, H5P_DEFAULT),
                         0);
    }
    seal(file);
    check_refused(path, "/weights: larger than the file");
}
END_TEST

/* Other contents of an array that is there, in its own type. */
static void overwrite(hid_t file, const char *name, hid_t type, const void *values)
{
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    ck_assert_int_ge(H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
    H5Dclose(set);
}

static void check_sealed_refused(hid_t file, const char *words)
{
    seal(file);
    unlink(prev);
    check_refused(path, words);
}

START_TEST(test_numbers_that_cannot_be_are_named)
{
    static const struct {
        const char *name;
        int64_t value;
    } whole[] = {
        { "/progress/epoch", -1 },     { "/progress/epoch", INT64_MAX },
        { "/progress/epoch", 1 }, /* fewer than rows of what it left behind */
        { "/progress/step", -3 },      { "/progress/arch_steps", INT64_MIN },
        { "/progress/images", -1 },    { "/optim/adam_count", -1 },
        { "/progress/best_epoch", 4 },
    };
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        hid_t file = unseal();
        overwrite(file, whole[i].name, H5T_NATIVE_INT64, &whole[i].value);
        check_sealed_refused(file, i == 2 ? ", but it can be" : whole[i].name);
    }
    const double endless[8] = { INFINITY };
    static const char *const reals[] = { "/progress/seconds", "/progress/epoch_seconds",
                                         "/progress/epoch_sums",
                                         "/progress/best_value" };
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
        hid_t file = unseal();
        overwrite(file, reals[i], H5T_NATIVE_DOUBLE, endless);
        check_sealed_refused(file, reals[i]);
    }
}
END_TEST

START_TEST(test_indices_and_counts_that_cannot_be_are_named)
{
    const int64_t negative[7] = { 0, 2, 4, -6, 8, 10, 12 };
    const int64_t twice[7] = { 0, 2, 4, 6, 8, 2, 12 };
    const int64_t many[10] = { 3, INT64_MAX }, fewer[10] = { 3, -3 };
    const struct {
        const char *name;
        const int64_t *values;
        const char *words;
    } odd[] = { { "/data/weight_half", negative, "index -6" },
                { "/data/weight_half", twice, "image 2 twice" },
                { "/data/class_counts", many, "/data/class_counts" },
                { "/data/class_counts", fewer, "/data/class_counts" } };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        hid_t file = unseal();
        overwrite(file, odd[i].name, H5T_NATIVE_INT64, odd[i].values);
        check_sealed_refused(file, odd[i].words);
    }
}
END_TEST

START_TEST(test_attributes_that_do_not_fit_are_named)
{
    static const struct {
        const char *name;
        int64_t value;
        const char *words;
    } odd[] = {
        { "classes", 2000000000, "classes: 2000000000" },
        { "classes", 11, "classes: 11, but classifier.weight is for 10" },
        { "image_channels", 1, "image_channels: 1, but stem.0.weight is for 3" },
        { "height", 1 << 20, "height" },
        { "shards", 0, "shards" },
        { "world_size", 2000000000, "world_size" },
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        hid_t file = unseal(), attribute = H5Aopen(file, odd[i].name, H5P_DEFAULT);
        ck_assert_int_ge(H5Awrite(attribute, H5T_NATIVE_INT64, &odd[i].value), 0);
        H5Aclose(attribute);
        check_sealed_refused(file, odd[i].words);
    }
}
END_TEST

/* The mallocs of a table with no rows to speak of. */
START_TEST(test_an_empty_history_asks_for_no_memory)
{
    const hsize_t dims[4] = { 1u << 30, 0, 0, 0 };
    hid_t file = unseal();
    ck_assert_int_ge(H5Ldelete(file, "/arch/history", H5P_DEFAULT), 0);
    add_array(file, "/arch/history", H5T_IEEE_F32LE, 4, dims, false);
    check_sealed_refused(file, "/arch/history");
}
END_TEST

static void add_variable_text(hid_t object, const char *name, bool is_attribute,
                              const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, H5T_VARIABLE);
    hid_t id = is_attribute
                   ? H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT)
                   : H5Dcreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT,
                                H5P_DEFAULT);
    ck_assert_int_ge(id, 0);
    if (is_attribute)
        H5Awrite(id, type, &text);
    else
        H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text);
    if (is_attribute)
        H5Aclose(id);
    else
        H5Dclose(id);
    H5Sclose(space);
    H5Tclose(type);
}

/* HDF5's reader of such texts crashes on damage, and a trailer is easily made. */
START_TEST(test_texts_of_variable_length_are_refused)
{
    hid_t file = unseal();
    H5Ldelete(file, "/genotype", H5P_DEFAULT);
    add_variable_text(file, "/genotype", false, "Genotype(normal=[])");
    check_sealed_refused(file, "/genotype: holds strings of variable length");
    file = unseal();
    H5Adelete(file, "label");
    add_variable_text(file, "label", true, "last");
    check_sealed_refused(file, "label: holds strings of variable length");
}
END_TEST

/* As before texts had a fixed length: all of them of any length. */
static void write_old_texts(void)
{
    char digest[33];
    for (size_t i = 0; i < sizeof old.dataset_digest; i++)
        snprintf(digest + 2 * i, 3, "%02x", old.dataset_digest[i]);
    const struct {
        const char *name, *text;
    } words[] = { { "taildart_version", old.texts.version },
                  { "dataset_digest", digest },
                  { "label", old.texts.label },
                  { "command", old.texts.command },
                  { "isa", old.texts.isa } },
      texts[] = { { "/config", old.texts.config },
                  { "/genotype", old.texts.genotype },
                  { "/history", old.texts.history },
                  { "/data/class_names", old.texts.class_names } };
    hid_t file = unseal();
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        ck_assert_int_ge(H5Adelete(file, words[i].name), 0);
        add_variable_text(file, words[i].name, true, words[i].text);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        ck_assert_int_ge(H5Ldelete(file, texts[i].name, H5P_DEFAULT), 0);
        add_variable_text(file, texts[i].name, false, texts[i].text);
    }
    seal(file);
    unlink(prev);
}

START_TEST(test_texts_of_an_earlier_taildart_are_read)
{
    write_old_texts();
    check_loads(path, &old);
}
END_TEST

/* Nor is HDF5's reader of them asked, which a changed byte makes crash or hang. */
START_TEST(test_damage_to_texts_of_an_earlier_taildart)
{
    enum { STEP = 5 };
    size_t n = 0;
    write_old_texts();
    char *bytes = read_bytes(path, &n);
    char *heap = memmem(bytes, n, "GCOL", 4);
    ck_assert_ptr_nonnull(heap);
    for (size_t i = 0; i < 1024; i += STEP) {
        td_checkpoint *c = NULL;
        heap[i] ^= (char) 0xff;
        td_trailer_init((uint8_t *) bytes + n - TD_TRAILER_BYTES, bytes,
                        n - TD_TRAILER_BYTES);
        write_bytes(path, bytes, n);
        td_status status = td_checkpoint_load(&c, path);
        ck_assert(status == TD_OK || status == TD_CHECKPOINT);
        td_checkpoint_free(c);
        heap[i] ^= (char) 0xff;
    }
    td_free(bytes);
}
END_TEST

START_TEST(test_numbers_in_other_files_are_refused)
{
    hid_t file = unseal();
    H5Ldelete(file, "/genotype", H5P_DEFAULT);
    H5Lcreate_external("/etc/passwd", "/x", file, "/genotype", H5P_DEFAULT,
                       H5P_DEFAULT);
    check_sealed_refused(file, "/genotype: an external link to /etc/passwd");
}
END_TEST

/* Members in the order of their names, arrays in packed chunks. */
START_TEST(test_a_file_that_h5py_wrote_anew_is_read)
{
    static const char script[] =
        "import sys\n"
        "try:\n"
        "    import h5py\n"
        "except ImportError:\n"
        "    sys.exit(77)\n"
        "old, new = h5py.File(sys.argv[1], 'r'), h5py.File(sys.argv[1] + '.new', 'w')\n"
        "def copy(name, item):\n"
        "    if isinstance(item, h5py.Group):\n"
        "        new.require_group(name)\n"
        "    else:\n"
        "        packed = {'compression': 'gzip'} if item.size and item.shape else {}\n"
        "        new.create_dataset(name, data=item[()], **packed)\n"
        "old.visititems(copy)\n"
        "for name, value in old.attrs.items():\n"
        "    new.attrs[name] = value\n"
        "new.close()\n";
    hid_t file = unseal();
    H5Fclose(file);
    write_text(in_folder("rewrite.py"), script);
    char *command = td_format("/usr/bin/python3 %s %s", in_folder("rewrite.py"), path);
    int status = access("/usr/bin/python3", X_OK) == 0 ? system(command) : 77 << 8;
    td_free(command);
    if (status == 77 << 8) {
        printf("# skipped: no python3 with h5py here\n");
        return;
    }
    ck_assert_int_eq(status, 0);
    char *anew = td_format("%s.new", path);
    ck_assert_int_eq(rename(anew, path), 0);
    td_free(anew);
    seal(H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT));
    td_checkpoint *c = NULL;
    ck_assert_msg(td_checkpoint_load(&c, path) == TD_OK, "%s", td_error_message());
    ck_assert_msg(td_checkpoint_fits(c, "c.h5", &weights, &norms, SOME_EDGES) == TD_OK,
                  "%s", td_error_message());
    for (int i = 0; i < weights.count; i++) {
        const td_slot *mine = &weights.slots[i];
        const td_slot *theirs = td_slots_find(c->state.weight_slots, mine->name);
        ck_assert_mem_eq(c->state.weights + theirs->offset,
                         old.state.weights + mine->offset,
                         mine->count * sizeof(td_real));
    }
    ck_assert_str_eq(c->texts.config, old.texts.config);
    ck_assert_str_eq(c->texts.label, old.texts.label);
    td_checkpoint_free(c);
}
END_TEST

START_TEST(test_another_format_is_refused)
{
    const int64_t two = 2;
    hid_t file = unseal();
    hid_t attribute = H5Aopen(file, "format_version", H5P_DEFAULT);
    ck_assert_int_ge(H5Awrite(attribute, H5T_NATIVE_INT64, &two), 0);
    H5Aclose(attribute);
    seal(file);
    check_refused(path, "newer");
}
END_TEST

START_TEST(test_sealed_nonsense_is_refused)
{
    uint8_t trailer[TD_TRAILER_BYTES];
    char nonsense[4096];
    memset(nonsense, 'x', sizeof nonsense);
    td_trailer_init(trailer, nonsense, sizeof nonsense - TD_TRAILER_BYTES);
    memcpy(nonsense + sizeof nonsense - TD_TRAILER_BYTES, trailer, sizeof trailer);
    write_bytes(path, nonsense, sizeof nonsense);
    check_refused(path, "not an HDF5 file");
    td_trailer_init(trailer, NULL, 0);
    write_bytes(path, (const char *) trailer, sizeof trailer);
    check_refused(path, "not an HDF5 file");
    write_bytes(path, nonsense, 1000);
    check_refused(path, "not a checkpoint of taildart");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("checkpoint odd");
    TCase *strange = case_with_state(suite, "strange content");
    tcase_add_test(strange, test_resealed_file_loads);
    tcase_add_test(strange, test_missing_parts_are_named);
    tcase_add_test(strange, test_older_files_lack_history_and_counts);
    tcase_add_test(strange, test_a_search_that_lost_a_table_is_no_training);
    tcase_add_test(strange, test_a_label_that_is_no_text_is_named);
    tcase_add_test(strange, test_missing_attributes_are_named);
    tcase_add_test(strange, test_strange_arrays_are_named);
    tcase_add_test(strange, test_tensors_larger_than_the_file_are_refused);
    tcase_add_test(strange, test_another_format_is_refused);
    tcase_add_test(strange, test_numbers_that_cannot_be_are_named);
    tcase_add_test(strange, test_indices_and_counts_that_cannot_be_are_named);
    tcase_add_test(strange, test_attributes_that_do_not_fit_are_named);
    tcase_add_test(strange, test_an_empty_history_asks_for_no_memory);
    tcase_add_test(strange, test_texts_of_variable_length_are_refused);
    tcase_add_test(strange, test_texts_of_an_earlier_taildart_are_read);
    tcase_add_test(strange, test_damage_to_texts_of_an_earlier_taildart);
    tcase_add_test(strange, test_numbers_in_other_files_are_refused);
    tcase_add_test(strange, test_a_file_that_h5py_wrote_anew_is_read);
    tcase_add_test(strange, test_sealed_nonsense_is_refused);
    return suite;
}
