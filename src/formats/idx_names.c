/* Names of IDX files as they are found: [prefix-]train-images-idx3-ubyte[.gz], its
 * siblings t10k (EMNIST: test) and labels-idx1, and a dot for the dash before idx, as
 * some archives write it. */
#include <string.h>
#include <sys/stat.h>

#include "folder.h"
#include "idx.h"

enum { PREFIX_BYTES = 128 };

/* A name taken apart. */
typedef struct {
    char prefix[PREFIX_BYTES]; /* "emnist-letters-", or "" */
    td_part part;
    td_idx_kind kind;
    int rank; /* of several names for one file the lowest counts */
} parsed;

/* ---- one name -------------------------------------------------------------------- */

/* Cut `ending` off text of *length bytes. */
static bool cut(const char *text, size_t *length, const char *ending)
{
    size_t n = strlen(ending);
    if (*length < n || strncmp(text + *length - n, ending, n) != 0)
        return false;
    *length -= n;
    return true;
}

static bool parse(parsed *out, const char *name)
{
    size_t length = strlen(name);
    bool is_packed = cut(name, &length, ".gz");
    out->kind = cut(name, &length, "idx3-ubyte") ? TD_IDX_IMAGES : TD_IDX_LABELS;
    if (out->kind == TD_IDX_LABELS && !cut(name, &length, "idx1-ubyte"))
        return false;
    bool has_dot = cut(name, &length, ".");
    if (!has_dot && !cut(name, &length, "-"))
        return false;
    if (!cut(name, &length, out->kind == TD_IDX_IMAGES ? "-images" : "-labels"))
        return false;
    out->part = cut(name, &length, "train") ? TD_PART_TRAIN : TD_PART_TEST;
    bool is_t10k = out->part == TD_PART_TEST && cut(name, &length, "t10k");
    if (out->part == TD_PART_TEST && !is_t10k && !cut(name, &length, "test"))
        return false;
    if (length >= PREFIX_BYTES || (length > 0 && name[length - 1] != '-'))
        return false;
    snprintf(out->prefix, sizeof out->prefix, "%.*s", (int) length, name);
    out->rank = 4 * !is_t10k + 2 * has_dot + is_packed;
    return true;
}

bool td_idx_is_name(const char *name)
{
    parsed ignored;
    return parse(&ignored, name);
}

/* ---- the names of a folder ------------------------------------------------------- */

bool td_idx_is_folder(const char *folder)
{
    td_listing inside;
    bool found = false;
    if (td_listing_read(&inside, folder, NULL) == TD_OK)
        for (int64_t i = 0; i < inside.count && !found; i++)
            found = !inside.entry[i].is_folder && td_idx_is_name(inside.entry[i].name);
    td_listing_clear(&inside);
    return found;
}

/* The prefix of a folder's one data set; plain names come before all others. */
static td_status choose_prefix(char *prefix, const td_listing *inside,
                               const char *folder)
{
    int64_t first = -1;
    for (int64_t i = 0; i < inside->count; i++) {
        parsed p;
        if (inside->entry[i].is_folder || !parse(&p, inside->entry[i].name))
            continue;
        if (first < 0 || *p.prefix == '\0') {
            first = i;
            snprintf(prefix, PREFIX_BYTES, "%s", p.prefix);
        }
        if (*prefix == '\0')
            return TD_OK;
    }
    for (int64_t i = 0; i < inside->count; i++) {
        parsed p;
        if (inside->entry[i].is_folder || !parse(&p, inside->entry[i].name) ||
            strcmp(p.prefix, prefix) == 0)
            continue;
        return td_error(TD_DATA,
                        "%s: several data sets (%s…, %s…): give a file of one of them, "
                        "as %s/%s",
                        folder, prefix, p.prefix, folder, inside->entry[first].name);
    }
    TD_ASSERT(first >= 0);
    return TD_OK;
}

static void take_files(td_idx_files *files, const td_listing *inside,
                       const char *folder, const char *prefix)
{
    int rank[2][2] = { { INT_MAX, INT_MAX }, { INT_MAX, INT_MAX } };
    for (int64_t i = 0; i < inside->count; i++) {
        parsed p;
        if (inside->entry[i].is_folder || !parse(&p, inside->entry[i].name) ||
            strcmp(p.prefix, prefix) != 0 || p.rank >= rank[p.part][p.kind])
            continue;
        rank[p.part][p.kind] = p.rank;
        td_path_join(files->path[p.part][p.kind], folder, inside->entry[i].name);
    }
}

static td_status check_files(const td_idx_files *files, const char *folder,
                             const char *prefix)
{
    static const char *const words[2][2] = {
        { "train-images-idx3-ubyte", "train-labels-idx1-ubyte" },
        { "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" },
    };
    bool has_test = *files->path[TD_PART_TEST][TD_IDX_IMAGES] ||
                    *files->path[TD_PART_TEST][TD_IDX_LABELS];
    for (int part = 0; part < 2; part++) {
        bool has_images = *files->path[part][TD_IDX_IMAGES] != '\0';
        bool has_labels = *files->path[part][TD_IDX_LABELS] != '\0';
        if (((part == TD_PART_TRAIN && !has_test) || has_images || has_labels) &&
            !(has_images && has_labels))
            return td_error(TD_DATA, "%s/%s%s: no such file, neither plain nor .gz",
                            folder, prefix,
                            words[part][has_images ? TD_IDX_LABELS : TD_IDX_IMAGES]);
    }
    return TD_OK;
}

/* What EMNIST's labels stand for, where its file lies beside. */
static void take_mapping(td_idx_files *files, const char *folder, const char *prefix)
{
    char name[PREFIX_BYTES + 16];
    snprintf(name, sizeof name, "%smapping.txt", prefix);
    if (!td_path_join(files->names, folder, name))
        files->names[0] = '\0';
}

/* A file names its data set, a folder has one. */
static bool split(const char *path, char *folder, char *prefix)
{
    struct stat entry;
    const char *slash = strrchr(path, '/');
    parsed p;
    bool is_file = stat(path, &entry) == 0 && !S_ISDIR(entry.st_mode) &&
                   parse(&p, slash ? slash + 1 : path);
    if (!is_file)
        snprintf(folder, TD_PATH_BYTES, "%s", path);
    else {
        snprintf(prefix, PREFIX_BYTES, "%s", p.prefix);
        snprintf(folder, TD_PATH_BYTES, "%.*s", slash ? (int) (slash - path + 1) : 1,
                 slash ? path : ".");
    }
    return is_file;
}

td_status td_idx_find(td_idx_files *files, const char *path)
{
    char folder[TD_PATH_BYTES], prefix[PREFIX_BYTES] = "";
    td_listing inside;
    memset(files, 0, sizeof *files);
    bool is_file = split(path, folder, prefix);
    td_status status = td_listing_read(&inside, folder, NULL);
    if (status == TD_OK && !is_file)
        status = choose_prefix(prefix, &inside, folder);
    if (status == TD_OK) {
        static const char emnist[] = "emnist-";
        files->is_transposed = strncmp(prefix, emnist, sizeof emnist - 1) == 0;
        take_files(files, &inside, folder, prefix);
        if (files->is_transposed)
            take_mapping(files, folder, prefix);
        status = check_files(files, folder, prefix);
    }
    td_listing_clear(&inside);
    return status;
}
