/* Methods compared with the control, seed by seed: what both have in common, the images
 * of the tail, the initial weights, the order of drawing, falls out of a difference. */
#include <math.h>
#include <stdlib.h>

#include "internal.h"
#include "taildart/base_number.h"
#include "taildart/base_random.h"
#include "taildart/base_text.h"

/* ---- blocks ------------------------------------------------------------------ */

int td_study_block_count(const td_study *study)
{
    return study->imbalance_count * td_study_setting_count(study);
}

td_grid_point td_study_block_point(const td_study *study, int block)
{
    int settings = td_study_setting_count(study);
    return (td_grid_point){ .imbalance = block / settings,
                            .setting = block % settings };
}

int td_study_block_of(const td_study *study, td_grid_point point)
{
    return point.imbalance * td_study_setting_count(study) + point.setting;
}

static bool has_pair(const td_study *study, int method, int block)
{
    td_grid_point own = td_study_block_point(study, block), control = own;
    own.method = method;
    control.method = study->control;
    return !td_study_is_excluded(study, own) && !td_study_is_excluded(study, control);
}

bool td_study_has_row(const td_study *study, int method, int block)
{
    return method != study->control &&
           (block == TD_STUDY_ALL || has_pair(study, method, block));
}

/* The difference of a seed, a mean over the blocks that have both; NaN where one is
 * unknown, and where there is none. */
static double mean_of(const td_study *study, const td_study_result *results,
                      td_study_pair pair, int seed)
{
    double sum = 0.0;
    int count = 0;
    int first = pair.block == TD_STUDY_ALL ? 0 : pair.block;
    int last =
        pair.block == TD_STUDY_ALL ? td_study_block_count(study) - 1 : pair.block;
    for (int block = first; block <= last; block++) {
        if (!has_pair(study, pair.method, block))
            continue;
        td_grid_point point = td_study_block_point(study, block);
        point.seed = seed;
        point.method = pair.method;
        double own = td_study_value(study, results, point, pair.measure);
        point.method = study->control;
        sum += own - td_study_value(study, results, point, pair.measure);
        count++;
    }
    return count > 0 ? sum / count : NAN;
}

/* ---- an interval ------------------------------------------------------------- */

enum { RESAMPLES = 10000 };

