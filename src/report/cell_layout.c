/* In three steps, as graphs are usually laid out by layers (Sugiyama, Tagawa and Toda,
 * 1981): a column for each place, an order within columns by the means of neighbours,
 * and heights that make lines straight.  Columns of states alternate with columns of
 * names. */
#include "cell_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATE_HEIGHT = 28,
    NAME_WIDTH = 98,
    NAME_HEIGHT = 20,
    BEND_HEIGHT = 6,
    PORT = 9,        /* between lines at a side of a state */
    BETWEEN = 9,     /* two places of a column             */
    COLUMN_GAP = 22, /* two columns                        */
    MARGIN = 6,
    SWEEPS = 24
};

/* ---- columns --------------------------------------------------------------------- */

static bool is_reached(const td_cell_layout *l, int state)
{
    return l->reached >> state & 1;
}

static bool is_drawn(const td_cell_layout *l, td_gene gene)
{
    return is_reached(l, gene.state) && is_reached(l, gene.node);
}

/* Two columns a step: states are in the even ones. */
static void rank_states(td_cell_layout *l, const td_genes *genes, int nodes)
{
    int last = 0;
    for (int state = 2; state < nodes + 2; state++) {
        int rank = 0;
        for (int i = 0; i < genes->count; i++) {
            td_gene g = genes->gene[i];
            if (g.node == state && is_drawn(l, g) && l->place[g.state].rank + 2 > rank)
                rank = l->place[g.state].rank + 2;
        }
        l->place[state].rank = rank;
        last = rank > last ? rank : last;
    }
    l->place[l->output].rank = last + 1;
    l->ranks = last + 2;
}

static void add_way(td_cell_layout *l, int gene, int from, int to)
{
    int a = l->place[from].rank, b = l->place[to].rank;
    int name = gene >= 0 ? a + ((b - a) / 2 | 1) : -1;
    l->way[l->ways++] = (td_way){ gene, from, to, l->places, b - a - 1, 0, 0 };
    for (int rank = a + 1; rank < b; rank++)
        l->place[l->places++] =
            rank == name
                ? (td_place){ TD_PLACE_NAME, rank, 0, 0, NAME_WIDTH, NAME_HEIGHT, 0 }
                : (td_place){ TD_PLACE_BEND, rank, 0, 0, 0, BEND_HEIGHT, 0 };
}

static void add_ways(td_cell_layout *l, const td_genes *genes, int nodes)
{
    for (int i = 0; i < genes->count; i++)
        if (is_drawn(l, genes->gene[i]))
            add_way(l, i, genes->gene[i].state, genes->gene[i].node);
    for (int state = 2; state < nodes + 2; state++)
        if (is_reached(l, state))
            add_way(l, -1, state, l->output);
}

/* States with many lines are higher. */
static void size_states(td_cell_layout *l, int nodes)
{
    for (int s = 0; s <= l->output; s++) {
        int in = 0, out = 0;
        if (s < nodes + 2 && !is_reached(l, s))
            continue;
        for (int w = 0; w < l->ways; w++) {
            out += l->way[w].from == s;
            in += l->way[w].to == s;
        }
        int lines = in > out ? in : out;
        l->place[s].width = s < 2 ? 46 : 34;
        l->place[s].height = fmax(STATE_HEIGHT, PORT * (lines - 1) + 14);
    }
}

/* ---- order within columns -------------------------------------------------------- */

/* The places of each column from the top. */
typedef struct {
    int *at;    /* (places), column by column  */
    int *first; /* (ranks + 1)                 */
} order;

static order first_order(const td_cell_layout *l)
{
    order o = { .at = td_malloc((size_t) l->places * sizeof *o.at),
                .first = td_malloc((size_t) (l->ranks + 1) * sizeof *o.first) };
    int count = 0;
    for (int rank = 0; rank < l->ranks; rank++) {
        o.first[rank] = count;
        for (int p = 0; p < l->places; p++)
            if (l->place[p].rank == rank && l->place[p].height > 0)
                o.at[count++] = p;
    }
    o.first[l->ranks] = count;
    return o;
}

/* Place \a i of a way: its ends are the first and the last of count + 2. */
static int place_of(const td_way *w, int i)
{
    return i == 0 ? w->from : i <= w->count ? w->first + i - 1 : w->to;
}

/* Set what each place's neighbours wish for: the mean of their y, on the left (-1), on
 * the right (1), or on both sides (0). */
