/* A graph of ONNX while it is written: nodes, and constants that they read.
 *
 * Numbers of fields are those of onnx.proto (github.com/onnx/onnx); operators those of
 * its set 13, which readers since 2020 know. */
#ifndef TD_EXPORT_ONNX_H
#define TD_EXPORT_ONNX_H

#include "network.h"

enum { TD_ONNX_OPERATORS = 13, TD_ONNX_NAME = TD_NAME_BYTES + 32 };

/* What a node puts out, by its name in the graph. */
typedef struct {
    char name[TD_ONNX_NAME];
} td_value;

typedef struct {
    const td_exported *of;
    td_text graph; /* the message so far */
} td_onnx;

/* ---- onnx_graph.c: messages ------------------------------------------------------ */

td_value td_onnx_value(const char *format, ...) TD_PRINTF(1, 2);

/* A node, for td_onnx_end; attributes come in between. */
td_text td_onnx_begin(const char *operator, td_value out, const td_value *in,
                      int count);
void td_onnx_integers(td_text *node, const char *name, const int *values, int count);
void td_onnx_integer(td_text *node, const char *name, int value);
void td_onnx_number(td_text *node, const char *name, float value);
void td_onnx_end(td_onnx *onnx, td_text *node);

/* A node without attributes; returns \a out. */
td_value td_onnx_node(td_onnx *onnx, const char *operator, td_value out,
                      const td_value *in, int count);

/* Constants: a tensor under its name, or a few whole numbers. */
void td_onnx_tensor(td_onnx *onnx, const td_export_tensor *tensor);
void td_onnx_indices(td_onnx *onnx, const char *name, const int64_t *values, int count);

/* An input or an output of the graph (fields of GraphProto); N stands for images. */
enum { TD_ONNX_INPUT = 11, TD_ONNX_OUTPUT = 12 };
void td_onnx_end_of_graph(td_onnx *onnx, int field, const char *name, const int *dims,
                          int count);

/* ---- onnx_layers.c: what cells are made of --------------------------------------- */

/* The convolution whose weights are "<name>.weight". */
td_value td_onnx_convolution(td_onnx *onnx, const char *name, td_value x, int stride,
                             int dilation, int groups);

/* The batch norm of that name, with its running statistics. */
td_value td_onnx_norm(td_onnx *onnx, const char *name, td_value x);

/* ReLU, 1x1 convolution, batch norm; with half the sides in the factorized form. */
td_value td_onnx_squeeze(td_onnx *onnx, const char *name, td_value x, bool factorized);

/* An operation of a cell, of stride 1 or 2. */
td_value td_onnx_operation(td_onnx *onnx, const char *name, td_value x, td_op op,
                           int stride);

/* Constants that these read. */
void td_onnx_layer_constants(td_onnx *onnx);

#endif
