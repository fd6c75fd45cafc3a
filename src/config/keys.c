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

#include "words.h"

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
static const char *const reducers[] = { TD_REDUCERS(WORD) };
static const char *const relaxations[] = { TD_RELAXATIONS(WORD) };
#define BARE_WORD(NAME, word) word,
static const char *const perturbations[] = { TD_PERTURBATIONS(BARE_WORD) };
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
#define COURSE(what) "course of the " what " over the epochs"
#define AT_ONE(what) what " where its shape is 1"
#define AT_ZERO(what) what " where its shape is 0"
#define SHAPE(who, schedule, value, count, what) \
    NAMES(shapes, count, schedule.shape, value, who, COURSE(what))
#define START(who, schedule, value, most, what) \
    REAL(schedule.start, value, 0, most, "", who, AT_ONE(what))
#define END(who, schedule, value, most, what) \
    REAL(schedule.end, value, 0, most, "", who, AT_ZERO(what))
#define DROP(what) "factor of each drop of the " what ", shapes exponential and step"
#define GAMMA(who, schedule, what) \
    REAL(schedule.gamma, "0.97", 0, 1, "", who, DROP(what), .low_open = true)
#define EVERY(who, schedule, what) \
    INT(schedule.every, "15", 1, MOST, "epochs", who, \
        "from one drop of the " what " to the next, shape step")
#define WARMUP(who, schedule, what) \
    INT(schedule.warmup, "0", 0, MOST, "epochs", who, \
        "the first ones, over which the " what " rises from 0; 0: none")
#define LOSS_NUMBERS(who, loss, step) \
    REAL(loss.gamma, "auto", 0, 100, "", who, \
         "gamma of the " step "'s loss: of focal, more weighs easy images less; of vs " \
         "and cdt, exponent of the factors of logits; auto: as published", \
         .takes_auto = true, .former = "2"), \
    REAL(loss.tau, "auto", 0, 100, "", who, \
         "tau of the " step "'s loss vs or logit-adjustment: factor on the log of class " \
         "shares; auto: as published", .takes_auto = true), \
    REAL(loss.margin, "0.5", 0, 2, "", who, \
         "margin of the " step "'s loss ldam: by which the cosine of the smallest class " \
         "has to win"), \
    REAL(loss.head, "0.3", 0, 1, "", who, \
         "smoothing of the largest class by the " step "'s loss label-aware-smoothing", \
         .high_open = true), \
    REAL(loss.tail, "0", 0, 1, "", who, \
         "smoothing of the smallest class by the " step "'s loss " \
         "label-aware-smoothing", .high_open = true)
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
         "shares of mixed images of " step " steps are drawn from Beta(alpha, alpha), one " \
         "a shard and step", \
         .low_open = true), \
    PART(TD_KEY_REAL, group.mix.probability, #group ".mix_probability", "auto", 0, 1, \
         "", who, "probability that a shard's batch of a " step " step is mixed; auto: " \
         "0.5 of cutmix and cmo, else 1", \
         .takes_auto = true, .low_open = true), \
    PART(TD_KEY_REAL, group.mix.kappa, #group ".mix_kappa", "3", 1, 1e9, "", who, \
         "kappa of remix in " step " steps: a class with so many times the images of the " \
         "other gives way"), \
    PART(TD_KEY_REAL, group.mix.tau, #group ".mix_tau", "0.5", 0, 1, "", who, \
         "tau of remix in " step " steps: a class gives way where its share of the " \
         "pixels is below this"), \
    PART(TD_KEY_INT, group.mix.from, #group ".mix_from", "0", 0, MOST, "epochs", who, \
         "first epoch whose " step " steps mix images (cmo as published: 4)"), \
    PART(TD_KEY_EPOCH, group.mix.until, #group ".mix_until", "never", 0, MOST, "epochs", \
         who, "first epoch whose " step " steps mix images no more (cmo as published: 3 " \
         "before the end)")
