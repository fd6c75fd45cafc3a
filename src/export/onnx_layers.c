/* Layers and operations as nodes, each named after the module whose work it does. */
#include "onnx.h"

static const char first_pixel[] = "first_odd", last_pixel[] = "end", sides[] = "sides";

void td_onnx_layer_constants(td_onnx *onnx)
{
    td_onnx_indices(onnx, first_pixel, (const int64_t[]){ 1, 1 }, 2);
    td_onnx_indices(onnx, last_pixel, (const int64_t[]){ INT32_MAX, INT32_MAX }, 2);
    td_onnx_indices(onnx, sides, (const int64_t[]){ 2, 3 }, 2);
}

static td_value relu(td_onnx *onnx, const char *name, td_value x)
{
    return td_onnx_node(onnx, "Relu", td_onnx_value("%s.relu", name), &x, 1);
}

/* Attributes of what looks through a window of \a size pixels a side and leaves the
 * sides as they are, or halves them. */
static void put_window(td_text *node, int size, int stride, int dilation)
{
    int margin = dilation * (size / 2);
    td_onnx_integers(node, "kernel_shape", (const int[]){ size, size }, 2);
    td_onnx_integers(node, "strides", (const int[]){ stride, stride }, 2);
    td_onnx_integers(node, "pads", (const int[]){ margin, margin, margin, margin }, 4);
}

td_value td_onnx_convolution(td_onnx *onnx, const char *name, td_value x, int stride,
                             int dilation, int groups)
{
    td_value out = td_onnx_value("%s", name), weight = td_onnx_value("%s.weight", name);
    const td_export_tensor *tensor = td_exported_find(onnx->of, weight.name);
    td_text node = td_onnx_begin("Conv", out, (const td_value[]){ x, weight }, 2);
    put_window(&node, tensor->dims[2], stride, dilation);
    td_onnx_integers(&node, "dilations", (const int[]){ dilation, dilation }, 2);
    td_onnx_integer(&node, "group", groups);
    td_onnx_end(onnx, &node);
    return out;
}

td_value td_onnx_norm(td_onnx *onnx, const char *name, td_value x)
{
    td_value out = td_onnx_value("%s", name);
    const td_value in[] = { x, td_onnx_value("%s.weight", name),
                            td_onnx_value("%s.bias", name),
                            td_onnx_value("%s.running_mean", name),
                            td_onnx_value("%s.running_var", name) };
    td_text node = td_onnx_begin("BatchNormalization", out, in, 5);
    td_onnx_number(&node, "epsilon", 1e-5f);
    td_onnx_end(onnx, &node);
    return out;
}

/* Half the sides by two convolutions, of the even pixels and of the odd ones. */
static td_value shrink(td_onnx *onnx, const char *name, td_value x)
{
    td_value r = relu(onnx, name, x);
    const td_value cut[] = { r, td_onnx_value(first_pixel), td_onnx_value(last_pixel),
                             td_onnx_value(sides) };
    td_value odd = td_onnx_node(onnx, "Slice", td_onnx_value("%s.odd", name), cut, 4);
    td_value conv_1 = td_onnx_value("%s.conv_1", name),
             conv_2 = td_onnx_value("%s.conv_2", name);
    const td_value halves[] = { td_onnx_convolution(onnx, conv_1.name, r, 2, 1, 1),
                                td_onnx_convolution(onnx, conv_2.name, odd, 2, 1, 1) };
    td_value both = td_onnx_value("%s.both", name), norm = td_onnx_value("%s.bn", name);
    td_text node = td_onnx_begin("Concat", both, halves, 2);
    td_onnx_integer(&node, "axis", 1);
    td_onnx_end(onnx, &node);
    return td_onnx_norm(onnx, norm.name, both);
}

td_value td_onnx_squeeze(td_onnx *onnx, const char *name, td_value x, bool factorized)
{
    if (factorized)
        return shrink(onnx, name, x);
    td_value conv = td_onnx_value("%s.op.1", name),
             norm = td_onnx_value("%s.op.2", name);
    td_value r = relu(onnx, name, x);
    return td_onnx_norm(onnx, norm.name,
                        td_onnx_convolution(onnx, conv.name, r, 1, 1, 1));
}

/* ---- operations ------------------------------------------------------------------ */

/* ReLU, depthwise, pointwise, batch norm; its layers are counted from \a index. */
static td_value unit(td_onnx *onnx, const char *name, int index, td_value x, int stride,
                     int dilation)
{
    td_value first = td_onnx_value("%s.op.%d", name, index),
             depthwise = td_onnx_value("%s.op.%d", name, index + 1),
             pointwise = td_onnx_value("%s.op.%d", name, index + 2),
             norm = td_onnx_value("%s.op.%d", name, index + 3);
    td_value taps = td_onnx_value("%s.weight", depthwise.name);
    int channels = td_exported_find(onnx->of, taps.name)->dims[0];
    x = relu(onnx, first.name, x);
    x = td_onnx_convolution(onnx, depthwise.name, x, stride, dilation, channels);
    x = td_onnx_convolution(onnx, pointwise.name, x, 1, 1, 1);
    return td_onnx_norm(onnx, norm.name, x);
}

/* A mean does not count what lies outside. */
static td_value pool(td_onnx *onnx, const char *name, const char *operator, td_value x,
                     int stride)
{
    td_value out = td_onnx_value("%s", name);
    td_text node = td_onnx_begin(operator, out, &x, 1);
    put_window(&node, 3, stride, 1);
    td_onnx_end(onnx, &node);
    return out;
}

td_value td_onnx_operation(td_onnx *onnx, const char *name, td_value x, td_op op,
                           int stride)
{
    switch (op) {
    case TD_OP_MAX_POOL_3X3:
        return pool(onnx, name, "MaxPool", x, stride);
    case TD_OP_AVG_POOL_3X3:
        return pool(onnx, name, "AveragePool", x, stride);
    case TD_OP_SKIP_CONNECT:
        return stride == 1 ? x : shrink(onnx, name, x);
    case TD_OP_DIL_CONV_3X3:
    case TD_OP_DIL_CONV_5X5:
        return unit(onnx, name, 0, x, stride, 2);
    default:
        TD_ASSERT(op == TD_OP_SEP_CONV_3X3 || op == TD_OP_SEP_CONV_5X5);
        return unit(onnx, name, 4, unit(onnx, name, 0, x, stride, 1), 1, 1);
    }
}
