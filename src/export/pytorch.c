/* A state_dict as torch.save writes it, and torch.load(weights_only=True) reads it: a
 * zip archive of a pickle, which tells the tensors, and of a file of raw numbers for
 * each of them (the format of torch/serialization.py since PyTorch 1.6).
 *
 * Names are those of the DARTS code base's NetworkCIFAR.  There is no
 * num_batches_tracked: PyTorch takes it for 0, and needs it for no fixed momentum. */
#include <stdio.h>
#include <string.h>

#include "network.h"
#include "zip.h"

#define FOLDER "network/"
static const char pickle_name[] = FOLDER "data.pkl";

/* ---- the pickle (Python's pickletools.py tells the codes), protocol 2 ------------ */

static void put_code(td_text *to, char code)
{
    td_text_write_bytes(to, &code, 1);
}

/* A class or a function by its module and name. */
static void put_global(td_text *to, const char *module, const char *name)
{
    td_text_write(to, "c%s\n%s\n", module, name);
}

static void put_word(td_text *to, const char *word)
{
    put_code(to, 'X');
    td_bytes_put(to, strlen(word), 4);
    td_text_write_bytes(to, word, strlen(word));
}

static void put_integer(td_text *to, size_t value)
{
    enum { EIGHT_BYTES = 0x8a /* a number of so many bytes as the next one says */ };
    if (value <= INT32_MAX) {
        put_code(to, 'J');
        td_bytes_put(to, value, 4);
        return;
    }
    put_code(to, (char) EIGHT_BYTES);
    td_bytes_put(to, 8, 1);
    td_bytes_put(to, value, 8);
}

static void put_empty_dict(td_text *to)
{
    put_global(to, "collections", "OrderedDict");
    td_text_write(to, ")R");
}

/* ('storage', FloatStorage, the name of its file, 'cpu', numbers): what stands for the
 * file of numbers. */
static void put_storage(td_text *to, int number, size_t count)
{
    char name[16];
    snprintf(name, sizeof name, "%d", number);
    put_code(to, '(');
    put_word(to, "storage");
    put_global(to, "torch", "FloatStorage");
    put_word(to, name);
    put_word(to, "cpu");
    put_integer(to, count);
    td_text_write(to, "tQ");
}

/* Sizes, then how far it is from one number to the next along each of them. */
static void put_shape(td_text *to, const td_export_tensor *tensor)
{
    put_code(to, '(');
    for (int i = 0; i < tensor->rank; i++)
        put_integer(to, (size_t) tensor->dims[i]);
    td_text_write(to, "t(");
    size_t stride = tensor->count;
    for (int i = 0; i < tensor->rank; i++) {
        stride /= (size_t) tensor->dims[i];
        put_integer(to, stride);
    }
    put_code(to, 't');
}

/* _rebuild_tensor_v2(storage, first number, sizes, strides, whether it needs gradients,
 * hooks of a backward pass). */
static void put_tensor(td_text *to, int number, const td_export_tensor *tensor)
{
    enum { FALSE_CODE = 0x89 };
    put_word(to, tensor->name);
    put_global(to, "torch._utils", "_rebuild_tensor_v2");
    put_code(to, '(');
    put_storage(to, number, tensor->count);
    put_integer(to, 0);
    put_shape(to, tensor);
    put_code(to, (char) FALSE_CODE);
    put_empty_dict(to);
    td_text_write(to, "tR");
}

static void put_pickle(td_text *to, const td_exported *e)
{
    enum { PROTOCOL_CODE = 0x80 };
    put_code(to, (char) PROTOCOL_CODE);
    td_bytes_put(to, 2, 1);
    put_empty_dict(to);
    put_code(to, '(');
    for (int i = 0; i < e->count; i++)
        put_tensor(to, i, &e->tensors[i]);
    td_text_write(to, "u.");
}

/* ---- the archive ----------------------------------------------------------------- */

static void put_file(td_zip *zip, const char *name, td_text *content)
{
    td_zip_put(zip, name, content);
    td_free(content->chars);
    *content = (td_text){ 0 };
}

static td_status write_archive(td_text *file, const td_exported *e)
{
    td_zip zip = { .file = file };
    td_text content = { 0 };
    put_pickle(&content, e);
    put_file(&zip, pickle_name, &content);
    td_text_write(&content, "little");
    put_file(&zip, FOLDER "byteorder", &content);
    for (int i = 0; i < e->count; i++) {
        char name[32];
        snprintf(name, sizeof name, FOLDER "data/%d", i);
        td_bytes_put_reals(&content, e->tensors[i].data, e->tensors[i].count);
        put_file(&zip, name, &content);
    }
    td_text_write(&content, "3\n");
    put_file(&zip, FOLDER "version", &content);
    td_zip_finish(&zip);
    return TD_OK;
}

static td_status check(const td_exported *e)
{
    enum { OTHER_FILES = 3, HEADERS = 1024 /* more than those of one tensor take */ };
    size_t bytes = e->numbers * sizeof(float) + (size_t) e->count * HEADERS;
    if (e->count + OTHER_FILES <= TD_ZIP_FILES && bytes < TD_ZIP_BYTES)
        return TD_OK;
    return td_error(TD_USAGE,
                    "--to pytorch: %s has %d tensors of %zu numbers, more than a zip "
                    "archive holds (%d files, 4 GB)",
                    e->path, e->count, e->numbers, TD_ZIP_FILES);
}

/* The first name stands behind the first header. */
static bool is_own(const char *path)
{
    enum { NAME_AT = 30 };
    return td_bytes_are_at(path, 0, "PK\003\004", 4) &&
           td_bytes_are_at(path, NAME_AT, pickle_name, strlen(pickle_name));
}

const td_export_format td_export_pytorch = {
    .name = "pytorch",
    .ending = "pt",
    .what = "state_dict of `taildart export`",
    .is_own = is_own,
    .check = check,
    .write = write_archive,
};