static void ask_neighbours(td_cell_layout *l, int side)
{
    double *sum = td_malloc((size_t) l->places * sizeof *sum);
    int *count = td_malloc((size_t) l->places * sizeof *count);
    memset(sum, 0, (size_t) l->places * sizeof *sum);
    memset(count, 0, (size_t) l->places * sizeof *count);
    for (int w = 0; w < l->ways; w++)
        for (int i = 0; i <= l->way[w].count; i++) {
            int a = place_of(&l->way[w], i), b = place_of(&l->way[w], i + 1);
            if (side <= 0) {
                sum[b] += l->place[a].y;
                count[b]++;
            }
            if (side >= 0) {
                sum[a] += l->place[b].y;
                count[a]++;
            }
        }
    for (int p = 0; p < l->places; p++)
        l->place[p].towards = count[p] > 0 ? sum[p] / count[p] : l->place[p].y;
    td_free(count);
    td_free(sum);
}

/* Put places one below the other, the column around y 0. */
static void stack(td_cell_layout *l, const order *o, int rank)
{
    double y = 0;
    for (int i = o->first[rank]; i < o->first[rank + 1]; i++) {
        td_place *p = &l->place[o->at[i]];
        p->y = y + p->height / 2;
        y += p->height + BETWEEN;
    }
    for (int i = o->first[rank]; i < o->first[rank + 1]; i++)
        l->place[o->at[i]].y -= (y - BETWEEN) / 2;
}

/* Sort a column by what neighbours wish; equal ones stay in their order. */
static void sort_column(const td_cell_layout *l, const order *o, int rank)
{
    for (int i = o->first[rank] + 1; i < o->first[rank + 1]; i++) {
        int moved = o->at[i], k = i;
        for (; k > o->first[rank] &&
               l->place[o->at[k - 1]].towards > l->place[moved].towards + 1e-9;
             k--)
            o->at[k] = o->at[k - 1];
        o->at[k] = moved;
    }
}

/* Whether two lines cross between the columns rank and rank + 1. */
static bool do_cross(const td_cell_layout *l, const td_way *v, const td_way *w,
                     int rank)
{
    int i = rank - l->place[v->from].rank, k = rank - l->place[w->from].rank;
    if (i < 0 || k < 0 || i > v->count || k > w->count)
        return false;
    double before = l->place[place_of(v, i)].y - l->place[place_of(w, k)].y;
    double behind = l->place[place_of(v, i + 1)].y - l->place[place_of(w, k + 1)].y;
    return before * behind < 0;
}

static int count_crossings(const td_cell_layout *l)
{
    int count = 0;
    for (int v = 0; v < l->ways; v++)
        for (int w = 0; w < v; w++)
            for (int rank = 0; rank + 1 < l->ranks; rank++)
                count += do_cross(l, &l->way[v], &l->way[w], rank);
    return count;
}

/* Sweep to the right and to the left, and keep the order with the fewest crossings. */
static void order_columns(td_cell_layout *l, order *o)
{
    size_t bytes = (size_t) l->places * sizeof *o->at;
    int *best = td_malloc(bytes), fewest = -1;
    for (int rank = 0; rank < l->ranks; rank++)
        stack(l, o, rank);
    for (int sweep = 0; sweep < SWEEPS && fewest != 0; sweep++) {
        int crossings = count_crossings(l);
        if (fewest < 0 || crossings < fewest) {
            fewest = crossings;
            memcpy(best, o->at, bytes);
        }
        for (int i = 0; i < l->ranks; i++) {
            int rank = sweep % 2 == 0 ? i : l->ranks - 1 - i;
            ask_neighbours(l, sweep % 2 == 0 ? -1 : 1);
            sort_column(l, o, rank);
            stack(l, o, rank);
        }
    }
    memcpy(o->at, best, bytes);
    for (int rank = 0; rank < l->ranks; rank++)
        stack(l, o, rank);
    td_free(best);
}

/* ---- heights --------------------------------------------------------------------- */

/* Places of a column that touch and move together. */
typedef struct {
    int first, last;
    double weight, mean; /* of what they wish for, less what lies above them */
} block;

/* Lines keep straight before states keep in the middle. */
static double weight_of(const td_place *p)
{
    return p->kind == TD_PLACE_BEND ? 4 : p->kind == TD_PLACE_NAME ? 2 : 1;
}

/* Move a column's places as near as can be to where their neighbours wish them, in
 * their order and apart: the least squares of an isotonic regression. */
