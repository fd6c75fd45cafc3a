/* Weights, gradients and running statistics by name. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "checker.h"

enum { NAME_BYTES = 160 };

/* ---- names --------------------------------------------------------------- */

/* The file's name of a slot, false if the slot is not one of \a tensors. */
static bool file_name(char *out, const golden_tensors *tensors, const td_slot *slot)
{
    size_t length = strlen(tensors->slot_prefix);
    if (strncmp(slot->name, tensors->slot_prefix, length) != 0)
        return false;
    snprintf(out, NAME_BYTES, "%s%s", tensors->file_prefix, slot->name + length);
    return true;
}

/* Every slot has been found by its name: as many names must be there as slots. */
static void expect_count(golden_case *c, hid_t group, const char *prefix, int expected)
{
    int found = golden_has_failed(c) ? expected : golden_count(c, group, prefix);
    if (found != expected)
        golden_fail(c, "%d names begin with %s, the network has %d", found, prefix,
                    expected);
}

/* ---- weights and gradients ----------------------------------------------- */

void golden_read_tensors(golden_case *c, hid_t group, const golden_tensors *tensors,
                         td_real *values)
{
    int count = 0;
    for (int i = 0; i < tensors->slots->count && !golden_has_failed(c); i++) {
        const td_slot *slot = &tensors->slots->slots[i];
        char name[NAME_BYTES];
        golden_shape shape;
        if (!file_name(name, tensors, slot))
            continue;
        td_real *read = golden_read(c, group, name, &shape);
        if (read)
            golden_expect_shape(c, name, &shape, slot->dims);
        if (!golden_has_failed(c))
            memcpy(values + slot->offset, read, slot->count * sizeof *read);
        count++;
    }
    expect_count(c, group, tensors->file_prefix, count);
}

/* Sum and norm of a gradient of which the file has the leading rows only.  |Σ(a−b)| is
 * at most √n·‖a−b‖, so that √n·‖b‖ is a fair measure for the sum. */
static void compare_whole(golden_case *c, hid_t group, const char *name,
                          const td_slot *slot, const td_real *found, double tolerance)
{
    size_t one;
    double *sum = golden_dataset_attribute(c, group, name, "full_sum", &one);
    double *norm = golden_dataset_attribute(c, group, name, "full_norm", &one);
    double found_sum = 0.0, squares = 0.0;
    if (!sum || !norm) {
        golden_fail(c, "%s lacks full_sum or full_norm", name);
        return;
    }
    for (size_t i = 0; i < slot->count; i++) {
        found_sum += (double) found[i];
        squares += (double) found[i] * (double) found[i];
    }
    double measure = sqrt((double) slot->count) * *norm;
    golden_compare(c, name, fabs(sqrt(squares) - *norm) / *norm, tolerance);
    golden_compare(c, name, fabs(found_sum - *sum) / measure, tolerance);
}

/* The shape of the whole tensor, be it from its attribute. */
static void expect_whole_shape(golden_case *c, hid_t group, const char *name,
                               const golden_shape *shape, const td_slot *slot)
{
    golden_shape whole = *shape;
    size_t rank;
    double *dims = golden_dataset_attribute(c, group, name, "full_shape", &rank);
    if (dims && (int) rank != shape->rank)
        golden_fail(c, "%s has a full_shape of another rank", name);
    for (size_t i = 0; dims && i < rank && !golden_has_failed(c); i++)
        whole.dims[i] = (size_t) dims[i];
    golden_expect_shape(c, name, &whole, slot->dims);
    for (int i = 1; i < shape->rank; i++)
        if (shape->dims[i] != whole.dims[i])
            golden_fail(c, "%s does not hold whole rows", name);
    if (shape->count > slot->count)
        golden_fail(c, "%s holds more than its full_shape", name);
}

/* Scale of the errors of a final weight: its largest change. */
static double largest_change(const double *expected, const td_real *start, size_t n)
{
    return golden_distance(start, expected, n);
}

static void compare_tensor(golden_case *c, hid_t group, const char *name,
                           const td_slot *slot, const td_real *found,
                           const td_real *start, double tolerance)
{
    golden_shape shape = { 0 };
    double *expected = golden_read_f64(c, group, name, &shape);
    if (expected)
        expect_whole_shape(c, group, name, &shape, slot);
    if (golden_has_failed(c))
        return;
    double change = start ? largest_change(expected, start, shape.count) : 0.0;
    if (change > 0.0)
        golden_compare(c, name, golden_distance(found, expected, shape.count) / change,
                       tolerance);
    else
        golden_compare_array(c, name, found, expected, shape.count, tolerance);
    if (shape.count < slot->count)
        compare_whole(c, group, name, slot, found, tolerance);
}

