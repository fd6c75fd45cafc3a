/* A genotype as people give it: a file, a published name, or the Python form itself. */
#include "taildart/genotype_find.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"
#include "taildart/base_file.h"
#include "taildart/base_log.h"
#include "taildart/base_text.h"

enum { MOST_BYTES = 1 << 20 };

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

/* A dictionary of DARTS's members is no JSON of ours. */
static td_status parse(td_genotype *genotype, const char *text)
{
    const char *start = skip_blanks(text);
    const char *name = skip_blanks(start + (*start == '{'));
    bool is_ours = *start == '{' && strncmp(name, "'normal'", 8) != 0 &&
                   strncmp(name, "\"normal\"", 8) != 0;
    return is_ours ? td_genotype_parse_json(genotype, text)
                   : td_genotype_parse(genotype, text);
}

/* Whether a text is something else: a genotype with an error in it has members. */
static bool has_none(const char *text)
{
    int count = 0;
    const char first = *skip_blanks(text);
    return first != '[' && first != '{' && !strstr(text, "normal=") &&
           !td_genotype_last(text, &count);
}

/* A log of a search has one each epoch, the last one of which is its result. */
static void tell_which(const char *text, const char *path)
{
    int count = 0, line = 1;
    const char *last = td_genotype_last(text, &count);
    for (const char *at = text; count > 1 && at < last; at++)
        line += *at == '\n';
    if (count > 1)
        td_log(TD_LOG_NOTE, "%s: the last of its %d genotypes is taken, line %d", path,
               count, line);
}

/* From a file, which may be a genotype.txt or hold the text alone. */
td_status td_genotype_read_file(td_genotype *genotype, const char *path)
{
    char *text = NULL;
    size_t bytes = 0;
    td_status status = td_file_read_given(&text, &bytes, path, MOST_BYTES);
    if (status == TD_OK && strlen(text) < bytes)
        status =
            td_error(TD_CHECKPOINT, "%s: found a byte of value 0: no genotype", path);
    else if (status == TD_OK && has_none(text))
        status =
            td_error(TD_CHECKPOINT,
                     "%s: no line with a Genotype(...), which a search of the "
                     "DARTS scripts logs each epoch: give the log of the search, a "
                     "genotype.txt or .json, or a checkpoint",
                     path);
    else if (status == TD_OK && parse(genotype, text) != TD_OK)
        status = td_error(TD_CHECKPOINT, "%s: %s", path, td_error_message());
    if (status == TD_OK)
        tell_which(text, path);
    td_free(text);
    return status == TD_OK ? TD_OK : TD_CHECKPOINT;
}

static bool is_missing(const char *path)
{
    return access(path, F_OK) != 0 && errno == ENOENT;
}

/* What is taken, for td_free. */
static char *accepted(void)
{
    td_text text = { 0 };
    td_text_write(&text, "a checkpoint, the directory of a run, a genotype.txt or "
                         ".json, the text Genotype(...), or ");
    for (int i = 0; td_genotype_name(i); i++)
        td_text_write(&text, "%s%s", i > 0 ? ", " : "", td_genotype_name(i));
    return text.chars;
}

/* A name misspelt, or a run or a file that is not there. */
static td_status refuse(const char *words)
{
    char *forms = accepted();
    td_status status =
        td_genotype_is_nearly_named(words)
            ? td_error(TD_USAGE, "found \"%.60s\"; accepted: %s", words, forms)
            : td_error(TD_CHECKPOINT, "%.200s: cannot be read: %s; give %s", words,
                       strerror(ENOENT), forms);
    td_free(forms);
    return status;
}

td_status td_genotype_find(td_genotype *genotype, const char *words)
{
    TD_ASSERT(genotype && words);
    if (access(words, F_OK) == 0)
        return td_genotype_read_file(genotype, words);
    if (td_genotype_named(genotype, words))
        return TD_OK;
    const char first = *skip_blanks(words);
    if (strstr(words, "Genotype(") || first == '[' || first == '{')
        return parse(genotype, words);
    return is_missing(words) ? refuse(words) : td_genotype_read_file(genotype, words);
}

td_status td_train_read_genotype(td_genotype *genotype, const td_config *config)
{
    td_status status = td_genotype_parse(genotype, config->train.genotype);
    return status == TD_OK ? td_genotype_check(genotype) : status;
}
