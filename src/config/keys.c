/* The one table of keys.  To add a key, add its field in config.h and its row
 * here; YAML, --set, shorthands, help, --dry-run and config.yaml follow.
 *
 * A row is the field (which is also the key's name), the default as a user would
 * type it, limits, unit, the commands that read it, one line of help, and further
 * members where needed. */
#include "taildart/config_keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    SEARCH = TD_FOR_SEARCH,
    BENCH = TD_FOR_BENCH,
    EVAL = TD_FOR_EVAL,
    TRAIN = TD_FOR_TRAIN,
    LOOP = SEARCH | TRAIN,                 /* governs both loops over epochs */
    SAMPLING = LOOP | TD_FOR_DRAWS,        /* decides what is drawn */
    TAIL = SAMPLING | TD_FOR_INFO,         /* decides which images there are */
    HALVES = SEARCH | TD_FOR_DRAWS,        /* decides what a search draws */
    NETWORK = TD_FOR_SEARCH | TD_FOR_BENCH /* decides what a step computes */
};

/* ---- names of values, in the order of their enums ------------------------------- */

static const char *const shapes[] = { "constant",    "linear",         "rising_linear",
                                      "cosine",      "quarter_cosine", "parabolic",
                                      "rising",      "tent",           "symmetric",
                                      "exponential", "step",           "coupled",
                                      "beta" };
static const char *const scales[] = { "none", "linear", "sqrt" };
static const char *const profiles[] = { "exp", "step" };
static const char *const splits[] = { "stratified", "index" };
#define WORD(NAME, function, word) word,
static const char *const samplers[] = { TD_SAMPLERS(WORD) };
static const char *const mixes[] = { TD_MIXES(WORD) };
static const char *const augments[] = { TD_AUGMENTS(WORD) };
static const char *const weightings[] = { TD_WEIGHTINGS(WORD) };
static const char *const losses[] = { TD_LOSSES(WORD) };
static const char *const reducers[] = { TD_REDUCERS(WORD) };
static const char *const heads[] = { TD_HEADS(WORD) };
static const char *const relaxations[] = { TD_RELAXATIONS(WORD) };
#define PERTURB_WORD(NAME, word) word,
static const char *const perturbations[] = { TD_PERTURBATIONS(PERTURB_WORD) };
static const char *const recomputes[] = { "none", "pools", "dilated", "all", "auto" };
static const char *const branch_splits[] = { "cell", "head" };
static const char *const norm_sharings[] = { "local", "shard", "sync" };
static const char *const holds[] = { "auto", "memory", "file" };
static const char *const resumes[] = { "auto", "never", "must" };
static const char *const methods[] = { "darts", "random" };
static const char *const discretises[] = { "strongest", "threshold", "perturbation" };
static const char *const stops[] = { "none", "skips", "eigenvalue" };
static const char *const prunes[] = { "epoch", "keep" };
static const char *const stages[] = { "epoch", "cells", "keep" };
static const char *const bests[] = { "balanced", "top1", "loss" };

#define COUNT(list) ((int) (sizeof(list) / sizeof *(list)))
_Static_assert(COUNT(shapes) == TD_SHAPE_BETA + 1, "td_shape");
_Static_assert(COUNT(scales) == TD_SCALE_SQRT + 1, "td_lr_scale");
_Static_assert(COUNT(profiles) == TD_PROFILE_STEP + 1, "td_profile");
_Static_assert(COUNT(splits) == TD_SPLIT_INDEX + 1, "td_split");
_Static_assert(COUNT(recomputes) == TD_RECOMPUTE_AUTO + 1, "td_recompute");
_Static_assert(COUNT(norm_sharings) == TD_NORMS_SYNC + 1, "td_norm_sharing");
_Static_assert(COUNT(branch_splits) == TD_BRANCH_HEAD + 1, "td_branch_split");
_Static_assert(COUNT(holds) == TD_HOLD_FILE + 1, "td_hold");
_Static_assert(COUNT(resumes) == TD_RESUME_MUST + 1, "td_resume");
_Static_assert(COUNT(methods) == TD_METHOD_RANDOM + 1, "td_method");
_Static_assert(COUNT(discretises) == TD_DISCRETISE_PERTURBATION + 1, "td_discretise");
_Static_assert(COUNT(stops) == TD_STOP_EIGENVALUE + 1, "td_stop");
_Static_assert(COUNT(prunes) == TD_PRUNE_MEMBERS, "search.prune");
_Static_assert(COUNT(stages) == TD_STAGE_MEMBERS, "search.stages");
_Static_assert(COUNT(bests) == TD_BEST_LOSS + 1, "td_best");

