/* A genotype as people give it: a file, a published name, or the Python form itself. */
#include "taildart/genotype_find.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "taildart/base_file.h"

enum { MOST_BYTES = 1 << 20 };

static const char hdf5[] = { '\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n' };

static td_status refuse_checkpoint(const char *path)
{
    return td_error(
        TD_USAGE,
        "%s: a checkpoint, and a text is wanted: genotype.txt of its run, or "
        "`taildart genotype %s >genotype.txt`",
        path, path);
}

static td_status parse(td_genotype *genotype, const char *text)
{
    bool is_json = text[strspn(text, " \t\r\n")] == '{';
    return is_json ? td_genotype_parse_json(genotype, text)
                   : td_genotype_parse(genotype, text);
}

/* Checkpoints are larger than any text: a look at their first bytes comes before. */
static bool is_hdf5(const char *path)
{
    char first[sizeof hdf5] = { 0 };
    struct stat entry;
    FILE *file =
        stat(path, &entry) == 0 && S_ISREG(entry.st_mode) ? fopen(path, "rb") : NULL;
    bool is_it = file && fread(first, 1, sizeof first, file) == sizeof first &&
                 memcmp(first, hdf5, sizeof hdf5) == 0;
    if (file)
        (void) fclose(file);
    return is_it;
}

/* From a file, which may be a genotype.txt or hold the text alone. */
td_status td_genotype_read_file(td_genotype *genotype, const char *path)
{
    char *text = NULL;
    size_t bytes = 0;
    if (is_hdf5(path))
        return refuse_checkpoint(path);
    td_status status = td_file_read_given(&text, &bytes, path, MOST_BYTES);
    if (status == TD_OK && strlen(text) < bytes)
        status = td_error(TD_USAGE, "%s: found a byte of value 0: no genotype", path);
    else if (status == TD_OK && parse(genotype, text) != TD_OK)
        status = td_error(TD_USAGE, "%s: %s", path, td_error_message());
    td_free(text);
    return status;
}

td_status td_genotype_find(td_genotype *genotype, const char *words)
{
    TD_ASSERT(genotype && words);
    struct stat entry;
    if (stat(words, &entry) == 0 && S_ISDIR(entry.st_mode))
        return td_error(TD_USAGE,
                        "%s: a directory, and a file is wanted: that of a run is "
                        "%s/genotype.txt",
                        words, words);
    if (access(words, F_OK) == 0)
        return td_genotype_read_file(genotype, words);
    if (td_genotype_named(genotype, words))
        return TD_OK;
    if (strstr(words, "Genotype"))
        return td_genotype_parse(genotype, words);
    return td_error(TD_USAGE,
                    "found \"%.60s\"; accepted: a file, the text Genotype(...), or "
                    "DARTS_V1, DARTS_V2, PCDARTS, PDARTS",
                    words);
}

/* ---- the key --------------------------------------------------------------------- */

static td_status find_for_key(td_genotype *genotype, const char *words)
{
    td_status status = td_genotype_find(genotype, words);
    if (status == TD_OK)
        status = td_genotype_check(genotype);
    return status == TD_OK ? status
                           : td_error(status, "train.genotype: %s", td_error_message());
}

td_status td_train_settle_genotype(td_settings *settings)
{
    td_genotype genotype;
    td_status status = td_settings_require(settings, "train.genotype");
    if (status != TD_OK)
        td_error_hint("--from CHECKPOINT takes the network of a training instead");
    if (status == TD_OK)
        status = find_for_key(&genotype, td_settings_config(settings)->train.genotype);
    if (status != TD_OK)
        return status;
    char *text = td_genotype_python(&genotype);
    status = td_settings_set(settings, "train.genotype", text, TD_ORIGIN_OPTION);
    td_free(text);
    return status;
}

td_status td_train_read_genotype(td_genotype *genotype, const td_config *config)
{
    td_status status = td_genotype_parse(genotype, config->train.genotype);
    return status == TD_OK ? td_genotype_check(genotype) : status;
}
