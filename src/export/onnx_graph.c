/* Messages of a graph: nodes with attributes, tensors, inputs and outputs. */
#include <stdarg.h>
#include <stdio.h>

#include "onnx.h"

/* Numbers of fields, message by message. */
enum {
    GRAPH_NODE = 1,
    GRAPH_TENSOR = 5,
    NODE_INPUT = 1,
    NODE_OUTPUT = 2,
    NODE_NAME = 3,
    NODE_OPERATOR = 4,
    NODE_ATTRIBUTE = 5,
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_FLOAT = 2,
    ATTRIBUTE_INT = 3,
    ATTRIBUTE_INTS = 8,
    ATTRIBUTE_TYPE = 20,
    TENSOR_DIM = 1,
    TENSOR_TYPE = 2,
    TENSOR_NAME = 8,
    TENSOR_BYTES = 9,
    VALUE_NAME = 1,
    VALUE_TYPE = 2,
    TYPE_TENSOR = 1,
    TYPE_ELEMENT = 1,
    TYPE_SHAPE = 2,
    SHAPE_DIM = 1,
    DIM_NUMBER = 1,
    DIM_NAME = 2
};

/* Kinds of attributes and of numbers. */
enum { IS_FLOAT = 1, IS_INT = 2, IS_INTS = 7, FLOAT32 = 1, INT64 = 7 };

td_value td_onnx_value(const char *format, ...)
{
    td_value value;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(value.name, sizeof value.name, format, args);
    va_end(args);
    TD_ASSERT(length > 0 && (size_t) length < sizeof value.name);
    return value;
}

/* ---- nodes ----------------------------------------------------------------------- */

td_text td_onnx_begin(const char *operator, td_value out, const td_value *in, int count)
{
    td_text node = { 0 };
    for (int i = 0; i < count; i++)
        td_message_word(&node, NODE_INPUT, in[i].name);
    td_message_word(&node, NODE_OUTPUT, out.name);
    td_message_word(&node, NODE_NAME, out.name);
    td_message_word(&node, NODE_OPERATOR, operator);
    return node;
}

static void put_attribute(td_text *node, const char *name, int kind, td_text *value)
{
    td_message_word(value, ATTRIBUTE_NAME, name);
    td_message_integer(value, ATTRIBUTE_TYPE, (uint64_t) kind);
    td_message_put(node, NODE_ATTRIBUTE, value);
}

void td_onnx_integers(td_text *node, const char *name, const int *values, int count)
{
    td_text attribute = { 0 };
    for (int i = 0; i < count; i++)
        td_message_integer(&attribute, ATTRIBUTE_INTS, (uint64_t) values[i]);
    put_attribute(node, name, IS_INTS, &attribute);
}

void td_onnx_integer(td_text *node, const char *name, int value)
{
    td_text attribute = { 0 };
    td_message_integer(&attribute, ATTRIBUTE_INT, (uint64_t) value);
    put_attribute(node, name, IS_INT, &attribute);
}

void td_onnx_number(td_text *node, const char *name, float value)
{
    td_text attribute = { 0 };
    td_message_float(&attribute, ATTRIBUTE_FLOAT, value);
    put_attribute(node, name, IS_FLOAT, &attribute);
}

void td_onnx_end(td_onnx *onnx, td_text *node)
{
    td_message_put(&onnx->graph, GRAPH_NODE, node);
}

td_value td_onnx_node(td_onnx *onnx, const char *operator, td_value out,
                      const td_value *in, int count)
{
    td_text node = td_onnx_begin(operator, out, in, count);
    td_onnx_end(onnx, &node);
    return out;
}

/* ---- constants ------------------------------------------------------------------- */

static void put_constant(td_onnx *onnx, td_text *tensor, const char *name, int type,
                         td_text *bytes)
{
    td_message_integer(tensor, TENSOR_TYPE, (uint64_t) type);
    td_message_word(tensor, TENSOR_NAME, name);
    td_message_put(tensor, TENSOR_BYTES, bytes);
    td_message_put(&onnx->graph, GRAPH_TENSOR, tensor);
}

void td_onnx_tensor(td_onnx *onnx, const td_export_tensor *tensor)
{
    td_text message = { 0 }, bytes = { 0 };
    for (int i = 0; i < tensor->rank; i++)
        td_message_integer(&message, TENSOR_DIM, (uint64_t) tensor->dims[i]);
    td_bytes_put_reals(&bytes, tensor->data, tensor->count);
    put_constant(onnx, &message, tensor->name, FLOAT32, &bytes);
}

void td_onnx_indices(td_onnx *onnx, const char *name, const int64_t *values, int count)
{
    td_text message = { 0 }, bytes = { 0 };
    td_message_integer(&message, TENSOR_DIM, (uint64_t) count);
    for (int i = 0; i < count; i++)
        td_bytes_put(&bytes, (uint64_t) values[i], 8);
    put_constant(onnx, &message, name, INT64, &bytes);
}

/* ---- ends of the graph ----------------------------------------------------------- */

static void put_dims(td_text *shape, const int *dims, int count)
{
    td_text dim = { 0 };
    td_message_word(&dim, DIM_NAME, "N");
    td_message_put(shape, SHAPE_DIM, &dim);
    for (int i = 0; i < count; i++) {
        td_message_integer(&dim, DIM_NUMBER, (uint64_t) dims[i]);
        td_message_put(shape, SHAPE_DIM, &dim);
    }
}

void td_onnx_end_of_graph(td_onnx *onnx, int field, const char *name, const int *dims,
                          int count)
{
    td_text shape = { 0 }, tensor = { 0 }, type = { 0 }, value = { 0 };
    put_dims(&shape, dims, count);
    td_message_integer(&tensor, TYPE_ELEMENT, FLOAT32);
    td_message_put(&tensor, TYPE_SHAPE, &shape);
    td_message_put(&type, TYPE_TENSOR, &tensor);
    td_message_word(&value, VALUE_NAME, name);
    td_message_put(&value, VALUE_TYPE, &type);
    td_message_put(&onnx->graph, field, &value);
}
