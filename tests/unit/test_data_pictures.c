/* Folders of class folders of JPEG and PNG files, and shrinking. */
#include <ftw.h>
#include <omp.h>

#include "data_fixture.h"
#include "suite.h"
#include "taildart/base_log.h"
#include "taildart/base_signals.h"
#include "taildart/formats.h"

#include <jpeglib.h>
#include <png.h>

/* ---- making files ---------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *entry, int type,
                      struct FTW *place)
{
    (void) entry, (void) type, (void) place;
    return remove(path);
}

static void remove_all(void)
{
    nftw(fixture_folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The path of a name, its folders made. */
static const char *place(const char *name)
{
    const char *path = fixture_path(name);
    for (char *at = strchr(path + strlen(fixture_folder) + 1, '/'); at;
         at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(path, 0700);
        *at = '/';
    }
    return path;
}

static void fill(uint8_t *pixels, int seed, int count)
{
    for (int p = 0; p < count; p++)
        pixels[p] = fixture_pixel(0, seed, p);
}

static void write_png(const char *name, int seed, int side, int channels)
{
    uint8_t pixels[64 * 64 * 3];
    png_image image = { .version = PNG_IMAGE_VERSION };
    image.width = image.height = (png_uint_32) side;
    image.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    fill(pixels, seed, side * side * channels);
    ck_assert(png_image_write_to_file(&image, place(name), 0, pixels, 0, NULL));
}

/* What libpng's short interface does not write: rows are as the file holds them. */
typedef struct {
    int colour, depth, interlace;
    size_t row; /* bytes */
} png_kind;

/* Colour i of the palette is (16·i, 255−i, i). */
static void set_palette(png_structp png, png_infop info)
{
    png_color colours[16];
    for (int i = 0; i < 16; i++)
        colours[i] =
            (png_color){ (png_byte) (16 * i), (png_byte) (255 - i), (png_byte) i };
    png_set_PLTE(png, info, colours, 16);
}

