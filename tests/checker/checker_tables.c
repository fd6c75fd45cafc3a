/* schedules.json and longtail.json. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "checker.h"
#include "taildart/optim.h"
#include "taildart/sampling_stream.h"

/* ---- schedules ----------------------------------------------------------- */

static const double TOLERANCE = 1e-12; /* double against double */

/* A table of the reference and the schedule that makes it, before its parameters. */
static const struct {
    const char *section, *name;
    td_shape shape;
    double start, end;
} tables[] = {
    { "learning_rate", "cosine", TD_SHAPE_COSINE, 1, 0 },
    { "learning_rate", "linear", TD_SHAPE_LINEAR, 1, 0 },
    { "learning_rate", "step", TD_SHAPE_STEP, 1, 0 },
    { "learning_rate", "exponential", TD_SHAPE_EXPONENTIAL, 1, 0 },
    { "learning_rate", "constant", TD_SHAPE_CONSTANT, 1, 0 },
    { "bbn_mixing", "parabolic_decay", TD_SHAPE_PARABOLIC, 1, 0 },
    { "bbn_mixing", "linear_decay", TD_SHAPE_LINEAR, 1, 0 },
    { "bbn_mixing", "cosine_decay", TD_SHAPE_QUARTER_COSINE, 1, 0 },
    { "bbn_mixing", "equal", TD_SHAPE_CONSTANT, 0.5, 0 },
    { "bbn_mixing", "parabolic_increment", TD_SHAPE_RISING, 1, 0 },
    { "arch_lr_factor", "constant", TD_SHAPE_CONSTANT, 1, 0 },
    { "arch_lr_factor", "parabolic", TD_SHAPE_PARABOLIC, 1, 0 },
    { "arch_lr_factor", "linear", TD_SHAPE_LINEAR, 1, 0 },
    { "arch_lr_factor", "cosine", TD_SHAPE_COSINE, 1, 0 },
    { "arch_lr_factor", "exponential", TD_SHAPE_EXPONENTIAL, 1, 0 },
    { "arch_lr_factor", "frozen", TD_SHAPE_CONSTANT, 1, 0 },
};

static bool find_schedule(td_schedule *schedule, const char *section, const char *name)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (strcmp(tables[i].section, section) == 0 &&
            strcmp(tables[i].name, name) == 0) {
            *schedule = (td_schedule){ .shape = tables[i].shape,
                                       .start = tables[i].start,
                                       .end = tables[i].end,
                                       .every = 1,
                                       .frozen_from = TD_NEVER };
            return true;
        }
    return false;
}

/* The reference calls the epochs before the first architecture step a warm-up. */
static void set_parameter(golden_case *c, td_schedule *schedule, const char *name,
                          yaml_node_t *value)
{
    if (strcmp(name, "start") == 0)
        schedule->start = golden_json_number(c, value);
    else if (strcmp(name, "minimum") == 0)
        schedule->end = golden_json_number(c, value);
    else if (strcmp(name, "gamma") == 0)
        schedule->gamma = golden_json_number(c, value);
    else if (strcmp(name, "every") == 0)
        schedule->every = (int) golden_json_integer(c, value);
    else if (strcmp(name, "warmup") == 0)
        schedule->frozen_until = (int) golden_json_integer(c, value);
    else
        golden_fail(c, "no parameter is called %s", name);
}

/* The epochs of a file. */
typedef struct {
    const double *at;
    size_t count;
    int epochs; /* Tmax */
} epoch_list;

static void check_schedule(golden_case *c, golden_json *json, yaml_node_t *table,
                           td_schedule *schedule, epoch_list epochs)
{
    size_t count;
    yaml_node_t *parameters = golden_json_get(c, json, table, "parameters");
    double *expected =
        golden_json_numbers(c, json, golden_json_get(c, json, table, "values"), &count);
    if (count != epochs.count || schedule->every < 1)
        golden_fail(c, "not one value per epoch");
    for (int i = 0; i < golden_json_count(parameters) && !golden_has_failed(c); i++)
        set_parameter(c, schedule, golden_json_key(json, parameters, i),
                      golden_json_item(json, parameters, i));
    if (golden_has_failed(c) || schedule->every < 1) {
        golden_fail(c, "every is below 1");
        return;
    }
    double *found = GOLDEN_TAKE(c, double, count);
    for (size_t i = 0; i < count; i++) {
        int e = (int) epochs.at[i];
        if (!td_schedule_is_frozen(schedule, e))
            found[i] = td_schedule_value(schedule, e, epochs.epochs, 0.0);
    }
    golden_compare_array_f64(c, "values", found, expected, count, TOLERANCE);
}

