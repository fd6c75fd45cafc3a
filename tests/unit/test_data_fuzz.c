/* Spoilt files of every format: each is read or refused, never the end of the process,
 * and what is read is a data set.  TAILDART_FUZZ_ROUNDS: how many a format (default
 * 150); the same bytes each time. */
#include <ftw.h>

#include "data_fixture.h"
#include "suite.h"

#include <jpeglib.h>
#include <png.h>

#include "taildart/formats.h"

enum { MOST_BYTES = 1 << 16 };

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t) (state >> 33) % below;
}

static int rounds(void)
{
    const char *text = getenv("TAILDART_FUZZ_ROUNDS");
    return text ? (int) strtol(text, NULL, 10) : 150;
}

/* ---- spoiling -------------------------------------------------------------------- */

/* A few changes, mostly near the beginning, where headers are. */
static size_t spoil(uint8_t *bytes, size_t n)
{
    static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
    for (uint32_t i = draw(4) + 1; i > 0 && n > 0; i--) {
        size_t at = draw(2) ? draw(n < 64 ? (uint32_t) n : 64) : draw((uint32_t) n);
        size_t span = draw(40);
        span = span < n - at ? span : n - at;
        switch (draw(6)) {
        case 0:
            bytes[at] = (uint8_t) draw(256);
            break;
        case 1:
            bytes[at] ^= (uint8_t) (1 << draw(8));
            break;
        case 2:
            bytes[at] = values[draw(5)];
            break;
        case 3:
            n = draw(4) ? n : at;
            break;
        case 4: /* taken out */
            memmove(bytes + at, bytes + at + span, n - at - span);
            n -= span;
            break;
        default: /* twice */
            if (n + span <= MOST_BYTES) {
                memmove(bytes + at + span, bytes + at, n - at);
                n += span;
            }
        }
    }
    return n;
}

/* ---- verdicts -------------------------------------------------------------------- */

static void check_whole(const td_dataset *d)
{
    int64_t counts[2] = { d->info.train_count, d->info.test_count };
    size_t bytes =
        (size_t) d->info.height * (size_t) d->info.width * (size_t) d->info.channels;
    unsigned sum = 0;
    ck_assert(d->info.classes > 0 && counts[0] > 0 && bytes > 0);
    for (int part = 0; part < 2; part++) {
        for (int64_t i = 0; i < counts[part]; i++)
            ck_assert(d->labels[part][i] >= 0 && d->labels[part][i] < d->info.classes);
        for (size_t p = 0; p < (size_t) counts[part] * bytes; p++)
            sum += d->images[part][p];
    }
    ck_assert(d->info.mean[0] >= 0 && d->info.mean[0] <= 1);
    ck_assert_uint_le(sum, UINT32_MAX);
}

static void check_reading(int round)
{
    td_dataset *d = NULL;
    td_data_info info;
    td_data_reading how = { .size = (int) (4 * draw(2)) };
    td_status status = td_dataset_read(&d, fixture_folder, &how);
    ck_assert_msg(status == TD_OK || status == TD_DATA, "round %d: status %d", round,
                  status);
    if (status == TD_OK)
        check_whole(d);
    else
        ck_assert_ptr_nonnull(strstr(td_error_message(), fixture_folder));
    td_data_reading_clear(&how);
    td_dataset_free(d);
    status = td_dataset_inspect(&info, fixture_folder);
    ck_assert(status == TD_OK || status == TD_DATA);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}

/* One file is spoilt at a time. */
static void fuzz(const char *const *names, int count)
{
    static uint8_t good[MOST_BYTES], bad[MOST_BYTES];
    for (int round = 0; round < rounds(); round++) {
        const char *name = names[draw((uint32_t) count)];
        FILE *file = fopen(fixture_path(name), "rb");
        ck_assert_ptr_nonnull(file);
        size_t n = fread(good, 1, MOST_BYTES, file);
        fclose(file);
        ck_assert_uint_lt(n, MOST_BYTES);
        memcpy(bad, good, n);
        fixture_write(name, bad, spoil(bad, n));
        check_reading(round);
        fixture_write(name, good, n);
    }
}

/* ---- formats --------------------------------------------------------------------- */

START_TEST(test_idx)
{
    static const char *const names[] = {
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    };
    fixture_idx_set();
    fuzz(names, 4);
}
END_TEST

START_TEST(test_gzip)
{
    static const char *const names[] = { "train-images-idx3-ubyte.gz",
                                         "train-labels-idx1-ubyte.gz" };
    fixture_idx_set();
    fixture_gzip("train-images-idx3-ubyte");
    fixture_gzip("train-labels-idx1-ubyte");
    fuzz(names, 2);
}
END_TEST

START_TEST(test_cifar)
{
    static const char *const names[] = { "train.bin", "test.bin",
                                         "fine_label_names.txt" };
    fixture_cifar("train.bin", 100, 0, 0, 3);
    fixture_cifar("test.bin", 100, 1, 0, 2);
    fixture_write("fine_label_names.txt", "apple\nfish\n", 11);
    fuzz(names, 3);
}
END_TEST

static void write_png(const char *name, int colours)
{
    uint8_t pixels[8 * 8 * 4];
    png_image image = { .version = PNG_IMAGE_VERSION, .width = 8, .height = 8 };
    image.format = colours == 4   ? PNG_FORMAT_RGBA
                   : colours == 3 ? PNG_FORMAT_RGB
                                  : PNG_FORMAT_GRAY;
    for (int p = 0; p < 8 * 8 * 4; p++)
        pixels[p] = fixture_pixel(0, colours, p);
    ck_assert(png_image_write_to_file(&image, fixture_path(name), 0, pixels, 0, NULL));
}

static void write_jpeg(const char *name, bool is_progressive)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    uint8_t row[8 * 3];
    FILE *file = fopen(fixture_path(name), "wb");
    ck_assert_ptr_nonnull(file);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = jpeg.image_height = 8;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    if (is_progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < 8; y++) {
        JSAMPROW line = row;
        for (int p = 0; p < 8 * 3; p++)
            row[p] = fixture_pixel(0, y, p);
        jpeg_write_scanlines(&jpeg, &line, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    fclose(file);
}

START_TEST(test_pictures)
{
    static const char *const names[] = { "a/1.png", "a/2.jpg", "b/1.png", "b/2.jpg",
                                         "b/3.png" };
    mkdir(fixture_path("a"), 0700);
    mkdir(fixture_path("b"), 0700);
    write_png("a/1.png", 1);
    write_png("b/1.png", 3);
    write_png("b/3.png", 4);
    write_jpeg("a/2.jpg", false);
    write_jpeg("b/2.jpg", true);
    fuzz(names, 5);
}
END_TEST

static int remove_one(const char *path, const struct stat *entry, int type,
                      struct FTW *place)
{
    (void) entry, (void) type, (void) place;
    return remove(path);
}

static void end(void)
{
    nftw(fixture_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void begin(void)
{
    fixture_begin();
    state = 1;
}

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_fuzz");
    TCase *cases = tcase_create("fuzz");
    tcase_set_timeout(cases, 600);
    tcase_add_checked_fixture(cases, begin, end);
    tcase_add_test(cases, test_idx);
    tcase_add_test(cases, test_gzip);
    tcase_add_test(cases, test_cifar);
    tcase_add_test(cases, test_pictures);
    suite_add_tcase(suite, cases);
    return suite;
}
