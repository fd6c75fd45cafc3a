/* mask_operation FROM TO EDGE OPERATION: a checkpoint of a search in which an edge
 * lacks an operation.  Edges count through both tables, normal and reduce. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "taildart/checkpoint.h"

static td_real *mask_of(td_search_state *state, const char *edge, const char *name)
{
    int number = atoi(edge), op = -1;
    for (int k = 0; k < TD_NUM_OPS; k++)
        if (strcmp(td_op_name((td_op) k), name) == 0)
            op = k;
    if (number < 0 || number >= 2 * state->edges || op < 0)
        return NULL;
    return state->present + number * TD_NUM_OPS + op;
}

int main(int argc, char **argv)
{
    td_checkpoint *checkpoint = NULL;
    if (argc != 5 || td_checkpoint_load(&checkpoint, argv[1]) != TD_OK)
        return EXIT_FAILURE;
    td_real *mask = mask_of(&checkpoint->state, argv[3], argv[4]);
    if (!mask || *mask == 0)
        return EXIT_FAILURE;
    *mask = 0;
    td_status status = td_checkpoint_save(checkpoint, argv[2]);
    td_checkpoint_free(checkpoint);
    return status == TD_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