static void check_section(golden_run *run, const char *file, golden_json *json,
                          yaml_node_t *map, const char *section, epoch_list epochs)
{
    for (int i = 0; i < golden_json_count(map); i++) {
        const char *name = golden_json_key(json, map, i);
        char title[128];
        td_schedule schedule;
        golden_case c;
        snprintf(title, sizeof title, "%s/%s", section, name);
        golden_begin(&c, run, file, title);
        if (find_schedule(&schedule, section, name))
            check_schedule(&c, json, golden_json_item(json, map, i), &schedule, epochs);
        else
            golden_fail(&c, "no schedule is called so");
        golden_end(&c);
    }
}

static epoch_list read_epochs(golden_case *c, golden_json *json, yaml_node_t *root)
{
    epoch_list epochs = { 0 };
    int64_t last = golden_json_integer(c, golden_json_get(c, json, root, "Tmax"));
    epochs.at = golden_json_numbers(c, json, golden_json_get(c, json, root, "T"),
                                    &epochs.count);
    epochs.epochs = (int) last;
    if (last < 1 || last > 1000000)
        golden_fail(c, "Tmax is %g", (double) last);
    for (size_t i = 0; i < epochs.count && !golden_has_failed(c); i++)
        if (!(epochs.at[i] >= 0 && epochs.at[i] <= (double) last))
            golden_fail(c, "T holds %g", epochs.at[i]);
    return epochs;
}

/* Members of a file that are no table to check: inputs, what is drawn at random, and
 * what changes with the epoch. */