#define PENALTY_KEY(NAME, word, leaf, kind, value, ...) \
    { .name = "arch.penalty." word "." #leaf, .unit = "", \
      FIELD(kind, arch.penalty[TD_PENALTY_##NAME].leaf, value, SEARCH, __VA_ARGS__) }
#define PENALTY(NAME, word, what) \
    PENALTY_KEY(NAME, #word, shape, TD_KEY_NAME, "constant", \
                COURSE("weight of penalty " #word), \
                .names = shapes, .name_count = WITHOUT_GAMMA), \
    PENALTY_KEY(NAME, #word, start, TD_KEY_REAL, "0", \
                AT_ONE("weight of a penalty on the architecture") ": " what, \
                .high = 1e6), \
    PENALTY_KEY(NAME, #word, end, TD_KEY_REAL, "0", \
                AT_ZERO("weight of penalty " #word), .high = 1e6),
#define DROP_PATH "probability of drop path"
#define LR "learning rate of the weights"
#define ARCH_LR "learning rate of the architecture"
#define RELAXED "temperature of the relaxation"
#define MIXING "mixing ratio (the share of the conventional branch)"
#define BONUS "bonus of skip_connect"
#define SHIFT "largest shift of a perturbation"
#define TEMPERATURE(field, value, what) \
    REAL(field, value, 0, 1e6, "", SEARCH, what, .low_open = true)
/* NOLINTEND(bugprone-macro-parentheses) */

enum { MOST = 1000000000 };   /* stands for "any"; sums of two do not overflow */
enum { MOST_TUNING = 1000000 }; /* nor MOST and so many for each decision */

const td_key td_keys[] = {
    INT64(seed, "2", 0, INFINITY, "", SAMPLING | BENCH,
          "seed of all draws; which images the tail keeps has one of its own (data.seed)",
          .shorthand = "seed"),

    TEXT(data.path, "", SAMPLING | EVAL,
         "data set: HDF5 file, files or folder of IDX or CIFAR, or folder of pictures",
         .shorthand = "data", .may_differ = true),
    REAL(data.imbalance, "1", 1, 1e9, "", TAIL,
         "largest class over smallest; 1 keeps all images", .shorthand = "imbalance"),
    INT64(data.largest, "0", 0, MOST, "images", TAIL,
          "images that the largest class keeps, from which the others' follow; 0: all"),
    NAME(profiles, data.profile, "exp", TAIL, "how class sizes fall to the tail"),
    INT64(data.seed, "0", 0, INFINITY, "", TAIL,
          "seed of which images the tail keeps, and the halves get"),
    NAME(splits, data.split, "stratified", TAIL,
         "halves cut class by class, or by index as DARTS would"),
    /* Halves without an image of each class are bad data: exit 3. */
    REAL(data.train_share, "0.5", 0, 1, "", TAIL,
         "share of the images that weight steps draw from; the rest is for the "
         "architecture, or held out of a training",
         .low_open = true, .high_open = true, .train_closed = true, .refused = TD_DATA,
         .standard_train = "1"),
    INT(data.shards, "0", 0, 1 << 20, "shards", SAMPLING | BENCH,
        "fixed parts that the images are cut into; 0: the number of ranks at the first "
        "start"),
    INT(data.crop_pad, "4", 0, 1024, "pixels", LOOP,
        "pixels of padding before the random crop"),
    BOOL(data.flip, "true", LOOP, "mirror half of the draws"),
    NAME(augments, data.augment.kind, "none", LOOP,
         "operations that each draw gets, cropped and mirrored: a pair of "
         "AutoAugment's for CIFAR-10, or so many of RandAugment's"),
    INT(data.augment.operations, "2", 1, TD_AUGMENT_MOST, "operations", LOOP,
        "operations that randaugment gives a draw, each drawn from fourteen"),
    INT(data.augment.magnitude, "9", 0, 30, "", LOOP,
        "strength of randaugment: 0 changes little, 30 as much as AutoAugment ever "
        "does"),
    INT(data.cutout, "0", 0, 4096, "pixels", LOOP,
        "side of a square set to zero in each draw; 0: none"),
    MIX(LOOP, data, "weight"),
    INT(data.pad_to, "0", 0, 4096, "pixels", LOOP,
        "side that smaller images are padded to with zeros; 0: as they are"),
    NAME(holds, data.hold, "auto", LOOP,
         "images of a rank: in memory, or read from an HDF5 file when they are drawn; "
         "auto: in memory those of its shards, if they fit",
         .may_differ = true),
    NAME(samplers, data.sampler, "instance", SAMPLING,
         "how weight steps draw their images"),
    INT(data.sampler_from, "0", 0, MOST, "epochs", SAMPLING,
        "epoch at which data.sampler begins; instance before"),

    INT(net.channels, "16", 1, 4096, "channels", NETWORK | TRAIN,
        "channels of the first cells",
        .standard_train = "36"),
    INT(net.cells, "8", 1, TD_MOST_CELLS, "cells", NETWORK | TRAIN,
        "cells of the network, reductions at 1/3 and 2/3, one alone is none; a search: "
        "1, 3 or more",
        .standard_train = "20"),
    INT(net.nodes, "4", 1, 8, "nodes", NETWORK, "intermediate nodes of a cell"),
    LIST(net.operations, "all", NETWORK,
         "operations of every edge: all, no-skip, all-skip (all, and a skip connection "
         "beside them), s1 to s4 (RobustDARTS), or primitives in a list"),
    NAME(td_stem_words, net.stem, "cifar", NETWORK | TRAIN,
         "layers before the cells: a convolution, for images up to some 64 pixels; "
         "imagenet: three that halve the sides each, for 64 to 224"),
    NAME(recomputes, net.recompute, "auto", NETWORK | TRAIN,
         "what the backward pass recomputes to save memory", .may_differ = true),
    NAME(td_head_words, net.head, "linear", NETWORK | TRAIN,
         "head from features to logits: a matrix and a bias; cosines with the rows of "
         "a matrix; a matrix that stays as it was drawn, its rows as far apart as can "
         "be"),
    REAL(net.head_scale, "auto", 0, 1e6, "", NETWORK | TRAIN,
         "factor on the logits of normalised and etf; auto: 30 and 1",
         .low_open = true, .takes_auto = true),

    INT(search.epochs, "50", 1, MOST, "epochs", HALVES, "length of the search",
        .shorthand = "epochs", .may_differ = true),
    INT(search.batch, "64", 1, 1 << 20, "images", HALVES | BENCH | EVAL,
        "images of a step over all ranks; of each branch where there are two",
        .shorthand = "batch"),
    INT(search.order, "1", 1, 2, "", NETWORK,
        "order of the architecture's gradient, first or second (unrolled)"),
    NAME(methods, search.method, "darts", HALVES,
         "method: alphas that learn; random: weights of a random cell in each step, "
         "and the best of some on the held-out half"),
    NAME(discretises, search.discretise, "strongest", HALVES,
         "which operations a cell gets: of each node the two strongest edges', or of "
         "these those that reach search.threshold (FairDARTS): a node may have none; "
         "or, edge by edge in epochs of their own, those that held-out images miss "
         "most (DARTS-PT, but with running statistics, equal for any batches, and "
         "alphas that rest: the search's decide)"),
    REAL(search.threshold, "0.85", 0, 1, "", SEARCH,
         "least strength of an operation that search.discretise threshold keeps",
         .low_open = true,
         .high_open = true),
    INT(search.tuning_epochs, "5", 1, MOST_TUNING, "epochs", SEARCH,
        "epochs of the weights alone from one decision of search.discretise "
        "perturbation to the next; with net.nodes 4 there are 17 decisions"),
    INT(search.projection_images, "0", 0, INT32_MAX, "images", SEARCH,
        "held-out images by which search.discretise perturbation decides, evenly out "
        "of the half; 0: all"),
    EPOCH(search.max_skips, "never", 0, 16, "connections", SEARCH,
          "skip connections that the normal cell may have: the weakest go, though "
          "metrics.csv counts them; never: no limit"),
    INT(search.samples, "20", 1, 100000, "cells", SEARCH,
        "cells that search.method random judges in the end"),
    NAME(stops, search.stop, "none", SEARCH,
         "what ends a search early: many skip connections, or a large eigenvalue of "
         "the Hessian of the held-out loss"),
    INT(search.stop_start, "10", 0, MOST, "epochs", SEARCH,
        "first epoch that search.stop skips may end the search at, or whose cell its "
        "eigenvalue may return"),
    INT(search.stop_limit, "2", 0, 16, "connections", SEARCH,
        "skip connections: more of them in the normal cell end a search with "
        "search.stop skips"),
    INT(search.stop_every, "2", 1, MOST, "epochs", SEARCH,
        "from one evaluation of search.stop eigenvalue to the next"),
    INT(search.stop_window, "5", 1, 1000, "evaluations", SEARCH,
        "evaluations of search.stop eigenvalue that are averaged"),
    INT(search.stop_delta, "4", 1, 1000, "evaluations", SEARCH,
        "evaluations between two averages that search.stop eigenvalue compares"),
    REAL(search.stop_factor, "1.3", 0, 1e6, "", SEARCH,
         "growth of the average at which search.stop eigenvalue ends the search",
         .low_open = true),
    ROWS(prunes, search.prune, "[]", 1, MOST, "", SEARCH,
         "pruning: from an epoch on, counted from 0, the strongest operations of an "
         "edge alone"),
    ROWS(stages, search.stages, "[]", 1, MOST, "", HALVES,
         "stages: at an epoch, counted from 0, the strongest operations of an edge go "
         "on alone in a network of more cells, all of which begins anew; schedules, "
         "too (P-DARTS: with drop-out on skips, skip_dropout: "
         "0.4)", .share = "skip_dropout"),

    /* A training uses the fields of a search's loop: a run has only one of them. */
    { FIELD(TD_KEY_INT, search.epochs, "600", TRAIN, "length of the training"),
      .low = 1, .high = MOST, .unit = "epochs", .name = "train.epochs",
      .shorthand = "epochs", .may_differ = true },
    { FIELD(TD_KEY_INT, search.batch, "96", TRAIN,
        "images of a step over all ranks; of each branch where there are two"),
      .low = 1, .high = 1 << 20, .unit = "images", .name = "train.batch",
      .shorthand = "batch" },
    TEXT(train.genotype, "", TRAIN | BENCH,
         "cell to train: checkpoint, run, text or name: DARTS_V1 DARTS_V2 PCDARTS PDARTS",
         .shorthand = "genotype"),
    TEXT(train.from, "", TRAIN,
         "checkpoint or run of a training to go on from: its classifier alone learns "
         "anew (cRT), by default in 10 epochs, class-balanced, on the images of that "
         "run, without train.auxiliary and train.drop_path, which help a trunk",
         .is_run = true, .shorthand = "from"),
    BOOL(train.auxiliary, "true", TRAIN | BENCH,
         "auxiliary head: a second classifier at 2/3, where 8 to 10 pixels are left, or "
         "with net.stem imagenet 7 or 8"),
    REAL(train.auxiliary_weight, "0.4", 0, 1e6, "", TRAIN,
         "factor on the loss of the auxiliary head"),
    NAME(bests, train.best, "balanced", TRAIN,
         "measure on the images held out that chooses best.h5"),
    SHAPE(TRAIN, train.drop_path, "rising_linear", ALL_BUT_COUPLED, DROP_PATH),
    START(TRAIN, train.drop_path, "0.2", 0.99, DROP_PATH),
    END(TRAIN, train.drop_path, "0", 0.99, DROP_PATH),
    GAMMA(TRAIN, train.drop_path, DROP_PATH),
    EVERY(TRAIN, train.drop_path, DROP_PATH),

    SHAPE(LOOP, weights.lr, "cosine", ALL_BUT_COUPLED, LR),
    START(LOOP, weights.lr, "0.025", 1e6, LR),
    REAL(weights.lr.end, "0.001", 0, 1e6, "", LOOP, AT_ZERO(LR),
         .standard_train = "0"),
    NAME(scales, weights.lr.scale, "none", LOOP,
         "how the learning rate of the weights grows with the batch, relative to 64 "
         "(train: 96)"),
    GAMMA(LOOP, weights.lr, LR),
    EVERY(LOOP, weights.lr, LR),
    WARMUP(LOOP, weights.lr, LR),
    REAL(weights.momentum, "0.9", 0, 1, "", LOOP,
         "momentum of SGD on the weights", .high_open = true),
    REAL(weights.decay, "0.0003", 0, 1e6, "", LOOP, "L2 weight decay of the weights"),
    REAL(weights.clip, "5", 0, INFINITY, "", LOOP,
         "largest norm of the weights' gradient: longer ones are clipped",
         .low_open = true),
    NAME(td_loss_words, weights.loss.kind, "cross-entropy", LOOP, "loss of the weight step"),
    LOSS_NUMBERS(LOOP, weights.loss, "weight step"),
    NAME(weightings, weights.class_weights, "none", LOOP,
         "class weights in the loss of the weight step"),
    INT(weights.class_weights_from, "0", 0, MOST, "epochs", LOOP,
        "first epoch with class weights in the loss of the weight step"),

    SHAPE(SEARCH, arch.lr, "constant", ALL_BUT_COUPLED + 1, ARCH_LR),
    START(SEARCH, arch.lr, "0.0003", 1e6, ARCH_LR),
    END(SEARCH, arch.lr, "0", 1e6, ARCH_LR),
    WARMUP(SEARCH, arch.lr, ARCH_LR),
    INT(arch.lr.frozen_until, "0", 0, MOST, "epochs", HALVES,
        "first epoch with architecture steps"),
    EPOCH(arch.lr.frozen_from, "never", 0, MOST, "epochs", HALVES,
          "first epoch without architecture steps again"),
    GAMMA(SEARCH, arch.lr, ARCH_LR),
    EVERY(SEARCH, arch.lr, ARCH_LR),
    REAL(arch.decay, "0.001", 0, 1e6, "", SEARCH,
         "L2 weight decay of the architecture, in Adam"),
    PAIR(arch.betas, "[0.5, 0.999]", 0, 1, "", SEARCH,
         "decay of both moments of Adam on the architecture",
         .high_open = true),
    INT(arch.interval, "1", 1, MOST, "steps", HALVES,
        "weight steps from one architecture step to the next"),
    NAME(samplers, arch.sampler, "instance", HALVES,
         "how architecture steps draw their images"),
    INT(arch.sampler_from, "0", 0, MOST, "epochs", HALVES,
        "epoch at which arch.sampler begins; instance before"),
    MIX(SEARCH, arch, "architecture"),
    NAME(td_loss_words, arch.loss.kind, "cross-entropy", SEARCH,
         "loss of the architecture step"),
    LOSS_NUMBERS(SEARCH, arch.loss, "architecture step"),
    NAME(weightings, arch.class_weights, "none", SEARCH,
         "class weights in the loss of the architecture step"),
    INT(arch.class_weights_from, "0", 0, MOST, "epochs", SEARCH,
        "first epoch with class weights in the loss of the architecture step"),
    NAME(relaxations, arch.relaxation, "softmax", SEARCH | BENCH,
         "relaxation: from alphas to the weights of an edge's operations"),
    SHAPE(SEARCH, arch.temperature, "constant", ALL_BUT_COUPLED, RELAXED),
    TEMPERATURE(arch.temperature.start, "1", AT_ONE(RELAXED)),
    TEMPERATURE(arch.temperature.end, "0.1", AT_ZERO(RELAXED)),
    GAMMA(SEARCH, arch.temperature, RELAXED),
    EVERY(SEARCH, arch.temperature, RELAXED),
    BOOL(arch.edge_weights, "false", SEARCH | BENCH,
         "edge weights: parameters beta of the edges into a node, as in PC-DARTS"),
    TD_PENALTIES(PENALTY)
    SHAPE(SEARCH, arch.skip_bonus, "linear", WITHOUT_GAMMA, BONUS),
    REAL(arch.skip_bonus.start, "0", 0, 1e6, "", SEARCH,
         AT_ONE(BONUS) ": added to its weight where the stride is 1; DARTS-: 1"),
    END(SEARCH, arch.skip_bonus, "0", 1e6, BONUS),
    NAME(perturbations, arch.perturb, "none", SEARCH | BENCH,
         "perturbation: shift of operations' weights in weight steps, as in "
         "SmoothDARTS"),
    SHAPE(SEARCH, arch.epsilon, "rising_linear", WITHOUT_GAMMA, SHIFT),
    REAL(arch.epsilon.start, "0.3", 0, 1, "", SEARCH | BENCH,
         AT_ONE(SHIFT)),
    END(SEARCH, arch.epsilon, "0", 1, SHIFT),

    BOOL(bbn.enabled, "false", SAMPLING | BENCH,
         "two branches (BBN): a conventional and a re-balancing one"),
    NAME(branch_splits, bbn.split, "cell", LOOP | BENCH,
         "what each branch has of its own: the last cell and a head, or a head alone"),
    NAME(samplers, bbn.sampler, "reversed", SAMPLING,
         "how the re-balancing branch draws its images, and those images that cmo "
         "pastes (as published: class-balanced)"),
    NAME(shapes, bbn.mixing.shape, "parabolic", LOOP,
         COURSE(MIXING) "; beta: a draw of Beta(0.2, 0.2) a step"),
    START(LOOP, bbn.mixing, "1", 1, MIXING),
    END(LOOP, bbn.mixing, "0", 1, MIXING),
    REAL(bbn.mixing.gamma, "0.97", 0, 1, "", LOOP,
         DROP(MIXING) "; 0: two stages, the second from epoch bbn.mixing.every on"),
    EVERY(LOOP, bbn.mixing, MIXING),

    NAME(reducers, dist.reduce, "blocking", LOOP | BENCH,
         "how gradients are summed over ranks: at once, by rings where MPI's own sum "
         "is slower; while the rest is computed; at once by rings",
         .may_differ = true),
    INT(dist.bucket, "1024", 16, 1048576, "KiB", LOOP | BENCH,
        "size of gradients that travel together in rings, with any dist.reduce",
        .may_differ = true),
    NAME(norm_sharings, dist.batchnorm, "local", LOOP | BENCH,
         "batch norm: whose images share one: a rank's (with dist.reproducible a "
         "shard's), a shard's, all ranks'"),
    BOOL(dist.reproducible, "false", LOOP | BENCH,
         "reproducible: the same bits on any number of ranks that divides data.shards"),

    REAL(dist.timeout_seconds, "600", 0, 1e9, "seconds", LOOP | BENCH | EVAL,
         "time in which no rank moves until the job ends; 0: never",
         .may_differ = true),

    REAL(checkpoint.minutes, "15", 0, 1e9, "minutes", LOOP,
         "time between checkpoints within an epoch; 0: every step", .may_differ = true),

    TEXT(run.out, "", LOOP, "run directory", .shorthand = "out", .may_differ = true),
    INT(run.threads, "0", 0, 4096, "threads", LOOP | BENCH | EVAL,
        "threads of a rank; 0: OMP_NUM_THREADS, or the CPUs it is bound to",
        .shorthand = "threads", .may_differ = true),
    INT(run.trace, "0", 0, 100000, "steps", LOOP,
        "first steps of this start that trace.json shows, for Perfetto; 0: none",
        .may_differ = true),
    NAME(resumes, run.resume, "auto", LOOP,
         "whether the run found in run.out is continued: where there is one, never, or "
         "it must",
         .shorthand = "resume", .may_differ = true),

    INT(bench.steps, "5", 1, 1000000, "steps", BENCH, "steps to be timed",
        .may_differ = true),
    INT(bench.warmup, "1", 0, 1000000, "steps", BENCH,
        "steps before the clock starts",
        .may_differ = true),
    INT(bench.size, "32", 4, 4096, "pixels", BENCH,
        "side of the synthetic images", .may_differ = true),
    INT(bench.image_channels, "3", 1, 3, "channels", BENCH,
        "channels of the synthetic images",
        .may_differ = true),
    INT(bench.classes, "10", 2, 100000, "classes", BENCH, "classes of the classifier",
        .may_differ = true),
    INT(bench.keep, "8", 1, 8, "operations", BENCH,
        "operations of an edge that take part, drawn at random: as after search.prune",
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
