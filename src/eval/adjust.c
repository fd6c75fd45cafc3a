/* Cures of the tail that need no training: logits less the log of class shares, one or
 * several such adjustments of the same logits, and a classifier with rows of more equal
 * norms. */
#include "eval.h"

#include <math.h>
#include <string.h>

#include "taildart/base_log.h"
#include "taildart/base_number.h"
#include "taildart/objective_after.h"

/* ---- what is asked for (rank 0) -------------------------------------------------- */

/* A number from 0 to 100 at the beginning of \a text. */
static bool read_tau(const char *text, const char **end, double *tau)
{
    bool is_number = (text[0] >= '0' && text[0] <= '9') || text[0] == '.';
    *tau = NAN;
    *end = is_number ? td_number_read_first(tau, text) : text;
    return *tau >= 0.0 && *tau <= 100.0;
}

static td_status read_adjustments(td_eval_plan *plan, const char *text)
{
    const char *rest = text, *end = NULL;
    plan->is_adjusted = true;
    for (plan->scores = 0; plan->scores < TD_EVAL_SCORES; rest = end + 1) {
        if (!read_tau(rest, &end, &plan->tau[plan->scores++]) || (*end && *end != ','))
            break;
        if (*end == '\0')
            return TD_OK;
    }
    return td_error(TD_USAGE,
                    "--adjust %s: accepted: a number from 0 to 100, or up to %d of "
                    "them with commas between: --adjust 0.5,1,1.5",
                    text, TD_EVAL_SCORES);
}

static td_status read_tau_norm(td_eval_plan *plan, const char *text)
{
    const char *end = NULL;
    plan->is_normalised = true;
    if (read_tau(text, &end, &plan->tau_norm) && *end == '\0')
        return TD_OK;
    return td_error(TD_USAGE, "--tau-norm %s: accepted: a number from 0 to 100", text);
}

td_status td_eval_read_adjustment(td_eval *e)
{
    const td_eval_options *options = e->options;
    td_status status = TD_OK;
    e->plan.scores = 1;
    if (options->adjust)
        status = read_adjustments(&e->plan, options->adjust);
    if (status == TD_OK && options->tau_norm)
        status = read_tau_norm(&e->plan, options->tau_norm);
    if (status == TD_OK && e->plan.scores > 1 &&
        (options->logits || options->confusion))
        status = td_error(TD_USAGE,
                          "--adjust %s: --logits and --confusion are of one "
                          "adjustment: give one number",
                          options->adjust);
    return status;
}

/* ---- training images of each class ----------------------------------------------- */

/* Count them before the halves were cut; for an older checkpoint from its two halves,
 * if the data are those of the run.  \return whether they are known */
static bool count_training(const td_eval *e, int64_t *counts)
{
    const td_data_info *info = &e->dataset->info;
    size_t bytes = (size_t) info->classes * sizeof *counts;
    memset(counts, 0, bytes);
    if (e->saved->class_counts) {
        memcpy(counts, e->saved->class_counts, bytes);
        return true;
    }
    if (memcmp(info->digest, e->saved->dataset_digest, sizeof info->digest) != 0)
        return false;
    for (int half = 0; half < 2; half++)
        for (int64_t i = 0; i < e->saved->half_count[half]; i++) {
            int64_t index = e->saved->half[half][i];
            if (index < 0 || index >= info->train_count)
                return false;
            counts[e->dataset->labels[TD_PART_TRAIN][index]]++;
        }
    return true;
}

/* Say which keys of the run favour the classes of few images. */
static void note_favours(const td_settings *run, const char *path)
{
    const td_config *config = td_settings_config(run);
    td_loss_kind loss = (td_loss_kind) config->weights.loss.kind;
    const struct {
        const char *key;
        bool favours;
    } rows[] = {
        { "data.sampler", config->data.sampler != TD_SAMPLER_INSTANCE },
        { "weights.class_weights", config->weights.class_weights != TD_WEIGHTING_NONE },
        { "weights.loss.kind", td_loss_follows_counts(loss) },
        { "bbn.enabled", config->bbn.enabled },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char value[TD_TEXT_BYTES];
        td_settings_value(run, rows[i].key, value);
        if (rows[i].favours)
            td_log(TD_LOG_NOTE,
                   "--adjust: %s has learned with %s %s, which favours the classes of "
                   "few images already: the tail is corrected twice",
                   path, rows[i].key, value);
    }
}

