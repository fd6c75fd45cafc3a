/* Which numbers each kind of loss or head reads, and their published values. */
#include "words.h"

static const struct {
    unsigned reads; /* td_loss_number */
    double gamma, tau;
} published[TD_LOSS_COUNT] = {
    [TD_LOSS_FOCAL] = { TD_LOSS_GAMMA, 2.0, 0.0 },
    [TD_LOSS_VS] = { TD_LOSS_GAMMA | TD_LOSS_TAU, 0.2, 1.2 },
    [TD_LOSS_LOGIT_ADJUSTMENT] = { TD_LOSS_TAU, 0.0, 1.0 },
    [TD_LOSS_CDT] = { TD_LOSS_GAMMA, 0.2, 0.0 },
    [TD_LOSS_LDAM] = { TD_LOSS_MARGIN, 0.0, 0.0 },
    [TD_LOSS_LABEL_AWARE] = { TD_LOSS_SMOOTHING, 0.0, 0.0 },
};

const char *td_loss_word(td_loss_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_LOSS_COUNT);
    return td_loss_words[kind];
}

bool td_loss_reads(td_loss_kind kind, td_loss_number number)
{
    TD_ASSERT(kind >= 0 && kind < TD_LOSS_COUNT);
    return published[kind].reads & number;
}

bool td_loss_follows_counts(td_loss_kind kind)
{
    return td_loss_reads(kind, TD_LOSS_TAU) || kind == TD_LOSS_BALANCED_SOFTMAX ||
           kind == TD_LOSS_CDT;
}

static double settled(double value, double auto_value)
{
    return value == TD_AUTO ? auto_value : value;
}

td_loss_keys td_loss_settled(const td_loss_keys *keys)
{
    td_loss_kind kind = (td_loss_kind) keys->kind;
    td_loss_keys loss = { .kind = keys->kind };
    if (td_loss_reads(kind, TD_LOSS_GAMMA))
        loss.gamma = settled(keys->gamma, published[kind].gamma);
    if (td_loss_reads(kind, TD_LOSS_TAU))
        loss.tau = settled(keys->tau, published[kind].tau);
    if (td_loss_reads(kind, TD_LOSS_SMOOTHING)) {
        loss.head = keys->head;
        loss.tail = keys->tail;
    }
    if (td_loss_reads(kind, TD_LOSS_MARGIN))
        loss.margin = keys->margin;
    return loss;
}

/* ---- heads ----------------------------------------------------------------------- */

const char *td_head_word(td_head_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_HEAD_COUNT);
    return td_head_words[kind];
}

const char *td_stem_word(td_stem_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_STEM_COUNT);
    return td_stem_words[kind];
}

double td_head_scale(const td_config *config)
{
    return settled(config->net.head_scale,
                   config->net.head == TD_HEAD_NORMALISED ? 30.0 : 1.0);
}
