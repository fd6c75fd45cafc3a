/* The images of a run, as all ranks hold them: indices of both halves, in four bytes
 * each, and where classes begin in them, so that no rank needs the labels. */
#include "selection.h"

td_selection *td_selection_alloc(int classes)
{
    size_t n = (size_t) classes;
    TD_ASSERT(classes > 0);
    td_selection *s = td_malloc(sizeof *s);
    s->classes = classes;
    s->counts = td_malloc(n * sizeof *s->counts);
    for (int h = 0; h < 2; h++) {
        s->half_classes[h] = td_malloc(n * sizeof **s->half_classes);
        s->half_start[h] = td_malloc((n + 1) * sizeof **s->half_start);
    }
    return s;
}

void td_selection_free(td_selection *selection)
{
    if (!selection)
        return;
    for (int h = 0; h < 2; h++) {
        td_free(selection->half[h]);
        td_free(selection->half_classes[h]);
        td_free(selection->half_start[h]);
    }
    td_free(selection->counts);
    td_free(selection);
}

void td_selection_find_starts(td_selection *s)
{
    for (int h = 0; h < 2; h++) {
        for (int c = 0; c < s->classes; c++)
            s->half_start[h][c + 1] = s->half_start[h][c] + s->half_classes[h][c];
        s->half_count[h] = s->half_start[h][s->classes];
    }
}

void td_selection_share(td_selection **selection, td_comm *world)
{
    bool is_root = td_comm_rank(world) == 0;
    int classes = is_root ? (*selection)->classes : 0;
    td_comm_bcast(world, &classes, sizeof classes);
    td_selection *s = is_root ? *selection : td_selection_alloc(classes);
    size_t bytes = (size_t) classes * sizeof *s->counts;
    td_comm_bcast(world, s->counts, bytes);
    td_comm_bcast(world, &s->short_classes, sizeof s->short_classes);
    for (int h = 0; h < 2; h++)
        td_comm_bcast(world, s->half_classes[h], bytes);
    if (!is_root)
        td_selection_find_starts(s);
    for (int h = 0; h < 2; h++) {
        size_t half = (size_t) s->half_count[h] * sizeof **s->half;
        if (!is_root)
            s->half[h] = td_malloc(half);
        td_comm_bcast(world, s->half[h], half);
    }
    *selection = s;
}

int32_t td_selection_class(const td_selection *s, td_half half, int64_t index)
{
    const int64_t *start = s->half_start[half];
    int low = 0, high = s->classes - 1;
    TD_ASSERT(index >= 0 && index < s->half_count[half]);
    while (low < high) { /* the last class that begins at the index or before */
        int middle = low + (high - low + 1) / 2;
        if (start[middle] <= index)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}
