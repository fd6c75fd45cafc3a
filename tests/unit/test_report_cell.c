/* The picture of a cell: whatever the genotype, nothing lies on anything else, lines go
 * from left to right, and each operation has its name once. */
#include <check.h>
#include <math.h>

#include "../../src/report/cell_layout.h"
#include "suite.h"

/* Numbers by a rule of their own: the same cells on every machine. */
static unsigned next_number(unsigned *state)
{
    *state = *state * 1103515245u + 12345u;
    return *state >> 16 & 0x7fff;
}

/* A node of some cells has no input, of others all of them. */
static td_genes some_genes(int nodes, unsigned seed)
{
    td_genes genes = { 0 };
    unsigned state = seed, most = 1 + seed % 8;
    for (int node = 2; node < nodes + 2; node++)
        for (int from = 0; from < node; from++)
            if (next_number(&state) % 8 < most)
                genes.gene[genes.count++] =
                    (td_gene){ (td_op) (1 + next_number(&state) % 7), from, node };
    return genes;
}

static bool lie_apart(const td_place *a, const td_place *b)
{
    double least = 1e-6;
    return fabs(a->x - b->x) >= (a->width + b->width) / 2 - least ||
           fabs(a->y - b->y) >= (a->height + b->height) / 2 - least;
}

static void check_places(const td_cell_layout *l)
{
    for (int i = 0; i < l->places; i++) {
        const td_place *a = &l->place[i];
        ck_assert(isfinite(a->x) && isfinite(a->y));
        if (a->height == 0)
            continue;
        ck_assert(a->x - a->width / 2 >= 0 && a->x + a->width / 2 <= l->width);
        ck_assert(a->y - a->height / 2 >= 0 && a->y + a->height / 2 <= l->height);
        for (int k = 0; k < i; k++)
            ck_assert(l->place[k].height == 0 || lie_apart(a, &l->place[k]));
    }
}

/* A line has a place in each column between its ends, and meets these at their
 * sides. */
static int check_way(const td_cell_layout *l, const td_way *w)
{
    const td_place *from = &l->place[w->from], *to = &l->place[w->to];
    int names = 0;
    ck_assert_int_eq(to->rank - from->rank, w->count + 1);
    for (int i = 0; i < w->count; i++) {
        ck_assert_int_eq(l->place[w->first + i].rank, from->rank + 1 + i);
        names += l->place[w->first + i].kind == TD_PLACE_NAME;
    }
    ck_assert(fabs(w->leave - from->y) <= from->height / 2);
    ck_assert(fabs(w->enter - to->y) <= to->height / 2);
    return names;
}

static void check_cell(const td_genes *genes, int nodes)
{
    td_cell_layout l = td_cell_layout_of(genes, nodes);
    unsigned reached = td_genes_reached(genes);
    int drawn = 0, names = 0;
    check_places(&l);
    for (int i = 0; i < genes->count; i++)
        drawn += reached >> genes->gene[i].state & reached >> genes->gene[i].node & 1;
    for (int w = 0; w < l.ways; w++) {
        int has = check_way(&l, &l.way[w]);
        ck_assert_int_eq(has, l.way[w].gene >= 0);
        names += has;
    }
    ck_assert_int_eq(names, drawn);
    ck_assert_int_eq(l.ways, drawn + td_genes_reached_nodes(genes));
    td_cell_layout_clear(&l);
}

START_TEST(test_cells_of_any_kind)
{
    for (int nodes = 1; nodes <= 5; nodes++)
        for (unsigned seed = 1; seed <= 12; seed++) {
            td_genes genes = some_genes(nodes, seed);
            check_cell(&genes, nodes);
        }
    td_genes all = some_genes(TD_MAX_NODES, 7); /* every edge there can be */
    ck_assert_int_eq(all.count, TD_MAX_EDGES);
    check_cell(&all, TD_MAX_NODES);
}
END_TEST

START_TEST(test_published_cells)
{
    static const char *const names[] = { "DARTS_V1", "DARTS_V2", "PCDARTS", "PDARTS" };
    for (int i = 0; i < 4; i++) {
        td_genotype g;
        ck_assert(td_genotype_named(&g, names[i]));
        check_cell(&g.normal, g.nodes);
        check_cell(&g.reduce, g.nodes);
    }
}
END_TEST

/* How far lines of a cell go up and down, all together. */
static double climb_of(const td_cell_layout *l)
{
    double climb = 0;
    for (int w = 0; w < l->ways; w++) {
        double y = l->place[l->way[w].from].y;
        for (int i = 0; i <= l->way[w].count; i++) {
            int next = i < l->way[w].count ? l->way[w].first + i : l->way[w].to;
            climb += fabs(l->place[next].y - y);
            y = l->place[next].y;
        }
    }
    return climb;
}

/* Columns that are only stacked, each around the middle, have 634. */
START_TEST(test_lines_are_straight)
{
    td_genotype g;
    ck_assert(td_genotype_named(&g, "DARTS_V2"));
    td_cell_layout l = td_cell_layout_of(&g.normal, g.nodes);
    ck_assert(climb_of(&l) < 615);
    td_cell_layout_clear(&l);
}
END_TEST

/* Two nodes of one input each need no crossing, and a straight line is straight. */
START_TEST(test_simple_cells_are_simple)
{
    td_genes genes = { 2,
                       { { TD_OP_SEP_CONV_3X3, 0, 2 }, { TD_OP_SKIP_CONNECT, 1, 3 } } };
    td_cell_layout l = td_cell_layout_of(&genes, 2);
    ck_assert((l.place[0].y < l.place[1].y) == (l.place[2].y < l.place[3].y));
    ck_assert(fabs(l.place[0].y - l.place[2].y) < 1);
    ck_assert(fabs(l.place[1].y - l.place[3].y) < 1);
    ck_assert(l.place[l.output].x > l.place[3].x);
    td_cell_layout_clear(&l);
}
END_TEST

Suite *test_suite(void)
{
    Suite *suite = suite_create("picture of a cell");
    TCase *tests = tcase_create("layout");
    tcase_add_test(tests, test_cells_of_any_kind);
    tcase_add_test(tests, test_published_cells);
    tcase_add_test(tests, test_lines_are_straight);
    tcase_add_test(tests, test_simple_cells_are_simple);
    suite_add_tcase(suite, tests);
    return suite;
}