/* ---- rows ----------------------------------------------------------------------- */

/* clang-format off */
/* Initialisers behind the help set further members. */
#define FIELD(kind, field, value, who, ...)                                            \
    .type = (kind), .offset = offsetof(td_config, field), .standard = (value),         \
    .commands = (who), .help = __VA_ARGS__
#define KEY(kind, field, ...) .name = #field, FIELD(kind, field, __VA_ARGS__)
#define NUMBER_OF(kind, field, value, least, most, what, who, ...)                     \
    KEY(kind, field, value, who, __VA_ARGS__), .low = (least), .high = (most),         \
        .unit = (what)
#define NUMBER(...) { NUMBER_OF(__VA_ARGS__) }
#define INT(...)   NUMBER(TD_KEY_INT, __VA_ARGS__)
#define INT64(...) NUMBER(TD_KEY_INT64, __VA_ARGS__)
#define REAL(...)  NUMBER(TD_KEY_REAL, __VA_ARGS__)
#define PAIR(...)  NUMBER(TD_KEY_PAIR, __VA_ARGS__)
#define EPOCH(...) NUMBER(TD_KEY_EPOCH, __VA_ARGS__)
#define BOOL(...)  { KEY(TD_KEY_BOOL, __VA_ARGS__), .unit = "" }
#define TEXT(...)  { KEY(TD_KEY_TEXT, __VA_ARGS__), .unit = "" }
#define LIST(...)  { KEY(TD_KEY_TEXT, __VA_ARGS__), .unit = "", .takes_list = true }
#define ROWS(list, ...)                                                                \
    { NUMBER_OF(TD_KEY_ROWS, __VA_ARGS__), .names = (list), .name_count = COUNT(list) }
#define NAME(list, ...) NAMES(list, COUNT(list), __VA_ARGS__)
#define NAMES(list, count, ...)                                                        \
    { KEY(TD_KEY_NAME, __VA_ARGS__),                                                   \
      .unit = "", .names = (list), .name_count = (count) }

/* NOLINTBEGIN(bugprone-macro-parentheses): names of members take no parentheses */
/* Rows of schedules: meaning and limits of `gamma` and its like are written once, and
 * each schedule lists the sub-keys that it takes. */
#define ALL_BUT_COUPLED TD_SHAPE_COUPLED
#define WITHOUT_GAMMA TD_SHAPE_EXPONENTIAL
#define SHAPE(who, schedule, value, count) \
    NAMES(shapes, count, schedule.shape, value, who, "course over the epochs")
#define START(who, schedule, value, most) \
    REAL(schedule.start, value, 0, most, "", who, "value where the shape is 1")
#define END(who, schedule, value, most) \
    REAL(schedule.end, value, 0, most, "", who, "value where the shape is 0")
#define GAMMA(who, schedule) \
    REAL(schedule.gamma, "0.97", 0, 1, "", who, \
         "factor of a drop, shapes exponential and step", .low_open = true)
#define EVERY(who, schedule) \
    INT(schedule.every, "15", 1, MOST, "epochs", who, "between drops, shape step")
#define WARMUP(who, schedule) \
    INT(schedule.warmup, "0", 0, MOST, "epochs", who, \
        "rise from 0 over the first so many")
#define LOSS_NUMBERS(who, loss) \
    REAL(loss.gamma, "auto", 0, 100, "", who, \
         "of focal: more weighs easy images less; of vs and cdt: exponent of the " \
         "factors of logits; auto: as published", \
         .takes_auto = true, .former = "2"), \
    REAL(loss.tau, "auto", 0, 100, "", who, \
         "of vs and logit-adjustment: factor on the log of class shares; auto: as " \
         "published", .takes_auto = true), \
    REAL(loss.margin, "0.5", 0, 2, "", who, \
         "of ldam: by which the cosine of the smallest class has to win"), \
    REAL(loss.head, "0.3", 0, 1, "", who, \
         "of label-aware-smoothing: for the largest class", .high_open = true), \
    REAL(loss.tail, "0", 0, 1, "", who, \
         "of label-aware-smoothing: for the smallest class", .high_open = true)