static int ascending(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

/* Means of values drawn at random with replacement, in order (Efron 1979). */
static void resample(double *means, const double *values, int n)
{
    const td_random key = { .stream = TD_STREAM_BOOTSTRAP };
    for (int i = 0; i < RESAMPLES; i++) {
        double sum = 0.0;
        for (int draw = 0; draw < n; draw++) {
            double unit = td_random_unit(&key, (uint32_t) (i * n + draw));
            sum += values[(int) (unit * n)];
        }
        means[i] = sum / n;
    }
    qsort(means, RESAMPLES, sizeof *means, ascending);
}

td_study_difference td_study_compare(const double *differences, int count)
{
    double known[TD_STUDY_LIST] = { 0 };
    int n = 0;
    TD_ASSERT(count <= TD_STUDY_LIST);
    for (int i = 0; i < count; i++)
        if (!isnan(differences[i]))
            known[n++] = differences[i];
    td_study_difference d = { .low = NAN, .high = NAN, .detectable = NAN };
    d.of = td_study_summarise(known, n);
    if (n < 2)
        return d;
    double *means = td_malloc(RESAMPLES * sizeof *means);
    resample(means, known, n);
    d.low = means[RESAMPLES / 40];
    d.high = means[RESAMPLES - 1 - RESAMPLES / 40];
    d.detectable = td_study_detectable(d.of.sd, n);
    td_free(means);
    return d;
}

double td_study_detectable(double sd, int n)
{
    if (n < 2)
        return NAN;
    return (td_study_student(0.975, n - 1) + td_study_student(0.8, n - 1)) * sd /
           sqrt(n);
}

void td_study_seed_differences(const td_study *study, const td_study_result *results,
                               td_study_pair pair, double *differences)
{
    for (int seed = 0; seed < study->seed_count; seed++)
        differences[seed] = mean_of(study, results, pair, seed);
}

td_study_difference td_study_difference_of(const td_study *study,
                                           const td_study_result *results,
                                           td_study_pair pair)
{
    double differences[TD_STUDY_LIST];
    td_study_seed_differences(study, results, pair, differences);
    return td_study_compare(differences, study->seed_count);
}

/* ---- what the seeds can show ------------------------------------------------- */

/* Squares of deviations that are summed, and the seeds behind them. */
typedef struct {
    double squares;
    int freedom, fewest;
} pool;

static void add_block(pool *p, const td_study *study, const td_study_result *results,
                      int block)
{
    for (int method = 0; method < study->method_count; method++) {
        double differences[TD_STUDY_LIST];
        td_study_pair pair = { method, block, TD_STUDY_TEST_BALANCED };
        td_study_seed_differences(study, results, pair, differences);
        td_study_statistics s = td_study_summarise(differences, study->seed_count);
        if (method == study->control || s.n < 2)
            continue;
        p->squares += (s.n - 1) * s.sd * s.sd;
        p->freedom += s.n - 1;
        p->fewest = p->fewest == 0 || s.n < p->fewest ? s.n : p->fewest;
    }
}

double td_study_pooled_sd(const td_study *study, const td_study_result *results,
                          int block, int *n)
{
    pool p = { 0 };
    if (block != TD_STUDY_EACH)
        add_block(&p, study, results, block);
    else
        for (int each = 0; each < td_study_block_count(study); each++)
            add_block(&p, study, results, each);
    *n = p.fewest;
    return p.freedom > 0 ? sqrt(p.squares / p.freedom) : NAN;
}

/* ---- ranks ------------------------------------------------------------------- */

/* Whether any seed of a method is known: the others take part in nothing, as where
 * --only has left them out. */
static bool takes_part(const td_study *study, const td_study_result *results,
                       td_grid_point point)
{
    for (point.seed = 0; point.seed < study->seed_count; point.seed++)
        if (!isnan(td_study_value(study, results, point, TD_STUDY_TEST_BALANCED)))
            return true;
    return false;
}

/* Rank of a method, 1 the best, equal ones share; NaN where one of those that take part
 * is unknown. */
static double rank_of(const td_study *study, const td_study_result *results,
                      td_grid_point point)
{
    double own = td_study_value(study, results, point, TD_STUDY_TEST_BALANCED);
    double rank = 1.0;
    int mine = point.method;
    if (isnan(own))
        return NAN;
    for (point.method = 0; point.method < study->method_count; point.method++) {
        double other = td_study_value(study, results, point, TD_STUDY_TEST_BALANCED);
        if (!takes_part(study, results, point))
            continue;
        if (isnan(other))
            return NAN;
        if (point.method != mine)
            rank += other > own ? 1.0 : other == own ? 0.5 : 0.0;
    }
    return rank;
}

td_study_statistics td_study_rank(const td_study *study, const td_study_result *results,
                                  int method, int block)
{
    td_study_statistics sum = { .mean = 0.0, .sd = NAN };
    int first = block == TD_STUDY_ALL ? 0 : block;
    int last = block == TD_STUDY_ALL ? td_study_block_count(study) - 1 : block;
    for (int b = first; b <= last; b++)
        for (int seed = 0; seed < study->seed_count; seed++) {
            td_grid_point point = td_study_block_point(study, b);
            point.method = method;
            point.seed = seed;
            double rank = rank_of(study, results, point);
            if (!isnan(rank)) {
                sum.mean += rank;
                sum.n++;
            }
        }
    sum.mean = sum.n > 0 ? sum.mean / sum.n : NAN;
    return sum;
}

/* ---- CSV --------------------------------------------------------------------- */

static void write_place(td_text *text, const td_study *study, int block)
{
    if (block == TD_STUDY_ALL) {
        td_text_write(text, "all,all");
        return;
    }
    td_grid_point point = td_study_block_point(study, block);
    char *setting = td_study_setting_name(study, point.setting);
    td_text_write(text, "%g,%s", study->imbalances[point.imbalance], setting);
    td_free(setting);
}

static void write_row(td_text *text, const td_study *study,
                      const td_study_result *results, td_study_pair pair)
{
    td_study_difference d = td_study_difference_of(study, results, pair);
    td_text_write(text, "%s,%s,", study->methods[pair.method].name,
                  study->methods[study->control].name);
    write_place(text, study, pair.block);
    td_text_write(text, ",%s,%d", td_study_measure_name(pair.measure), d.of.n);
    const double numbers[] = { d.of.mean, d.of.sd, d.low, d.high, d.detectable };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        td_text_write(text, ",");
        td_study_write_number(text, numbers[i]);
    }
    td_text_write(text, "\n");
}

static void write_method(td_text *text, const td_study *study,
                         const td_study_result *results, int method, int block)
{
    for (int m = 0; m <= TD_STUDY_TEST_RANGE_FEW; m++) {
        td_study_pair pair = { method, block, (td_study_measure) m };
        write_row(text, study, results, pair);
    }
}

char *td_study_differences(const td_study *study, const td_study_result *results)
{
    td_text text = { 0 };
    void *before = td_numbers_plain();
    int blocks = td_study_block_count(study);
    td_text_write(&text, "method,control,imbalance,setting,measure,n,mean,sd,low,high,"
                         "detectable\n");
    for (int block = blocks > 1 ? TD_STUDY_ALL : 0; block < blocks; block++)
        for (int method = 0; method < study->method_count; method++)
            if (td_study_has_row(study, method, block))
                write_method(&text, study, results, method, block);
    td_numbers_restore(before);
    return text.chars;
}