static void settle_column(td_cell_layout *l, const order *o, int rank)
{
    int from = o->first[rank], to = o->first[rank + 1], blocks = 0;
    block *b = td_malloc((size_t) (to - from + 1) * sizeof *b);
    double *above = td_malloc((size_t) (to - from + 1) * sizeof *above);
    for (int i = from; i < to; i++) {
        const td_place *p = &l->place[o->at[i]];
        const td_place *before = i > from ? &l->place[o->at[i - 1]] : p;
        above[i - from] =
            i > from ? above[i - from - 1] + (before->height + p->height) / 2 + BETWEEN
                     : 0;
        b[blocks++] = (block){ i, i, weight_of(p), p->towards - above[i - from] };
        while (blocks > 1 && b[blocks - 2].mean > b[blocks - 1].mean) {
            block *x = &b[blocks - 2], *y = &b[blocks - 1];
            x->mean =
                (x->mean * x->weight + y->mean * y->weight) / (x->weight + y->weight);
            x->weight += y->weight;
            x->last = y->last;
            blocks--;
        }
    }
    for (int k = 0; k < blocks; k++)
        for (int i = b[k].first; i <= b[k].last; i++)
            l->place[o->at[i]].y = b[k].mean + above[i - from];
    td_free(above);
    td_free(b);
}

static void settle(td_cell_layout *l, const order *o)
{
    for (int sweep = 0; sweep < 2 * SWEEPS; sweep++)
        for (int i = 0; i < l->ranks; i++) {
            int rank = sweep % 2 == 0 ? i : l->ranks - 1 - i;
            ask_neighbours(l, 0);
            settle_column(l, o, rank);
        }
}

/* ---- the picture ----------------------------------------------------------------- */

static void set_columns(td_cell_layout *l)
{
    double x = MARGIN, top = INFINITY, bottom = -INFINITY;
    for (int rank = 0; rank < l->ranks; rank++) {
        double widest = 0;
        for (int p = 0; p < l->places; p++)
            if (l->place[p].rank == rank && l->place[p].height > 0)
                widest = fmax(widest, l->place[p].width);
        for (int p = 0; p < l->places; p++)
            if (l->place[p].rank == rank)
                l->place[p].x = x + widest / 2;
        x += widest + COLUMN_GAP;
    }
    for (int p = 0; p < l->places; p++)
        if (l->place[p].height > 0) {
            top = fmin(top, l->place[p].y - l->place[p].height / 2);
            bottom = fmax(bottom, l->place[p].y + l->place[p].height / 2);
        }
    for (int p = 0; p < l->places; p++)
        l->place[p].y += MARGIN - top;
    l->width = x - COLUMN_GAP + MARGIN;
    l->height = bottom - top + 2 * MARGIN;
}

/* The y at which a line meets the side of state \a s: lines in the order in which they
 * come. */
static double port_of(const td_cell_layout *l, int s, const td_way *w, bool enters)
{
    double mine = l->place[enters ? place_of(w, w->count) : place_of(w, 1)].y;
    int above = 0, count = 0;
    for (int v = 0; v < l->ways; v++) {
        const td_way *other = &l->way[v];
        if ((enters ? other->to : other->from) != s)
            continue;
        double y =
            l->place[enters ? place_of(other, other->count) : place_of(other, 1)].y;
        above += y < mine || (y == mine && other < w);
        count++;
    }
    return l->place[s].y + PORT * (above - (count - 1) / 2.0);
}

static void set_ports(td_cell_layout *l)
{
    for (int w = 0; w < l->ways; w++) {
        td_way *way = &l->way[w];
        way->leave = port_of(l, way->from, way, false);
        way->enter = port_of(l, way->to, way, true);
    }
}

td_cell_layout td_cell_layout_of(const td_genes *genes, int nodes)
{
    TD_ASSERT(nodes >= 1 && nodes <= TD_MAX_NODES);
    enum { MOST_RANKS = 2 * TD_MAX_NODES + 2 };
    size_t ways = (size_t) (genes->count + nodes);
    td_cell_layout l = { .output = nodes + 2, .places = nodes + 3 };
    size_t room = (size_t) l.places + ways * MOST_RANKS;
    l.reached = td_genes_reached(genes);
    l.place = td_malloc(room * sizeof *l.place);
    l.way = td_malloc(ways * sizeof *l.way);
    for (int s = 0; s <= l.output; s++)
        l.place[s] = (td_place){ .kind = TD_PLACE_STATE };
    rank_states(&l, genes, nodes);
    add_ways(&l, genes, nodes);
    TD_ASSERT((size_t) l.places <= room && (size_t) l.ways <= ways);
    size_states(&l, nodes);
    order o = first_order(&l);
    order_columns(&l, &o);
    settle(&l, &o);
    set_columns(&l);
    set_ports(&l);
    td_free(o.at);
    td_free(o.first);
    return l;
}

void td_cell_layout_clear(td_cell_layout *layout)
{
    td_free(layout->place);
    td_free(layout->way);
}