/* 8x8 pixels. */
static void write_png_as(const char *name, png_kind kind, uint8_t *bytes)
{
    png_bytep rows[8];
    FILE *file = fopen(place(name), "wb");
    ck_assert_ptr_nonnull(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, 8, 8, kind.depth, kind.colour, kind.interlace,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (kind.colour == PNG_COLOR_TYPE_PALETTE)
        set_palette(png, info);
    for (int y = 0; y < 8; y++)
        rows[y] = bytes + (size_t) y * kind.row;
    png_write_info(png, info);
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(file);
}

static void write_jpeg_as(const char *name, int value, int side, int channels,
                          bool progressive)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    uint8_t row[64 * 4];
    memset(row, value, sizeof row);
    FILE *file = fopen(place(name), "wb");
    ck_assert_ptr_nonnull(file);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = jpeg.image_height = (JDIMENSION) side;
    jpeg.input_components = channels;
    jpeg.in_color_space = channels == 4   ? JCS_CMYK
                          : channels == 3 ? JCS_RGB
                                          : JCS_GRAYSCALE;
    jpeg_set_defaults(&jpeg);
    if (progressive)
        jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < side; y++) {
        JSAMPROW line = row;
        jpeg_write_scanlines(&jpeg, &line, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    fclose(file);
}

static void write_jpeg(const char *name, int value, int side, int channels)
{
    write_jpeg_as(name, value, side, channels, false);
}

/* Two classes, three files in colour, 8x8. */
static void write_set(void)
{
    write_png("b/2.png", 2, 8, 3);
    write_png("a/1.png", 1, 8, 3);
    write_png("a/0.PNG", 0, 8, 3);
}

static td_dataset *open_set(int size)
{
    td_dataset *dataset = NULL;
    td_data_reading how = { .size = size, .strict = true };
    td_status status = td_dataset_read(&dataset, fixture_folder, &how);
    ck_assert_msg(status == TD_OK, "%s", td_error_message());
    ck_assert_int_eq(how.fault_count, 0);
    return dataset;
}

/* ---- reading --------------------------------------------------------------------- */

START_TEST(test_order_names_and_pixels)
{
    uint8_t expected[192];
    write_set();
    td_dataset *d = open_set(0);
    ck_assert_int_eq(d->info.classes, 2);
    ck_assert_int_eq(d->info.train_count, 3);
    ck_assert_int_eq(d->info.test_count, 0);
    ck_assert_int_eq(d->info.channels, 3);
    ck_assert_str_eq(d->class_names[0], "a");
    ck_assert_str_eq(d->class_names[1], "b");
    for (int i = 0; i < 3; i++) {
        fill(expected, i, 192);
        ck_assert_mem_eq(d->images[0] + i * 192, expected, 192);
        ck_assert_int_eq(d->labels[0][i], i == 2);
    }
    td_dataset_free(d);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

static void look(void *count)
{
    ++*(int *) count;
}

START_TEST(test_reading_attends_to_others)
{
    int looks = 0;
    omp_set_num_threads(1);
    write_set();
    td_signals_attend(look, &looks);
    td_dataset_free(open_set(0));
    td_signals_attend(NULL, NULL);
    ck_assert_int_eq(looks, 2 * 3); /* headers and pixels of three files */
}
END_TEST

START_TEST(test_parts_widening_and_jpeg)
{
    write_png("train/a/0.png", 5, 8, 1);
    write_jpeg("train/b/0.jpeg", 77, 8, 3);
    write_jpeg("test/b/0.jpg", 99, 8, 1);
    td_dataset *d = open_set(0);
    ck_assert_int_eq(d->info.channels, 3);
    ck_assert_int_eq(d->info.test_count, 1);
    ck_assert_int_eq(d->labels[1][0], 1);
    for (int p = 0; p < 192; p++) {
        ck_assert_uint_eq(d->images[0][p], fixture_pixel(0, 5, p / 3));
        ck_assert_int_le(abs(d->images[0][192 + p] - 77), 1);
        ck_assert_int_le(abs(d->images[1][p] - 99), 1);
    }
    td_data_info info;
    ck_assert_int_eq(td_dataset_inspect(&info, fixture_folder), TD_OK);
    ck_assert_int_eq(info.channels, 3);
    ck_assert_int_eq(info.train_count, 2);
    td_dataset_free(d);
}
END_TEST

START_TEST(test_grey_set_has_one_channel)
{
    write_png("a/0.png", 0, 8, 1);
    write_jpeg("b/0.jpg", 50, 8, 1);
    td_dataset *d = open_set(0);
    ck_assert_int_eq(d->info.channels, 1);
    ck_assert_uint_eq(d->images[0][9], fixture_pixel(0, 0, 9));
    td_dataset_free(d);
}
END_TEST

START_TEST(test_import_has_the_same_digest)
{
    td_dataset *again = NULL;
    write_set();
    td_dataset *d = open_set(0);
    char out[256];
    snprintf(out, sizeof out, "%s.h5", fixture_folder);
    ck_assert_int_eq(td_dataset_write(d, out), TD_OK);
    ck_assert_int_eq(td_dataset_open(&again, out), TD_OK);
    unlink(out);
    ck_assert_mem_eq(d->info.digest, again->info.digest, 16);
    ck_assert_str_eq(again->class_names[1], "b");
    td_dataset_free(again);
    td_dataset_free(d);
}
END_TEST

/* ---- what else PNG and JPEG hold ------------------------------------------------- */

/* A picture of a kind, and one in plain grey or colour that fixes the channels. */
static td_dataset *open_kind(png_kind kind, uint8_t *bytes, int channels)
{
    write_png_as("a/0.png", kind, bytes);
    write_png("b/0.png", 1, 8, channels);
    td_dataset *d = open_set(0);
    ck_assert_int_eq(d->info.channels, channels);
    return d;
}

/* Of 16 bits the nearest of 255 steps is kept. */
START_TEST(test_png_of_16_bits)
{
    static const int wide[4] = { 0x00ff, 0x80ff, 0xffff, 0x7f00 };
    static const uint8_t expected[4] = { 1, 0x80, 255, 0x7f };
    uint8_t bytes[8 * 16];
    for (int p = 0; p < 64; p++) {
        bytes[2 * p] = (uint8_t) (wide[p % 4] >> 8);
        bytes[2 * p + 1] = (uint8_t) wide[p % 4];
    }
    td_dataset *d = open_kind(
        (png_kind){ PNG_COLOR_TYPE_GRAY, 16, PNG_INTERLACE_NONE, 16 }, bytes, 1);
    for (int p = 0; p < 64; p++)
        ck_assert_uint_eq(d->images[0][p], expected[p % 4]);
    td_dataset_free(d);
}
END_TEST

START_TEST(test_png_interlaced)
{
    uint8_t bytes[192];
    fill(bytes, 4, 192);
    td_dataset *d = open_kind(
        (png_kind){ PNG_COLOR_TYPE_RGB, 8, PNG_INTERLACE_ADAM7, 24 }, bytes, 3);
    ck_assert_mem_eq(d->images[0], bytes, 192);
    td_dataset_free(d);
}
END_TEST

/* Two bits per pixel: 0, 85, 170, 255. */
START_TEST(test_png_grey_of_2_bits)
{
    uint8_t bytes[16];
    for (int i = 0; i < 16; i++)
        bytes[i] = 0x1b; /* 0 1 2 3 */
    td_dataset *d = open_kind(
        (png_kind){ PNG_COLOR_TYPE_GRAY, 2, PNG_INTERLACE_NONE, 2 }, bytes, 1);
    for (int p = 0; p < 64; p++)
        ck_assert_uint_eq(d->images[0][p], 85 * (p % 4));
    td_dataset_free(d);
}
END_TEST

/* A palette is colour, whatever its colours. */
START_TEST(test_png_palette)
{
    uint8_t bytes[64];
    for (int p = 0; p < 64; p++)
        bytes[p] = (uint8_t) (p % 16);
    td_dataset *d = open_kind(
        (png_kind){ PNG_COLOR_TYPE_PALETTE, 8, PNG_INTERLACE_NONE, 8 }, bytes, 3);
    for (int p = 0; p < 64; p++) {
        ck_assert_uint_eq(d->images[0][3 * p], 16 * (p % 16));
        ck_assert_uint_eq(d->images[0][3 * p + 1], 255 - p % 16);
        ck_assert_uint_eq(d->images[0][3 * p + 2], p % 16);
    }
    td_dataset_free(d);
}
END_TEST

/* Transparency is dropped; what lies below stays. */
START_TEST(test_png_alpha)
{
    uint8_t bytes[256];
    fill(bytes, 6, 256);
    td_dataset *d = open_kind(
        (png_kind){ PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_NONE, 32 }, bytes, 3);
    for (int p = 0; p < 192; p++)
        ck_assert_uint_eq(d->images[0][p], bytes[p / 3 * 4 + p % 3]);
    td_dataset_free(d);
    d = open_kind((png_kind){ PNG_COLOR_TYPE_GRAY_ALPHA, 8, PNG_INTERLACE_NONE, 16 },
                  bytes, 1);
    for (int p = 0; p < 64; p++)
        ck_assert_uint_eq(d->images[0][p], bytes[2 * p]);
    td_dataset_free(d);
}
END_TEST

/* A NOTE says what is not kept, and of how many. */
START_TEST(test_losses_are_told)
{
    uint8_t bytes[256];
    char text[1024] = "";
    fill(bytes, 6, 256);
    write_png("a/0.png", 0, 8, 3);
    write_png_as("b/1.png",
                 (png_kind){ PNG_COLOR_TYPE_RGB_ALPHA, 8, PNG_INTERLACE_NONE, 32 },
                 bytes);
    write_png_as("b/2.png",
                 (png_kind){ PNG_COLOR_TYPE_GRAY, 16, PNG_INTERLACE_NONE, 16 }, bytes);
    ck_assert_int_eq(td_log_set_file(fixture_path("log")), TD_OK);
    td_dataset_free(open_set(0));
    td_log_set_file(NULL);
    FILE *log = fopen(fixture_path("log"), "r");
    ck_assert_ptr_nonnull(log);
    ck_assert_uint_gt(fread(text, 1, sizeof text - 1, log), 0);
    fclose(log);
    ck_assert_ptr_nonnull(strstr(
        text, "NOTE: 3 pictures, of them 1 grey (widened to colours), 1 of 16 bits (8 "
              "are kept), 1 with transparency (not used)\n"));
}
END_TEST

START_TEST(test_jpeg_progressive)
{
    write_jpeg_as("a/0.jpg", 120, 16, 3, true);
    write_jpeg_as("b/0.jpg", 30, 16, 3, true);
    td_dataset *d = open_set(0);
    for (int p = 0; p < 768; p++) {
        ck_assert_int_le(abs(d->images[0][p] - 120), 1);
        ck_assert_int_le(abs(d->images[0][768 + p] - 30), 1);
    }
    td_dataset_free(d);
}
END_TEST

/* Inks as they are stored say how much light is left: 90 of 255, twice. */
START_TEST(test_jpeg_cmyk)
{
    write_set();
    write_jpeg_as("a/9.jpg", 90, 8, 4, false);
    td_dataset *d = open_set(0);
    ck_assert_int_eq(d->info.train_count, 4);
    for (int p = 0; p < 192; p++)
        ck_assert_int_le(abs(d->images[0][2 * 192 + p] - 90 * 90 / 255), 1);
    td_dataset_free(d);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

/* What has no picture's name is left out, and listed. */
START_TEST(test_odd_files_are_listed)
{
    td_dataset *d = NULL;
    td_data_reading how = { 0 };
    write_set();
    fixture_write("a/notes.txt", "x", 1);
    fixture_write("b/1.bmp", "BM", 2);
    ck_assert_int_eq(td_dataset_read(&d, fixture_folder, &how), TD_OK);
    ck_assert_int_eq(d->info.train_count, 3);
    ck_assert_int_eq(how.fault_count, 2);
    ck_assert_ptr_nonnull(strstr(how.faults->text, "/a/notes.txt: no JPEG or PNG"));
    ck_assert_ptr_nonnull(strstr(how.last->text, "/b/1.bmp: no JPEG or PNG"));
    td_data_reading_clear(&how);
    td_dataset_free(d);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

/* ---- turned by EXIF -------------------------------------------------------------- */

/* A grey PNG of 2 rows and 3 columns, 1 to 6, with n bytes of EXIF. */
static void write_exif(const char *name, png_byte *exif, unsigned n)
{
    png_byte pixels[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
    png_bytep rows[2] = { pixels[0], pixels[1] };
    FILE *file = fopen(place(name), "wb");
    ck_assert_ptr_nonnull(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, 3, 2, 8, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_eXIf_1(png, info, n, exif);
    png_write_info(png, info);
    png_write_image(png, rows);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    fclose(file);
}

/* The same, turned; is_big: the order of the numbers' bytes. */
static void write_turned(const char *name, int turn, bool is_big)
{
    png_byte big[26] = { 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1 };
    png_byte little[26] = { 'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1 };
    big[19] = little[18] = (png_byte) turn;
    write_exif(name, is_big ? big : little, 26);
}

/* Rows as they stand upright, by orientation. */
static const uint8_t upright[9][6] = {
    { 1, 2, 3, 4, 5, 6 }, { 1, 2, 3, 4, 5, 6 }, /* 0 is none */
    { 3, 2, 1, 6, 5, 4 }, { 6, 5, 4, 3, 2, 1 },
    { 4, 5, 6, 1, 2, 3 }, /* from here on 3 rows of 2 */
    { 1, 4, 2, 5, 3, 6 }, { 4, 1, 5, 2, 6, 3 },
    { 6, 3, 5, 2, 4, 1 }, { 3, 6, 2, 5, 1, 4 },
};

START_TEST(test_turned_pictures_stand_upright)
{
    for (int turn = 0; turn <= 8; turn++) {
        write_turned("a/0.png", turn, turn % 2 == 0);
        write_turned("b/0.png", turn, turn % 2 == 1);
        td_dataset *d = open_set(0);
        ck_assert_int_eq(d->info.height, turn >= 5 ? 3 : 2);
        ck_assert_int_eq(d->info.width, turn >= 5 ? 2 : 3);
        ck_assert_mem_eq(d->images[0], upright[turn], 6);
        ck_assert_mem_eq(d->images[0] + 6, upright[turn], 6);
        td_dataset_free(d);
    }
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

/* EXIF that ends, or points, anywhere is no reason to read beyond it. */
START_TEST(test_exif_cut_short)
{
    png_byte exif[26] = { 'I',  'I', 42, 0, 8, 0, 0, 0, 0xff, 0xff,
                          0x11, 1,   3,  0, 1, 0, 0, 0, 6 };
    write_png("a/0.png", 1, 2, 1);
    for (unsigned n = 8; n <= sizeof exif; n++)
        for (unsigned offset = 0; offset < 40; offset++) {
            exif[4] = (png_byte) offset;
            exif[7] = n % 2 ? 0 : 0xff;
            write_exif("b/0.png", exif, n);
            td_dataset_free(open_set(2));
        }
}
END_TEST

/* ---- shrinking ------------------------------------------------------------------- */

/* Each pixel cut into size x size pieces, each output pixel the mean of its pieces. */
static uint8_t naive(const uint8_t *in, int side, int size, int y, int x)
{
    long sum = 0, area = (long) side * side;
    for (int v = y * side; v < (y + 1) * side; v++)
        for (int u = x * side; u < (x + 1) * side; u++)
            sum += in[v / size * side + u / size];
    return (uint8_t) ((sum + area / 2) / area);
}

START_TEST(test_shrinking_is_exact)
{
    static const int sizes[] = { 1, 3, 4, 7, 8 };
    const int side = 8;
    write_png("a/0.png", 0, side, 1);
    write_png("b/0.png", 1, side, 1);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint8_t in[64];
        td_dataset *d = open_set(sizes[s]);
        ck_assert_int_eq(d->info.height, sizes[s]);
        for (int i = 0; i < 2; i++) {
            fill(in, i, 64);
            for (int p = 0; p < sizes[s] * sizes[s]; p++)
                ck_assert_uint_eq(
                    d->images[0][i * sizes[s] * sizes[s] + p],
                    naive(in, side, sizes[s], p / sizes[s], p % sizes[s]));
        }
        td_dataset_free(d);
    }
}
END_TEST

START_TEST(test_shrinking_other_formats_and_sizes)
{
    uint8_t in[64];
    fixture_idx_set();
    td_dataset *d = open_set(3);
    ck_assert_int_eq(d->info.width, 3);
    fill(in, 19, 64);
    ck_assert_uint_eq(d->images[0][19 * 9 + 5], naive(in, 8, 3, 1, 2));
    td_dataset_free(d);
    td_data_reading how = { .size = 9 };
    FIXTURE_REFUSED(td_dataset_read(&d, fixture_folder, &how), TD_DATA, "8x8",
                    "--size 9", "enlarged");
    remove_all();
    mkdir(fixture_folder, 0700);
    write_png("a/0.png", 0, 8, 1);
    write_png("b/0.png", 1, 12, 1);
    d = open_set(8);
    fill(in, 0, 64);
    ck_assert_mem_eq(d->images[0], in, 64);
    td_dataset_free(d);
    ck_assert_int_eq(td_base_live_blocks(), 0);
}
END_TEST

/* Of 2x3 pixels the left two columns are the middle, of 3x2 the upper two rows. */
START_TEST(test_the_middle_is_kept)
{
    static const uint8_t wide[4] = { 1, 2, 4, 5 }, high[4] = { 4, 1, 5, 2 };
    write_turned("a/0.png", 1, true);
    write_turned("b/0.png", 6, true);
    td_dataset *d = open_set(2);
    ck_assert_mem_eq(d->images[0], wide, 4);
    ck_assert_mem_eq(d->images[0] + 4, high, 4);
    td_dataset_free(d);
}
END_TEST

/* ---- bad folders ----------------------------------------------------------------- */

#define REFUSED(reading, ...)                                                          \
    do {                                                                               \
        td_dataset *bad = NULL;                                                        \
        td_data_reading how = reading;                                                 \
        FIXTURE_REFUSED(td_dataset_read(&bad, fixture_folder, &how), TD_DATA,          \
                        __VA_ARGS__);                                                  \
        td_data_reading_clear(&how);                                                   \
        ck_assert_int_eq(td_base_live_blocks(), 0);                                    \
    } while (0)
static const td_data_reading plain, strict = { .strict = true }, to12 = { .size = 12 };

START_TEST(test_bad_folders)
{
    write_png("a/0.png", 0, 8, 3);
    REFUSED(plain, "one class folder only, a");
    mkdir(fixture_path("b"), 0700);
    REFUSED(plain, "/b: an empty class folder", "remove");
    write_png("b/0.png", 0, 12, 3);
    REFUSED(plain, "/b/0.png: 12x12", "/a/0.png has 8x8", "--size 8");
    REFUSED(to12, "/a/0.png: 8x8", "--size 12", "--size 8");
    write_png("b/0.png", 0, 8, 3);
    fixture_write("a/notes.txt", "x", 1);
    REFUSED(strict, "/a/notes.txt: no JPEG or PNG", "convert it");
    unlink(fixture_path("a/notes.txt"));
    write_png("c.png", 0, 8, 3);
    REFUSED(plain, "/c.png: a picture in no class folder");
}
END_TEST

/* Cut at every length, a file is unreadable, and never the end of the process. */
static void check_cuts(const char *name)
{
    size_t size = fixture_size(name);
    for (size_t left = size - 3; left < size; left -= left < 40 ? 1 : 17) {
        td_dataset *d = NULL;
        td_data_reading how = { 0 };
        ck_assert_int_eq(truncate(fixture_path(name), (off_t) left), 0);
        ck_assert_int_eq(td_dataset_read(&d, fixture_folder, &how), TD_OK);
        ck_assert_int_eq(how.fault_count, 1);
        ck_assert_ptr_nonnull(strstr(how.faults->text, name));
        ck_assert_int_eq(d->info.train_count, 3);
        td_data_reading_clear(&how);
        td_dataset_free(d);
    }
}

/* The header of a picture of many pixels, and nothing else. */
static void write_headers(int side)
{
    uint8_t jpeg[] = { 0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0,  1, 1,
                       0x11, 0,    0xff, 0xda, 0, 8,  1, 1, 0, 0, 63, 0 };
    jpeg[7] = jpeg[9] = (uint8_t) (side >> 8);
    jpeg[8] = jpeg[10] = (uint8_t) side;
    fixture_write("a/9.jpg", jpeg, sizeof jpeg);
    FILE *file = fopen(place("b/9.png"), "wb");
    ck_assert_ptr_nonnull(file);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32) side, (png_uint_32) side, 8,
                 PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    png_write_chunk(png, (png_const_bytep) "IDAT", (png_const_bytep) "x", 1);
    png_destroy_write_struct(&png, &info);
    fclose(file);
}

/* Memory is asked for what a file can hold, not for what its header says. */
START_TEST(test_headers_that_announce_too_much)
{
    write_set();
    write_headers(16000);
    td_dataset *d = NULL;
    td_data_reading how = { 0 };
    ck_assert_int_eq(td_dataset_read(&d, fixture_folder, &how), TD_OK);
    ck_assert_int_eq(d->info.train_count, 3);
    ck_assert_int_eq(how.fault_count, 2);
    for (const td_data_fault *fault = how.faults; fault; fault = fault->next)
        ck_assert_ptr_nonnull(
            strstr(fault->text, "announces 16000x16000 pixels, more"));
    td_data_reading_clear(&how);
    td_dataset_free(d);
}
END_TEST

START_TEST(test_unreadable_files)
{
    write_set();
    write_jpeg("a/9.jpg", 9, 8, 3);
    check_cuts("a/9.jpg");
    unlink(fixture_path("a/9.jpg"));
    write_png("a/00.png", 9, 8, 3);
    check_cuts("a/00.png");
    REFUSED(strict, "/a/00.png: an empty file");
    fixture_write("a/1.png", "GIF89a......", 12);
    REFUSED(strict, "/a/00.png: an empty file", "1 more");
    td_dataset *d = NULL;
    ck_assert_int_eq(td_dataset_open(&d, fixture_folder), TD_OK); /* a warning */
    ck_assert_int_eq(d->info.train_count, 2);
    td_dataset_free(d);
    fixture_write("b/2.png", "", 0);
    REFUSED(plain, "/b: no image that can be read is left", "replace its files");
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("data_pictures");
    TCase *cases = tcase_create("pictures");
    tcase_add_checked_fixture(cases, fixture_begin, remove_all);
    tcase_add_test(cases, test_order_names_and_pixels);
    tcase_add_test(cases, test_reading_attends_to_others);
    tcase_add_test(cases, test_parts_widening_and_jpeg);
    tcase_add_test(cases, test_grey_set_has_one_channel);
    tcase_add_test(cases, test_import_has_the_same_digest);
    tcase_add_test(cases, test_png_of_16_bits);
    tcase_add_test(cases, test_png_interlaced);
    tcase_add_test(cases, test_png_grey_of_2_bits);
    tcase_add_test(cases, test_png_palette);
    tcase_add_test(cases, test_png_alpha);
    tcase_add_test(cases, test_losses_are_told);
    tcase_add_test(cases, test_jpeg_progressive);
    tcase_add_test(cases, test_jpeg_cmyk);
    tcase_add_test(cases, test_odd_files_are_listed);
    tcase_add_test(cases, test_turned_pictures_stand_upright);
    tcase_add_test(cases, test_exif_cut_short);
    tcase_add_test(cases, test_the_middle_is_kept);
    tcase_add_test(cases, test_shrinking_is_exact);
    tcase_add_test(cases, test_shrinking_other_formats_and_sizes);
    tcase_add_test(cases, test_bad_folders);
    tcase_add_test(cases, test_headers_that_announce_too_much);
    tcase_add_test(cases, test_unreadable_files);
    suite_add_tcase(suite, cases);
    return suite;
}