/* A key of a group of keys that begin alike. */
#define PART(kind, field, word, value, least, most, what, who, ...)                    \
    { FIELD(kind, field, value, who, __VA_ARGS__), .name = (word),                     \
      .low = (least), .high = (most), .unit = (what) }
#define MIX(who, group, step) \
    { FIELD(TD_KEY_NAME, group.mix.kind, "none", who, \
            "how " step " steps mix images: pairs of a shard, all over (mixup, remix) " \
            "or in a box (cutmix), or a box out of an image drawn by bbn.sampler (cmo)"), \
      .name = #group ".mix", .unit = "", .names = mixes, .name_count = COUNT(mixes) }, \
    PART(TD_KEY_REAL, group.mix.alpha, #group ".mix_alpha", "1", 0, 1000, "", who, \
         "shares are drawn from Beta(alpha, alpha), one a shard and step", \
         .low_open = true), \
    PART(TD_KEY_REAL, group.mix.probability, #group ".mix_probability", "auto", 0, 1, \
         "", who, "of a batch of a shard to be mixed; auto: 0.5 of cutmix and cmo, else 1", \
         .takes_auto = true, .low_open = true), \
    PART(TD_KEY_REAL, group.mix.kappa, #group ".mix_kappa", "3", 1, 1e9, "", who, \
         "of remix: a class with so many times the images of the other gives way"), \
    PART(TD_KEY_REAL, group.mix.tau, #group ".mix_tau", "0.5", 0, 1, "", who, \
         "of remix: where its share of the pixels is below this"), \
    PART(TD_KEY_INT, group.mix.from, #group ".mix_from", "0", 0, MOST, "epochs", who, \
         "first epoch with mixed images (cmo as published: 4)"), \
    PART(TD_KEY_EPOCH, group.mix.until, #group ".mix_until", "never", 0, MOST, "epochs", \
         who, "first epoch without them again (cmo as published: 3 before the end)")
#define PENALTY_KEY(NAME, word, leaf, kind, value, ...) \
    { .name = "arch.penalty." word "." #leaf, .unit = "", \
      FIELD(kind, arch.penalty[TD_PENALTY_##NAME].leaf, value, SEARCH, __VA_ARGS__) }
#define PENALTY(NAME, word, what) \
    PENALTY_KEY(NAME, #word, shape, TD_KEY_NAME, "constant", "course over the epochs", \
                .names = shapes, .name_count = WITHOUT_GAMMA), \
    PENALTY_KEY(NAME, #word, start, TD_KEY_REAL, "0", "weight of " what, .high = 1e6), \
    PENALTY_KEY(NAME, #word, end, TD_KEY_REAL, "0", "weight where the shape is 0", \
                .high = 1e6),
#define TEMPERATURE(field, value, what) \
    REAL(field, value, 0, 1e6, "", SEARCH, what, .low_open = true)
/* NOLINTEND(bugprone-macro-parentheses) */

enum { MOST = 1000000000 };   /* stands for "any"; sums of two do not overflow */
enum { MOST_TUNING = 1000000 }; /* nor MOST and so many for each decision */

const td_key td_keys[] = {
    INT64(seed, "2", 0, INFINITY, "", SAMPLING | BENCH,
          "of everything but the subset of images", .shorthand = "seed"),

    TEXT(data.path, "", SAMPLING | EVAL,
         "HDF5 file, files or folder of IDX or CIFAR, or folder of pictures",
         .shorthand = "data", .may_differ = true),
    REAL(data.imbalance, "1", 1, 1e9, "", TAIL,
         "largest class over smallest; 1 keeps all images", .shorthand = "imbalance"),
    INT64(data.largest, "0", 0, MOST, "images", TAIL,
          "that the largest class keeps, from which the others' follow; 0: all"),
    NAME(profiles, data.profile, "exp", TAIL, "how class sizes fall to the tail"),
    INT64(data.seed, "0", 0, INFINITY, "", TAIL,
          "which images the tail keeps, and the halves get"),
    NAME(splits, data.split, "stratified", TAIL,
         "halves cut class by class, or by index as DARTS would"),
    /* Halves without an image of each class are bad data: exit 3. */
    REAL(data.train_share, "0.5", 0, 1, "", TAIL, "share of the weight half",
         .low_open = true, .high_open = true, .train_closed = true, .refused = TD_DATA,
         .standard_train = "1"),
    INT(data.shards, "0", 0, 1 << 20, "shards", SAMPLING | BENCH,
        "0: the number of ranks at the first start"),
    INT(data.crop_pad, "4", 0, 1024, "pixels", LOOP,
        "padding before the random crop"),
    BOOL(data.flip, "true", LOOP, "mirror half of the draws"),
    NAME(augments, data.augment.kind, "none", LOOP,
         "operations that each draw gets, cropped and mirrored: a pair of AutoAugment's "
         "for CIFAR-10, or so many of RandAugment's"),
    INT(data.augment.operations, "2", 1, TD_AUGMENT_MOST, "operations", LOOP,
        "of randaugment, each drawn from fourteen"),
    INT(data.augment.magnitude, "9", 0, 30, "", LOOP,
        "of randaugment: 0 changes little, 30 as much as AutoAugment ever does"),
    INT(data.cutout, "0", 0, 4096, "pixels", LOOP,
        "side of a square set to zero in each draw; 0: none"),
    MIX(LOOP, data, "weight"),
    INT(data.pad_to, "0", 0, 4096, "pixels", LOOP,
        "side that smaller images are padded to with zeros; 0: as they are"),
    NAME(holds, data.hold, "auto", LOOP,
         "images of a rank: in memory, or read from an HDF5 file when they are drawn; "
         "auto: in memory those of its shards, if they fit",
         .may_differ = true),
    NAME(samplers, data.sampler, "instance", SAMPLING, "of the weight half"),
    INT(data.sampler_from, "0", 0, MOST, "epochs", SAMPLING,
        "epoch at which it begins; instance before"),

    INT(net.channels, "16", 1, 4096, "channels", NETWORK | TRAIN, "of the first cells",
        .standard_train = "36"),
    INT(net.cells, "8", 1, TD_MOST_CELLS, "cells", NETWORK | TRAIN,
        "reductions at 1/3 and 2/3, one alone is none; a search: 1, 3 or more",
        .standard_train = "20"),
    INT(net.nodes, "4", 1, 8, "nodes", NETWORK, "intermediate nodes of a cell"),
    LIST(net.operations, "all", NETWORK,
         "of every edge: all, no-skip, all-skip (all, and a skip connection beside them), s1 "
         "to s4 (RobustDARTS), or primitives in a list"),
    NAME(recomputes, net.recompute, "auto", NETWORK | TRAIN,
         "what the backward pass recomputes to save memory", .may_differ = true),
    NAME(heads, net.head, "linear", NETWORK | TRAIN,
         "from features to logits: a matrix and a bias; cosines with the rows of a "
         "matrix; a matrix that stays as it was drawn, its rows as far apart as can be"),
    REAL(net.head_scale, "auto", 0, 1e6, "", NETWORK | TRAIN,
         "factor on the logits of normalised and etf; auto: 30 and 1",
         .low_open = true, .takes_auto = true),

    INT(search.epochs, "50", 1, MOST, "epochs", HALVES, "length of the search",
        .shorthand = "epochs", .may_differ = true),
    INT(search.batch, "64", 1, 1 << 20, "images", HALVES | BENCH | EVAL,
        "of a branch, over all ranks", .shorthand = "batch"),
    INT(search.order, "1", 1, 2, "", NETWORK, "of the architecture's gradient"),
    NAME(methods, search.method, "darts", HALVES,
         "alphas that learn; random: weights of a random cell in each step, and the best "
         "of some on the held-out half"),
    NAME(discretises, search.discretise, "strongest", HALVES,
         "which operations a cell gets: of each node the two strongest edges', or of "
         "these those that reach search.threshold (FairDARTS): a node may have none; or, "
         "edge by edge in epochs of their own, those that held-out images miss most "
         "(DARTS-PT, but with running statistics, equal for any batches, and alphas "
         "that rest: the search's decide)"),
    REAL(search.threshold, "0.85", 0, 1, "", SEARCH,
         "of threshold: least strength of an operation that is kept", .low_open = true,
         .high_open = true),
    INT(search.tuning_epochs, "5", 1, MOST_TUNING, "epochs", SEARCH,
        "of perturbation: of the weights alone, from one decision to the next; with "
        "net.nodes 4 there are 17 decisions"),
    INT(search.projection_images, "0", 0, INT32_MAX, "images", SEARCH,
        "of perturbation: held-out images by which it decides, evenly out of the half; "
        "0: all"),
    EPOCH(search.max_skips, "never", 0, 16, "connections", SEARCH,
          "that the normal cell may have: the weakest go, though metrics.csv counts them; "
          "never: no limit"),
    INT(search.samples, "20", 1, 100000, "cells", SEARCH,
        "of random: that are judged in the end"),
    NAME(stops, search.stop, "none", SEARCH,
         "ends it early: many skip connections, or a large eigenvalue of the Hessian of "
         "the held-out loss"),
    INT(search.stop_start, "10", 0, MOST, "epochs", SEARCH,
        "first that may end it (skips), or whose cell may be returned (eigenvalue)"),
    INT(search.stop_limit, "2", 0, 16, "connections", SEARCH,
        "of skips: more of them in the normal cell end it"),
    INT(search.stop_every, "2", 1, MOST, "epochs", SEARCH,
        "of eigenvalue: from one evaluation to the next"),
    INT(search.stop_window, "5", 1, 1000, "evaluations", SEARCH,
        "of eigenvalue: that are averaged"),
    INT(search.stop_delta, "4", 1, 1000, "evaluations", SEARCH,
        "of eigenvalue: between two averages that are compared"),
    REAL(search.stop_factor, "1.3", 0, 1e6, "", SEARCH,
         "of eigenvalue: growth of the average that ends it", .low_open = true),
    ROWS(prunes, search.prune, "[]", 1, MOST, "", SEARCH,
         "from an epoch on, counted from 0, the strongest operations of an edge alone"),
    ROWS(stages, search.stages, "[]", 1, MOST, "", HALVES,
         "at an epoch, counted from 0, the strongest operations of an edge go on alone "
         "in a network of more cells, all of which begins anew; schedules, too (P-DARTS: "
         "with drop-out on skips, skip_dropout: 0.4)", .share = "skip_dropout"),

    /* A training uses the fields of a search's loop: a run has only one of them. */
    { FIELD(TD_KEY_INT, search.epochs, "600", TRAIN, "length of the training"),
      .low = 1, .high = MOST, .unit = "epochs", .name = "train.epochs",
      .shorthand = "epochs", .may_differ = true },
    { FIELD(TD_KEY_INT, search.batch, "96", TRAIN, "of a branch, over all ranks"),
      .low = 1, .high = 1 << 20, .unit = "images", .name = "train.batch",
      .shorthand = "batch" },
    TEXT(train.genotype, "", TRAIN | BENCH,
         "checkpoint, run, text or name: DARTS_V1 DARTS_V2 PCDARTS PDARTS",
         .shorthand = "genotype"),
    TEXT(train.from, "", TRAIN,
         "checkpoint or run of a training: its classifier alone learns anew (cRT), by default "
         "in 10 epochs, class-balanced, on the images of that run, without "
         "train.auxiliary and train.drop_path, which help a trunk", .shorthand = "from"),
    BOOL(train.auxiliary, "true", TRAIN | BENCH,
         "a second classifier at 2/3, where 8 to 10 pixels are left"),
    REAL(train.auxiliary_weight, "0.4", 0, 1e6, "", TRAIN, "factor on its loss"),
    NAME(bests, train.best, "balanced", TRAIN,
         "chooses best.h5 on the images held out"),
    SHAPE(TRAIN, train.drop_path, "rising_linear", ALL_BUT_COUPLED),
    START(TRAIN, train.drop_path, "0.2", 0.99),
    END(TRAIN, train.drop_path, "0", 0.99),
    GAMMA(TRAIN, train.drop_path),
    EVERY(TRAIN, train.drop_path),

    SHAPE(LOOP, weights.lr, "cosine", ALL_BUT_COUPLED),
    START(LOOP, weights.lr, "0.025", 1e6),
    REAL(weights.lr.end, "0.001", 0, 1e6, "", LOOP, "value where the shape is 0",
         .standard_train = "0"),
    NAME(scales, weights.lr.scale, "none", LOOP,
         "with the batch, relative to 64 (train: 96)"),
    GAMMA(LOOP, weights.lr),
    EVERY(LOOP, weights.lr),
    WARMUP(LOOP, weights.lr),
    REAL(weights.momentum, "0.9", 0, 1, "", LOOP, "of SGD", .high_open = true),
    REAL(weights.decay, "0.0003", 0, 1e6, "", LOOP, "L2 weight decay"),
    REAL(weights.clip, "5", 0, INFINITY, "", LOOP, "largest norm of the gradient",
         .low_open = true),
    NAME(losses, weights.loss.kind, "cross-entropy", LOOP, "of the weight step"),
    LOSS_NUMBERS(LOOP, weights.loss),
    NAME(weightings, weights.class_weights, "none", LOOP,
         "in the loss of the weight step"),
    INT(weights.class_weights_from, "0", 0, MOST, "epochs", LOOP,
        "classes weigh the same before this epoch"),

    SHAPE(SEARCH, arch.lr, "constant", ALL_BUT_COUPLED + 1),
    START(SEARCH, arch.lr, "0.0003", 1e6),
    END(SEARCH, arch.lr, "0", 1e6),
    WARMUP(SEARCH, arch.lr),
    INT(arch.lr.frozen_until, "0", 0, MOST, "epochs", HALVES,
        "no architecture step before this epoch"),
    EPOCH(arch.lr.frozen_from, "never", 0, MOST, "epochs", HALVES,
          "no architecture step from this epoch on"),
    GAMMA(SEARCH, arch.lr),
    EVERY(SEARCH, arch.lr),
    REAL(arch.decay, "0.001", 0, 1e6, "", SEARCH, "L2 weight decay of Adam"),
    PAIR(arch.betas, "[0.5, 0.999]", 0, 1, "", SEARCH, "of Adam", .high_open = true),
    INT(arch.interval, "1", 1, MOST, "steps", HALVES,
        "from one architecture step to the next"),
    NAME(samplers, arch.sampler, "instance", HALVES, "of the architecture half"),
    INT(arch.sampler_from, "0", 0, MOST, "epochs", HALVES,
        "epoch at which it begins; instance before"),
    MIX(SEARCH, arch, "architecture"),
    NAME(losses, arch.loss.kind, "cross-entropy", SEARCH, "of the architecture step"),
    LOSS_NUMBERS(SEARCH, arch.loss),
    NAME(weightings, arch.class_weights, "none", SEARCH,
         "in the loss of the architecture step"),
    INT(arch.class_weights_from, "0", 0, MOST, "epochs", SEARCH,
        "classes weigh the same before this epoch"),
    NAME(relaxations, arch.relaxation, "softmax", SEARCH | BENCH,
         "from alphas to the weights of an edge's operations"),
    SHAPE(SEARCH, arch.temperature, "constant", ALL_BUT_COUPLED),
    TEMPERATURE(arch.temperature.start, "1", "value where the shape is 1"),
    TEMPERATURE(arch.temperature.end, "0.1", "value where the shape is 0"),
    GAMMA(SEARCH, arch.temperature),
    EVERY(SEARCH, arch.temperature),
    BOOL(arch.edge_weights, "false", SEARCH | BENCH,
         "parameters beta of the edges into a node, as in PC-DARTS"),
    TD_PENALTIES(PENALTY)
    SHAPE(SEARCH, arch.skip_bonus, "linear", WITHOUT_GAMMA),
    REAL(arch.skip_bonus.start, "0", 0, 1e6, "", SEARCH,
         "added to the weight of skip_connect where the stride is 1; DARTS-: 1"),
    END(SEARCH, arch.skip_bonus, "0", 1e6),
    NAME(perturbations, arch.perturb, "none", SEARCH | BENCH,
         "shift of operations' weights in weight steps, as in SmoothDARTS"),
    SHAPE(SEARCH, arch.epsilon, "rising_linear", WITHOUT_GAMMA),
    REAL(arch.epsilon.start, "0.3", 0, 1, "", SEARCH | BENCH,
         "largest shift where the shape is 1"),
    END(SEARCH, arch.epsilon, "0", 1),

    BOOL(bbn.enabled, "false", SAMPLING | BENCH, "two branches"),
    NAME(branch_splits, bbn.split, "cell", LOOP | BENCH,
         "what each branch has of its own: the last cell and a head, or a head alone"),
    NAME(samplers, bbn.sampler, "reversed", SAMPLING,
         "of the re-balancing branch, and of images that cmo pastes (as published: "
         "class-balanced)"),
    NAME(shapes, bbn.mixing.shape, "parabolic", LOOP,
         "course over the epochs; beta: a draw of Beta(0.2, 0.2) a step"),
    START(LOOP, bbn.mixing, "1", 1),
    END(LOOP, bbn.mixing, "0", 1),
    REAL(bbn.mixing.gamma, "0.97", 0, 1, "", LOOP,
         "factor of a drop, shapes exponential and step; 0: two stages, the second "
         "from epoch bbn.mixing.every on"),
    EVERY(LOOP, bbn.mixing),

    NAME(reducers, dist.reduce, "blocking", LOOP | BENCH,
         "how gradients are summed over ranks: at once, by rings where MPI's own sum "
         "is slower; while the rest is computed; at once by rings",
         .may_differ = true),
    INT(dist.bucket, "1024", 16, 1048576, "KiB", LOOP | BENCH,
        "of gradients that travel together in rings, with any dist.reduce",
        .may_differ = true),
    NAME(norm_sharings, dist.batchnorm, "local", LOOP | BENCH,
         "whose images share a batch norm: a rank's (with dist.reproducible a "
         "shard's), a shard's, all ranks'"),
    BOOL(dist.reproducible, "false", LOOP | BENCH,
         "the same bits on any number of ranks that divides data.shards"),

    REAL(dist.timeout_seconds, "600", 0, 1e9, "seconds", LOOP | BENCH | EVAL,
         "in which no rank moves until the job ends; 0: never", .may_differ = true),

    REAL(checkpoint.minutes, "15", 0, 1e9, "minutes", LOOP,
         "between checkpoints within an epoch; 0: every step", .may_differ = true),

    TEXT(run.out, "", LOOP, "run directory", .shorthand = "out", .may_differ = true),
    INT(run.threads, "0", 0, 4096, "threads", LOOP | BENCH | EVAL,
        "of a rank; 0: OMP_NUM_THREADS, or the CPUs it is bound to",
        .shorthand = "threads", .may_differ = true),
    INT(run.trace, "0", 0, 100000, "steps", LOOP,
        "first of this start that trace.json shows, for Perfetto", .may_differ = true),
    NAME(resumes, run.resume, "auto", LOOP, "continue the run found in run.out",
         .shorthand = "resume", .may_differ = true),

    INT(bench.steps, "5", 1, 1000000, "steps", BENCH, "to be timed",
        .may_differ = true),
    INT(bench.warmup, "1", 0, 1000000, "steps", BENCH, "before the clock starts",
        .may_differ = true),
    INT(bench.size, "32", 4, 4096, "pixels", BENCH,
        "side of the images, divisible by 4", .may_differ = true),
    INT(bench.image_channels, "3", 1, 3, "channels", BENCH, "of the images",
        .may_differ = true),
    INT(bench.classes, "10", 2, 100000, "classes", BENCH, "of the classifier",
        .may_differ = true),
    INT(bench.keep, "8", 1, 8, "operations", BENCH,
        "of an edge that take part, drawn at random: as after search.prune",
        .may_differ = true),
};
/* clang-format on */

/* ---- looking up ----------------------------------------------------------------- */

const char *td_key_standard(const td_key *key, td_config_command command)
{
    bool differs = command == TD_FOR_TRAIN && key->standard_train;
    return differs ? key->standard_train : key->standard;
}

bool td_key_is_high_open(const td_key *key, td_config_command command)
{
    return key->high_open && !(key->train_closed && command == TD_FOR_TRAIN);
}

const char *td_reducer_word(td_reducer_kind kind)
{
    TD_ASSERT(kind >= 0 && kind < TD_REDUCER_COUNT);
    return reducers[kind];
}

const char *td_best_name(td_best best)
{
    TD_ASSERT(best >= 0 && (int) best < COUNT(bests));
    return bests[best];
}

const char *td_best_title(td_best best)
{
    static const char *const titles[] = { "balanced accuracy", "top-1", "loss" };
    TD_ASSERT(best >= 0 && (int) best < COUNT(titles));
    return titles[best];
}

bool td_best_find(td_best *best, const char *name)
{
    for (int i = 0; i < COUNT(bests); i++)
        if (strcmp(bests[i], name) == 0) {
            *best = (td_best) i;
            return true;
        }
    return false;
}

int td_key_count(void)
{
    return COUNT(td_keys);
}

const td_key *td_key_find(const char *name)
{
    for (int i = 0; i < td_key_count(); i++)
        if (strcmp(td_keys[i].name, name) == 0)
            return &td_keys[i];
    return NULL;
}

const td_key *td_key_find_group(const char *name)
{
    size_t length = strlen(name);
    for (int i = 0; i < td_key_count(); i++)
        if (strncmp(td_keys[i].name, name, length) == 0 &&
            td_keys[i].name[length] == '.')
            return &td_keys[i];
    return NULL;
}