/* The log of class shares is what a network has learned that saw images as often as
 * there are (Menon et al. 2021, section 4.1): of another one less is to be taken. */
static void doubt_adjustment(const td_eval *e)
{
    bool is_search = e->saved->state.edges > 0;
    const char *path = e->checkpoint;
    td_settings *run = td_settings_new(is_search ? TD_FOR_SEARCH : TD_FOR_TRAIN);
    if (td_settings_read_text(run, path, e->saved->texts.config) == TD_OK)
        note_favours(run, path);
    td_settings_free(run);
}

td_status td_eval_count_training(td_eval *e)
{
    const char *path = e->checkpoint;
    int classes = e->dataset->info.classes;
    e->training = td_malloc((size_t) classes * sizeof *e->training);
    e->plan.knows_training = count_training(e, e->training);
    if (!e->plan.is_adjusted)
        return TD_OK;
    if (!e->plan.knows_training)
        return td_error(TD_CHECKPOINT,
                        "--adjust goes by the training images of each class, and %s, "
                        "of an older taildart, does not keep them: give the run's data "
                        "set",
                        path);
    for (int c = 0; c < classes; c++)
        if (e->training[c] <= 0)
            return td_error(TD_CHECKPOINT,
                            "--adjust goes by the training images of each class, and "
                            "%s has learned from none of class %d ('%s')",
                            path, c, e->dataset->class_names[c]);
    doubt_adjustment(e);
    return TD_OK;
}

void td_eval_share_training(td_eval *e)
{
    size_t bytes = (size_t) e->plan.info.classes * sizeof *e->training;
    if (!e->training)
        e->training = td_malloc(bytes);
    td_comm_bcast(e->world, e->training, bytes);
}

/* ---- what is done ---------------------------------------------------------------- */

td_status td_eval_check_head(const td_eval *e)
{
    const td_net_spec *spec = &e->plan.spec;
    td_head_kind head = spec->head;
    if (!e->plan.is_normalised)
        return TD_OK;
    if (spec->two_branch && spec->split == TD_BRANCH_HEAD)
        return td_error(
            TD_USAGE,
            "--tau-norm: %s has two heads on one trunk, which are judged by "
            "their sum, and its rows are not in the file: leave it out",
            e->checkpoint);
    if (head == TD_HEAD_LINEAR)
        return TD_OK;
    return td_error(TD_USAGE,
                    "--tau-norm: the head of %s is %s, whose rows have equal norms "
                    "already: leave it out",
                    e->checkpoint, td_head_word(head));
}

void td_eval_normalise_classifier(td_eval *e)
{
    const td_slot *matrix = td_slots_find(e->state->weight_slots, "classifier.weight");
    const td_slot *bias = td_slots_find(e->state->weight_slots, "classifier.bias");
    TD_ASSERT(matrix && bias);
    td_tau_normalise(e->state->weights + matrix->offset, matrix->dims[0],
                     matrix->dims[1], e->plan.tau_norm);
    memset(e->state->weights + bias->offset, 0, bias->count * sizeof(td_real));
}

void td_eval_score(td_eval *e, const int32_t *labels, int n)
{
    const td_eval_plan *plan = &e->plan;
    size_t bytes = (size_t) n * (size_t) plan->info.classes * sizeof(td_real);
    if (!plan->is_adjusted) {
        td_score_add(e->score[0], e->logits, labels, n);
        return;
    }
    td_real *plain = memcpy(td_malloc(bytes), e->logits, bytes);
    for (int s = plan->scores - 1; s >= 0; s--) { /* leaves those of the first */
        memcpy(e->logits, plain, bytes);
        td_adjust_logits(e->logits, e->training, plan->info.classes, plan->tau[s], n);
        td_score_add(e->score[s], e->logits, labels, n);
    }
    td_free(plain);
}