void golden_compare_tensors(golden_case *c, hid_t group, const golden_tensors *tensors,
                            const td_real *found, const td_real *start,
                            double tolerance)
{
    int count = 0;
    for (int i = 0; i < tensors->slots->count && !golden_has_failed(c); i++) {
        const td_slot *slot = &tensors->slots->slots[i];
        char name[NAME_BYTES];
        if (!file_name(name, tensors, slot))
            continue;
        compare_tensor(c, group, name, slot, found + slot->offset,
                       start ? start + slot->offset : NULL, tolerance);
        count++;
    }
    expect_count(c, group, tensors->file_prefix, count);
}

/* ---- running statistics -------------------------------------------------- */

void golden_update_statistics(td_real *mean, td_real *var, const td_slots *norms)
{
    const double momentum = 0.1;
    for (size_t i = 0; i < norms->total; i++) {
        mean[i] = (td_real) (momentum * (double) mean[i]);
        var[i] = (td_real) ((1.0 - momentum) + momentum * (double) var[i]);
    }
}

static const char *const statistics[2] = { "running_mean", "running_var" };

void golden_compare_norms(golden_case *c, hid_t group, const golden_tensors *norms,
                          const td_real *mean, const td_real *var, double tolerance)
{
    const td_real *found[2] = { mean, var };
    int count = 0;
    for (int i = 0; i < norms->slots->count; i++) {
        const td_slot *slot = &norms->slots->slots[i];
        char stem[NAME_BYTES], name[NAME_BYTES + 16];
        if (!file_name(stem, norms, slot))
            continue;
        for (int k = 0; k < 2; k++, count++) {
            golden_shape shape = { 0 };
            snprintf(name, sizeof name, "%s.%s", stem, statistics[k]);
            double *expected = golden_read_f64(c, group, name, &shape);
            if (expected)
                golden_expect_shape(c, name, &shape, slot->dims);
            golden_compare_statistics(c, name, found[k] + slot->offset, expected,
                                      slot->count, tolerance);
        }
    }
    expect_count(c, group, norms->file_prefix, count);
}

/* The slot of "cells.0.preprocess0.op.2.running_var" and which statistic it is. */
static const td_slot *slot_of_buffer(const td_slots *norms, const char *buffer,
                                     int *which)
{
    char stem[NAME_BYTES];
    const char *dot = strrchr(buffer, '.');
    if (!dot)
        return NULL;
    for (*which = 0; *which < 2; ++*which)
        if (strcmp(dot + 1, statistics[*which]) == 0)
            break;
    snprintf(stem, sizeof stem, "%.*s", (int) (dot - buffer), buffer);
    return *which < 2 ? td_slots_find(norms, stem) : NULL;
}

/* The packed buffers of a network. */
typedef struct {
    char **names;
    int32_t *offsets;
    double *values;
    size_t count, total;
} packed;

static packed read_packed(golden_case *c, hid_t group)
{
    packed p = { 0 };
    golden_shape offsets = { 0 }, values = { 0 };
    p.names = golden_read_texts(c, group, "buffers/names", &p.count);
    p.offsets = golden_read_i32(c, group, "buffers/offsets", &offsets);
    p.values = golden_read_f64(c, group, "buffers/values", &values);
    p.total = values.count;
    if (!golden_has_failed(c) && offsets.count != p.count + 1)
        golden_fail(c, "buffers/offsets does not fit buffers/names");
    return p;
}

static void compare_packed(golden_case *c, const packed *p, size_t i,
                           const td_slots *norms, const td_real *const found[2],
                           double tolerance)
{
    int which;
    const td_slot *slot = slot_of_buffer(norms, p->names[i], &which);
    int64_t first = p->offsets[i], end = p->offsets[i + 1];
    if (!slot)
        golden_fail(c, "the network has no buffer %s", p->names[i]);
    else if (first < 0 || end > (int64_t) p->total ||
             end - first != (int64_t) slot->count)
        golden_fail(c, "buffer %s has another size", p->names[i]);
    else
        golden_compare_statistics(c, p->names[i], found[which] + slot->offset,
                                  p->values + first, slot->count, tolerance);
}

void golden_compare_buffers(golden_case *c, hid_t group, const td_slots *norms,
                            const td_real *mean, const td_real *var, double tolerance)
{
    const td_real *found[2] = { mean, var };
    packed p = read_packed(c, group);
    for (size_t i = 0; i < p.count && !golden_has_failed(c); i++)
        compare_packed(c, &p, i, norms, found, tolerance);
    if (!golden_has_failed(c) && p.count != 2 * (size_t) norms->count)
        golden_fail(c, "%zu buffers, the network has %d", p.count, 2 * norms->count);
}
