/* Batches stay as they are. */
#include "transforms.h"

void td_transform_none(td_batch *conventional, td_batch *rebalancing,
                       const td_transform_key *key)
{
    (void) conventional;
    (void) rebalancing;
    (void) key;
}
