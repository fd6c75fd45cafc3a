/* Cases, their comparisons and their lines. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "checker.h"

/* ---- memory -------------------------------------------------------------- */

struct golden_block {
    golden_block *next;
    void *memory;
};

void *golden_take(golden_case *c, size_t count, size_t size)
{
    golden_block *block = td_malloc(sizeof *block);
    block->memory = td_malloc(count * size);
    block->next = c->blocks;
    c->blocks = block;
    return block->memory;
}

static void free_blocks(golden_case *c)
{
    while (c->blocks) {
        golden_block *block = c->blocks;
        c->blocks = block->next;
        td_free(block->memory);
        td_free(block);
    }
}

/* ---- verdicts ------------------------------------------------------------ */

void golden_begin(golden_case *c, golden_run *run, const char *file, const char *name)
{
    *c = (golden_case){ .run = run, .share = -1.0 };
    snprintf(c->title, sizeof c->title, "%s%s%s", file, name[0] ? " " : "", name);
}

void golden_fail(golden_case *c, const char *format, ...)
{
    va_list args;
    if (c->problem[0])
        return;
    va_start(args, format);
    vsnprintf(c->problem, sizeof c->problem, format, args);
    va_end(args);
}

bool golden_has_failed(const golden_case *c)
{
    return c->problem[0] != '\0';
}

/* Ranks that check together pass together: the first speaks for all, and who failed
 * says why. */
static void print_verdict(const golden_case *c, bool is_within, bool everywhere)
{
    if (td_base_rank() != 0 && is_within)
        return;
    printf("%s %s:", everywhere ? "passed" : "FAILED", c->title);
    if (golden_has_failed(c))
        printf(" %s\n", c->problem);
    else
        printf(" largest error %.1e, tolerance %.0e (%s)\n", c->error, c->tolerance,
               c->worst);
}

void golden_end(golden_case *c)
{
    if (c->share < 0.0)
        golden_fail(c, "nothing was compared");
    bool is_within = c->share <= 1.0 && !golden_has_failed(c);
    bool everywhere =
        c->run->world ? td_comm_min_int(c->run->world, is_within) == 1 : is_within;
    print_verdict(c, is_within, everywhere);
    c->run->passed += everywhere;
    c->run->failed += !everywhere;
    free_blocks(c);
}

void golden_end_file(golden_case *c, int cases)
{
    if (cases == 0)
        golden_fail(c, "holds no case");
    if (golden_has_failed(c))
        golden_end(c);
    free_blocks(c);
}

void golden_skip(golden_run *run, const char *file, const char *name, const char *why)
{
    printf("skipped %s%s%s: %s\n", file, name[0] ? " " : "", name, why);
    run->skipped++;
}

/* ---- comparisons --------------------------------------------------------- */

/* A share that is no number becomes infinite, so that nothing later can hide it. */
void golden_compare(golden_case *c, const char *name, double error, double tolerance)
{
    double share = error == 0.0 ? 0.0 : error / tolerance;
    if (!isfinite(share))
        share = INFINITY;
    if (share <= c->share)
        return;
    c->share = share;
    c->error = error;
    c->tolerance = tolerance;
    snprintf(c->worst, sizeof c->worst, "%s", name);
}

double golden_distance(const td_real *found, const double *expected, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        double distance = fabs((double) found[i] - expected[i]);
        if (isnan(distance))
            return NAN;
        largest = fmax(largest, distance);
    }
    return largest;
}

double golden_distance_f64(const double *found, const double *expected, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) {
        double distance = fabs(found[i] - expected[i]);
        if (isnan(distance))
            return NAN;
        largest = fmax(largest, distance);
    }
    return largest;
}

double golden_largest(const double *x, size_t n)
{
    double largest = 0.0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(x[i]));
    return largest;
}

static void compare_scaled(golden_case *c, const char *name, double distance,
                           double scale, double tolerance)
{
    golden_compare(c, name, scale > 0.0 ? distance / scale : distance, tolerance);
}

void golden_compare_array(golden_case *c, const char *name, const td_real *found,
                          const double *expected, size_t n, double tolerance)
{
    if (!golden_has_failed(c))
        compare_scaled(c, name, golden_distance(found, expected, n),
                       golden_largest(expected, n), tolerance);
}

void golden_compare_array_f64(golden_case *c, const char *name, const double *found,
                              const double *expected, size_t n, double tolerance)
{
    if (!golden_has_failed(c))
        compare_scaled(c, name, golden_distance_f64(found, expected, n),
                       golden_largest(expected, n), tolerance);
}

void golden_compare_statistics(golden_case *c, const char *name, const td_real *found,
                               const double *expected, size_t n, double tolerance)
{
    if (!golden_has_failed(c))
        compare_scaled(c, name, golden_distance(found, expected, n),
                       fmax(1.0, golden_largest(expected, n)), tolerance);
}