static bool is_passed_over(const char *name)
{
    static const char *const names[] = { "Tmax", "T", "counts" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* Mixing ratios that are drawn: limits, mean and variance of 20,000 of them. */
static void check_beta(golden_case *c, golden_json *json, yaml_node_t *beta)
{
    enum { DRAWS = 20000 };
    double a = golden_json_number(c, golden_json_get(c, json, beta, "a"));
    double b = golden_json_number(c, golden_json_get(c, json, beta, "b"));
    double least = golden_json_number(c, golden_json_get(c, json, beta, "minimum"));
    double most = golden_json_number(c, golden_json_get(c, json, beta, "maximum"));
    td_schedule schedule = { .shape = TD_SHAPE_BETA, .start = most, .end = least };
    td_random key = { .seed = 1, .stream = TD_STREAM_MIXING };
    double mean = a / (a + b), variance = mean * (1.0 - mean) / (a + b + 1.0);
    double sum = 0.0, squares = 0.0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        double m = td_schedule_draw(&schedule, &key, i);
        if (!(m >= 0.0 && m <= 1.0 && m >= least && m <= most))
            golden_fail(c, "a draw of %g", m);
        sum += m;
        squares += m * m;
    }
    double found = sum / DRAWS, spread = squares / DRAWS - found * found;
    golden_compare(c, "mean", fabs(found - mean), 0.015);
    golden_compare(c, "variance", fabs(spread - variance), 0.006);
}

static void check_draws(golden_run *run, const char *file, golden_json *json,
                        yaml_node_t *section)
{
    golden_case c;
    golden_begin(&c, run, file, "bbn_mixing_random/beta");
    check_beta(&c, json, golden_json_get(&c, json, section, "beta"));
    golden_end(&c);
}

void golden_check_schedules(golden_run *run, const char *path, const char *file)
{
    int sections = 0;
    golden_json json;
    golden_case whole;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    epoch_list epochs = read_epochs(&whole, &json, root);
    for (int i = 0; i < golden_json_count(root) && !golden_has_failed(&whole); i++) {
        const char *section = golden_json_key(&json, root, i);
        if (is_passed_over(section))
            continue;
        if (strcmp(section, "bbn_mixing_random") == 0)
            check_draws(run, file, &json, golden_json_item(&json, root, i));
        else
            check_section(run, file, &json, golden_json_item(&json, root, i), section,
                          epochs);
        sections++;
    }
    golden_end_file(&whole, sections);
    golden_json_clear(&json);
}

/* ---- long tails ---------------------------------------------------------- */

static void check_profile(golden_case *c, golden_json *json, yaml_node_t *item)
{
    size_t count;
    const char *kind = golden_json_text(c, golden_json_get(c, json, item, "kind"));
    bool is_step = strcmp(kind, "step") == 0;
    int64_t n_max = golden_json_integer(c, golden_json_get(c, json, item, "n_max"));
    int64_t classes = golden_json_integer(c, golden_json_get(c, json, item, "classes"));
    double imbalance =
        golden_json_number(c, golden_json_get(c, json, item, "imbalance"));
    double *expected =
        golden_json_numbers(c, json, golden_json_get(c, json, item, "counts"), &count);
    if (!is_step && strcmp(kind, "exponential") != 0)
        golden_fail(c, "no profile is called %s", kind);
    if (classes < 2 || (int64_t) count != classes || n_max < 1 || !(imbalance >= 1.0))
        golden_fail(c, "counts, classes, n_max and imbalance do not fit each other");
    if (golden_has_failed(c))
        return;
    double *found = GOLDEN_TAKE(c, double, count);
    for (int k = 0; k < (int) classes; k++)
        found[k] = (double) td_tail_count(is_step ? TD_PROFILE_STEP : TD_PROFILE_EXP,
                                          (int) classes, n_max, imbalance, k);
    golden_compare(c, "counts", golden_distance_f64(found, expected, count), 0.0);
}

static void check_profiles(golden_run *run, const char *file, golden_json *json,
                           yaml_node_t *list)
{
    for (int i = 0; i < golden_json_count(list); i++) {
        yaml_node_t *item = golden_json_item(json, list, i);
        char title[128];
        golden_case c;
        snprintf(title, sizeof title, "profiles/%.20s_k%.9s_n%.9s_if%.9s",
                 golden_json_word(json, item, "kind"),
                 golden_json_word(json, item, "classes"),
                 golden_json_word(json, item, "n_max"),
                 golden_json_word(json, item, "imbalance"));
        golden_begin(&c, run, file, title);
        check_profile(&c, json, item);
        golden_end(&c);
    }
}

static void check_sampler(golden_case *c, golden_json *json, yaml_node_t *samplers,
                          int index)
{
    static const char *const names[] = { [TD_SAMPLER_INSTANCE] = "instance",
                                         [TD_SAMPLER_CLASS_BALANCED] = "class_balanced",
                                         [TD_SAMPLER_SQUARE_ROOT] = "square_root",
                                         [TD_SAMPLER_REVERSED] = "reversed" };
    const char *name = golden_json_key(json, samplers, index);
    size_t classes, count;
    int kind = 0, kinds = (int) (sizeof names / sizeof names[0]);
    while (kind < kinds && strcmp(name, names[kind]) != 0)
        kind++;
    double *images = golden_json_numbers(
        c, json, golden_json_get(c, json, samplers, "counts"), &classes);
    double *expected =
        golden_json_numbers(c, json, golden_json_item(json, samplers, index), &count);
    if (kind == kinds)
        golden_fail(c, "no sampler is called so");
    if (classes == 0 || count != classes)
        golden_fail(c, "not one probability per class");
    if (golden_has_failed(c))
        return;
    int64_t *counts = GOLDEN_TAKE(c, int64_t, count);
    double *found = GOLDEN_TAKE(c, double, count);
    for (size_t k = 0; k < count; k++)
        counts[k] = (int64_t) images[k];
    td_sampler_probabilities((td_sampler_kind) kind, counts, (int) count, 0.0, found);
    golden_compare_array_f64(c, name, found, expected, count, TOLERANCE);
}

/* A list of probabilities for each of some epochs. */
static void check_progressive(golden_case *c, golden_json *json, yaml_node_t *samplers,
                              yaml_node_t *map)
{
    size_t classes, epochs, total;
    double *images = golden_json_numbers(
        c, json, golden_json_get(c, json, samplers, "counts"), &classes);
    double *t =
        golden_json_numbers(c, json, golden_json_get(c, json, map, "t"), &epochs);
    double *expected = golden_json_numbers(
        c, json, golden_json_get(c, json, map, "probabilities"), &total);
    double run = golden_json_number(c, golden_json_get(c, json, map, "Tmax"));
    if (classes == 0 || epochs == 0 || total != classes * epochs || !(run > 0))
        golden_fail(c, "not one probability per class and epoch");
    if (golden_has_failed(c))
        return;
    int64_t *counts = GOLDEN_TAKE(c, int64_t, classes);
    double *found = GOLDEN_TAKE(c, double, total);
    for (size_t k = 0; k < classes; k++)
        counts[k] = (int64_t) images[k];
    for (size_t e = 0; e < epochs; e++)
        td_sampler_probabilities(TD_SAMPLER_PROGRESSIVE, counts, (int) classes,
                                 t[e] / run, found + e * classes);
    golden_compare_array_f64(c, "probabilities", found, expected, total, TOLERANCE);
}

static void check_samplers(golden_run *run, const char *file, golden_json *json,
                           yaml_node_t *map)
{
    for (int i = 0; i < golden_json_count(map); i++) {
        const char *name = golden_json_key(json, map, i);
        char title[128];
        golden_case c;
        if (is_passed_over(name))
            continue;
        snprintf(title, sizeof title, "samplers/%s", name);
        golden_begin(&c, run, file, title);
        if (strcmp(name, "progressively_balanced") == 0)
            check_progressive(&c, json, map, golden_json_item(json, map, i));
        else
            check_sampler(&c, json, map, i);
        golden_end(&c);
    }
}

void golden_check_longtail(golden_run *run, const char *path, const char *file)
{
    golden_json json;
    golden_case whole;
    golden_begin(&whole, run, file, "");
    yaml_node_t *root = golden_json_load(&whole, &json, path);
    yaml_node_t *profiles = golden_json_get(&whole, &json, root, "profiles");
    yaml_node_t *samplers = golden_json_get(&whole, &json, root, "samplers");
    check_profiles(run, file, &json, profiles);
    check_samplers(run, file, &json, samplers);
    golden_end_file(&whole, golden_json_count(profiles));
    golden_json_clear(&json);
}
