/* The classes of a data set among those that a run learned: by name, since a number
 * means another class wherever a folder was renamed, added or left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/data_classes.h"

/* A name and its class. */
typedef struct {
    const char *name;
    int class;
} named;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const named *) a)->name, ((const named *) b)->name);
}

/* (count) sorted, for td_free. */
static named *sort_names(const td_class_name *names, int count)
{
    named *sorted = td_malloc((size_t) count * sizeof *sorted);
    TD_ASSERT(count > 0);
    for (int c = 0; c < count; c++)
        sorted[c] = (named){ names[c], c };
    qsort(sorted, (size_t) count, sizeof *sorted, by_name);
    return sorted;
}

/* A pair of classes of one name: the later one, or -1. */
static int twice(const named *sorted, int count)
{
    for (int i = 1; i < count; i++)
        if (by_name(&sorted[i - 1], &sorted[i]) == 0)
            return sorted[i].class > sorted[i - 1].class ? sorted[i].class
                                                         : sorted[i - 1].class;
    return -1;
}

static td_status refuse_twice(const td_classes *of, int class)
{
    return td_error(TD_DATA,
                    "%s: two classes are called '%s', so classes cannot be told apart "
                    "by name: rename class %d",
                    of->path, of->names[class], class);
}

td_status td_class_names_check(const td_classes *classes)
{
    for (int c = 0; c < classes->count; c++)
        if (!*classes->names[c])
            return td_error(TD_DATA, "%s: class %d has an empty name: give it one",
                            classes->path, c);
    named *sorted = sort_names(classes->names, classes->count);
    int later = twice(sorted, classes->count);
    td_free(sorted);
    return later < 0 ? TD_OK : refuse_twice(classes, later);
}

bool td_class_names_are_made_up(const td_class_name *names, int count)
{
    for (int c = 0; c < count; c++) {
        char number[16];
        snprintf(number, sizeof number, "%d", c);
        if (strcmp(names[c], number) != 0)
            return false;
    }
    return true;
}

static bool is_identity(const td_classes *data, const td_classes *run)
{
    if (data->count != run->count)
        return false;
    for (int c = 0; c < run->count; c++)
        if (strcmp(data->names[c], run->names[c]) != 0)
            return false;
    return true;
}

static void keep_numbers(int32_t *map, int count)
{
    for (int c = 0; c < count; c++)
        map[c] = c;
}

/* Map what is found of \a data in \a run; the first that is not, or -1. */
static int find_all(int32_t *map, const td_classes *data, const named *sorted,
                    int count)
{
    int first = -1;
    for (int c = data->count - 1; c >= 0; c--) {
        const named key = { data->names[c], c };
        const named *found = bsearch(&key, sorted, (size_t) count, sizeof key, by_name);
        map[c] = found ? found->class : -1;
        if (!found)
            first = c;
    }
    return first;
}

/* The first class of the run that nothing is mapped to, or -1. */
static int find_missing(const int32_t *map, int data_count, int run_count, int *missing)
{
    int first = -1;
    bool *is_there = td_malloc((size_t) run_count * sizeof *is_there);
    *missing = 0;
    for (int c = 0; c < data_count; c++)
        if (map[c] >= 0)
            is_there[map[c]] = true;
    for (int c = run_count - 1; c >= 0; c--)
        if (!is_there[c]) {
            first = c;
            ++*missing;
        }
    td_free(is_there);
    return first;
}

static td_status refuse_stranger(const td_classes *data, const td_classes *run, int c)
{
    return td_error(TD_DATA,
                    "%s: class %d, '%s', is none of the %d that %s has learned: give "
                    "it the name that it had then, or leave it out",
                    data->path, c, data->names[c], run->count, run->path);
}

static td_status refuse_lack(const td_classes *data, const td_classes *run, int c)
{
    return td_error(TD_DATA,
                    "%s: %d classes, without '%s', which is class %d of the %d that %s "
                    "has learned: add it, or give the test images alone",
                    data->path, data->count, run->names[c], c, run->count, run->path);
}

static td_status refuse_count(const td_classes *data, const td_classes *run)
{
    bool is_data = td_class_names_are_made_up(data->names, data->count);
    return td_error(TD_DATA,
                    "%s: %d classes, but %s has learned %d, and %s has no class names "
                    "to go by",
                    data->path, data->count, run->path, run->count,
                    is_data ? data->path : run->path);
}

/* Match by numbers, for one side has numbers for names. */
static td_status match_numbers(td_class_match *match, const td_classes *data,
                               const td_classes *run, bool may_lack)
{
    if (data->count > run->count || (data->count < run->count && !may_lack))
        return refuse_count(data, run);
    keep_numbers(match->map, data->count);
    match->first_missing =
        find_missing(match->map, data->count, run->count, &match->missing);
    match->by_number = true;
    return TD_OK;
}

static td_status match_names(td_class_match *match, const td_classes *data,
                             const td_classes *run, bool may_lack)
{
    named *theirs = sort_names(run->names, run->count);
    named *mine = sort_names(data->names, data->count);
    int stranger = find_all(match->map, data, theirs, run->count);
    int run_twice = twice(theirs, run->count), data_twice = twice(mine, data->count);
    td_free(theirs);
    td_free(mine);
    match->first_missing =
        find_missing(match->map, data->count, run->count, &match->missing);
    bool fits = stranger < 0 && (match->missing == 0 || may_lack);
    if (run_twice >= 0)
        return refuse_twice(run, run_twice);
    if (data_twice >= 0)
        return refuse_twice(data, data_twice);
    if (!fits && (td_class_names_are_made_up(data->names, data->count) ||
                  td_class_names_are_made_up(run->names, run->count)))
        return match_numbers(match, data, run, may_lack);
    if (stranger >= 0)
        return refuse_stranger(data, run, stranger);
    return fits ? TD_OK : refuse_lack(data, run, match->first_missing);
}

td_status td_classes_match(td_class_match *match, const td_classes *data,
                           const td_classes *run, bool may_lack)
{
    TD_ASSERT(data->count > 0 && run->count > 0);
    *match = (td_class_match){ .first_missing = -1 };
    match->map = td_malloc((size_t) data->count * sizeof *match->map);
    if (is_identity(data, run)) {
        keep_numbers(match->map, data->count);
        return TD_OK;
    }
    td_status status = match_names(match, data, run, may_lack);
    for (int c = 0; status == TD_OK && c < data->count; c++)
        match->is_moved |= match->map[c] != c;
    return status;
}

void td_class_match_clear(td_class_match *match)
{
    td_free(match->map);
    *match = (td_class_match){ .first_missing = -1 };
}

void td_dataset_take_classes(td_dataset *dataset, const td_class_match *match,
                             const td_classes *run)
{
    const int64_t counts[2] = { dataset->info.train_count, dataset->info.test_count };
    size_t bytes = (size_t) run->count * sizeof *run->names;
    for (int part = 0; part < 2; part++)
        for (int64_t i = 0; i < counts[part]; i++) {
            int32_t *label = &dataset->labels[part][i];
            TD_ASSERT(*label >= 0 && *label < dataset->info.classes);
            *label = match->map[*label];
        }
    td_free(dataset->class_names);
    dataset->class_names = td_malloc(bytes);
    memcpy(dataset->class_names, run->names, bytes);
    dataset->info.classes = run->count;
}
