/* The architecture parameters of a checkpoint as tables: for people, for programs. */
#include "taildart/checkpoint_genotype.h"

#include <math.h>

#include "taildart/base_number.h"
#include "taildart/base_text.h"

/* What is shown, edge by edge. */
typedef struct {
    const td_search_state *state;
    td_arch arch;
    const double *mixture;             /* (2, edges, 8) */
    uint8_t present[2 * TD_MAX_EDGES]; /* of cells that the network has */
} view;

static const char *const cells[] = { "normal", "reduce" };

static td_op operation_at(const view *v, int k)
{
    return td_op_at(k, v->state->has_noise);
}

static bool has_cell(const view *v, int cell)
{
    for (int e = 0; e < v->arch.edges; e++)
        if (v->present[cell * v->arch.edges + e])
            return true;
    return false;
}

/* The node and the state that an edge of a cell joins. */
static void ends_of(int edge, int *node, int *state)
{
    for (*node = 2, *state = edge; *state >= *node; ++*node)
        *state -= *node;
}

/* ---- for people ------------------------------------------------------------------ */

static void write_head(td_text *text, const view *v, bool has_beta)
{
    td_text_write(text, "%-7s", "from");
    for (int k = 0; k < TD_NUM_OPS; k++)
        td_text_write(text, " %7s", td_op_short_name(operation_at(v, k)));
    td_text_write(text, "%s\n", has_beta ? "    beta" : "");
}

/* In seven columns, whatever the number. */
static void write_number(td_text *text, double number)
{
    double size = fabs(number);
    int decimals = size < 9.99995 ? 4 : size < 99.9995 ? 3 : size < 999.995 ? 2 : -1;
    if (decimals < 0)
        td_text_write(text, " %7.0e", number);
    else
        td_text_write(text, " %7.*f", decimals, number);
}

/* The edges into a node stand below its name.  An operation that an edge does not have
 * any more is a dash. */
static void write_edge(td_text *text, const view *v, int row, bool is_mixture)
{
    char name[TD_STATE_TEXT];
    int node, state;
    ends_of(row % v->arch.edges, &node, &state);
    if (state == 0)
        td_text_write(text, "into %s\n", td_state_text(node, name));
    td_text_write(text, "%-7s", td_state_text(state, name));
    for (int k = 0; k < TD_NUM_OPS; k++) {
        size_t i = (size_t) row * TD_NUM_OPS + (size_t) k;
        double number = is_mixture ? v->mixture[i] : (double) v->arch.alphas[i];
        if (v->present[row] >> k & 1)
            write_number(text, number);
        else
            td_text_write(text, " %7s", "-");
    }
    if (v->arch.betas && !is_mixture)
        write_number(text, (double) v->arch.betas[row]);
    td_text_write(text, "\n");
}

static void write_table(td_text *text, const view *v, int cell, bool is_mixture)
{
    const char *kind = td_relaxation_name(td_relaxation_kind_of(v->arch.relaxation));
    td_text_write(text, "%s%s of the %s cell", text->length ? "\n" : "",
                  is_mixture ? "mixture weights" : "alphas",
                  cell ? "reduction" : "normal");
    if (is_mixture)
        td_text_write(text, " (%s", kind);
    if (is_mixture && v->arch.temperature != 1.0)
        td_text_write(text, ", temperature %g", v->arch.temperature);
    if (is_mixture)
        td_text_write(text, "%s)", v->arch.betas ? ", times weights of edges" : "");
    td_text_write(text, "\n");
    write_head(text, v, v->arch.betas && !is_mixture);
    for (int e = 0; e < v->arch.edges; e++)
        write_edge(text, v, cell * v->arch.edges + e, is_mixture);
}

static void write_tables(td_text *text, const view *v)
{
    for (int cell = 0; cell < 2; cell++)
        if (has_cell(v, cell)) {
            write_table(text, v, cell, false);
            write_table(text, v, cell, true);
        }
}

/* ---- for programs ---------------------------------------------------------------- */

/* Enough digits to come back as the same number. */
static void write_row(td_text *text, const view *v, int row, int k)
{
    int node, state;
    size_t i = (size_t) row * TD_NUM_OPS + (size_t) k;
    ends_of(row % v->arch.edges, &node, &state);
    td_text_write(text, "%s,%d,%d,%s,%.9g,%.17g,", cells[row / v->arch.edges], node,
                  state, td_op_name(operation_at(v, k)), (double) v->arch.alphas[i],
                  v->mixture[i]);
    if (v->arch.betas)
        td_text_write(text, "%.9g", (double) v->arch.betas[row]);
    td_text_write(text, "\n");
}

static void write_csv(td_text *text, const view *v)
{
    void *before = td_numbers_plain();
    td_text_write(text, TD_ALPHAS_HEADER "\n");
    for (int row = 0; row < 2 * v->arch.edges; row++)
        for (int k = 0; k < TD_NUM_OPS; k++)
            if (v->present[row] >> k & 1)
                write_row(text, v, row, k);
    td_numbers_restore(before);
}

/* ---- both ------------------------------------------------------------------------ */

td_status td_checkpoint_alphas(char **text, const td_checkpoint *checkpoint,
                               const char *path, bool csv)
{
    const td_search_state *state = &checkpoint->state;
    view v = { .state = state };
    td_text out = { 0 };
    uint8_t computed[2 * TD_MAX_EDGES];
    if (state->edges > 0 && td_nodes_of_edges(state->edges) == 0)
        return td_error(TD_CHECKPOINT, "%s: no cell has %d edges", path, state->edges);
    if (state->edges == 0)
        return td_error(TD_USAGE,
                        "--alphas: %s is of a training, whose cell is given; give the "
                        "checkpoint of a search",
                        path);
    v.arch = td_search_state_own_arch(state, v.present);
    double *mixture = td_search_state_mixture(state, computed);
    v.mixture = mixture;
    if (csv)
        write_csv(&out, &v);
    else
        write_tables(&out, &v);
    td_free(mixture);
    *text = out.chars;
    return TD_OK;
}
