/* The columns of scaling.csv, for those who write and read it. */
#ifndef TD_SCALING_COLUMNS_H
#define TD_SCALING_COLUMNS_H

#include "taildart/scaling.h"

/* What a field holds. */
typedef enum {
    TD_FIELD_NAME,
    TD_FIELD_COUNT, /* a whole number from 1 on */
    TD_FIELD_MODE,
    TD_FIELD_KIND,
    TD_FIELD_ABOVE_0,
    TD_FIELD_FROM_0
} td_field_kind;

typedef struct {
    const char *name;
    size_t offset; /* in td_scaling_row */
    td_field_kind kind;
    bool may_be_absent;
} td_scaling_column;

enum { TD_SCALING_COLUMNS = 15 };

/* The only list there is: header, rows and reader follow it. */
extern const td_scaling_column td_scaling_columns[TD_SCALING_COLUMNS];

/* Names of modes and kinds, in the order of their numbers. */
extern const char *const td_scaling_modes[], *const td_scaling_kinds[];

#endif
