/* What keys are used for.  A key that is added belongs to the use of the longest
 * beginning of its name; `make test` tells where there is none. */
#include <string.h>

#include "taildart/base_text.h"
#include "taildart/config_help.h"

const td_key_use td_key_uses[] = {
    { "dataset", "The data set, its long tail, halves and samplers", "seed data" },
    { "images", "What is done to images before a network sees them",
      "data.crop_pad data.flip data.augment data.cutout data.pad_to data.mix "
      "arch.mix" },
    { "network", "The network and its cells", "net" },
    { "searching", "The search: length, method, pruning, stages", "search" },
    { "cell", "How a search becomes a cell, and when it ends",
      "search.discretise search.threshold search.tuning_epochs "
      "search.projection_images search.max_skips search.stop" },
    { "training", "The training of a cell that was found", "train" },
    { "weights-step", "The weight step: learning rate, momentum, decay", "weights" },
    { "architecture-step", "The architecture step: relaxation, penalties, its rate",
      "arch" },
    { "loss", "Losses and class weights, of both steps",
      "weights.loss weights.class_weights arch.loss arch.class_weights" },
    { "branches", "Two branches (BBN)", "bbn" },
    { "ranks", "Ranks and threads", "dist run.threads" },
    { "running", "The run directory, checkpoints, what is traced", "run checkpoint" },
    { "timing", "What bench times", "bench" },
};

enum { USES = sizeof td_key_uses / sizeof *td_key_uses };

int td_key_use_count(void)
{
    return USES;
}

/* Length of the longest member of a use that \a name begins with; 0 for none. */
static size_t longest_member(const td_key_use *use, const char *name)
{
    size_t longest = 0;
    for (const char *at = use->members; *at;) {
        size_t length = strcspn(at, " ");
        if (strncmp(at, name, length) == 0 && length > longest)
            longest = length;
        at += length;
        at += strspn(at, " ");
    }
    return longest;
}

const td_key_use *td_key_use_of(const td_key *key)
{
    const td_key_use *found = NULL;
    size_t longest = 0;
    for (int i = 0; i < USES; i++) {
        size_t length = longest_member(&td_key_uses[i], key->name);
        if (length > longest) {
            longest = length;
            found = &td_key_uses[i];
        }
    }
    return found;
}

bool td_key_is_in(const td_key *key, const char *group)
{
    size_t length = strlen(group);
    if (strcmp(td_key_use_of(key)->name, group) == 0)
        return true;
    for (const char *at = key->name; length > 0 && at; at = strchr(at, '.')) {
        at += *at == '.';
        if (strncmp(at, group, length) == 0 &&
            (at[length] == '.' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* ---- a key in words -------------------------------------------------------------- */

char *td_key_readers(const td_key *key)
{
    static const struct {
        td_config_command command;
        const char *name;
    } readers[] = {
        { TD_FOR_SEARCH, "search" },  { TD_FOR_TRAIN, "train" },
        { TD_FOR_EVAL, "eval" },      { TD_FOR_BENCH, "bench" },
        { TD_FOR_INFO, "data info" }, { TD_FOR_DRAWS, "data draws" },
    };
    td_text text = { 0 };
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (key->commands & (unsigned) readers[i].command)
            td_text_write(&text, "%s%s", text.length ? ", " : "", readers[i].name);
    TD_ASSERT(text.chars);
    return text.chars;
}

char *td_key_standards(const td_key *key)
{
    const char *standard = key->standard[0] ? key->standard : "none";
    return key->standard_train
               ? td_format("%s (train: %s)", standard, key->standard_train)
               : td_strdup(standard);
}

char *td_key_values(const td_key *key)
{
    char *accepts = td_key_accepts(key, TD_FOR_SEARCH);
    char *text = key->train_closed
                     ? td_format("%s; by train %g, too", accepts, key->high)
                     : td_strdup(accepts);
    td_free(accepts);
    return text;
}
