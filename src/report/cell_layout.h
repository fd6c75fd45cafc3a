/* Where the parts of a derived cell lie in its picture, from left to right: inputs,
 * nodes by the number of operations before them, output; each operation's name has a
 * place of its own on its way, so that nothing lies on anything else. */
#ifndef TD_REPORT_CELL_LAYOUT_H
#define TD_REPORT_CELL_LAYOUT_H

#include "taildart/genotype.h"

typedef enum { TD_PLACE_STATE, TD_PLACE_NAME, TD_PLACE_BEND } td_place_kind;

/* A box that nothing else overlaps: a state, an operation's name, or where a line
 * passes between others. */
typedef struct {
    td_place_kind kind;
    int rank;    /* column, from the left           */
    double x, y; /* middle                          */
    double width, height;
    double towards; /* y that its neighbours wish for  */
} td_place;

/* A line from a state to another, or to the output. */
typedef struct {
    int gene;            /* which operation; -1: into the output              */
    int from, to;        /* places of its ends                                */
    int first, count;    /* places between, one a column, from the left       */
    double leave, enter; /* y at the sides of its ends                       */
} td_way;

typedef struct {
    td_place *place; /* owned: (places); states first, the output behind them */
    td_way *way;     /* owned: (ways)                                         */
    int places, ways, ranks;
    int output;       /* the place of the output                               */
    unsigned reached; /* states that are drawn, a bit each                    */
    double width, height;
} td_cell_layout;

/* Lay out a cell; dropped nodes, and what leaves them, have no place (width 0). */
td_cell_layout td_cell_layout_of(const td_genes *genes, int nodes);
void td_cell_layout_clear(td_cell_layout *layout);

#endif
