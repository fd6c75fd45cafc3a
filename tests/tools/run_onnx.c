/* run_onnx MODEL.onnx IMAGES.idx LOGITS.h5: run a model and hold its logits against
 * those of `taildart eval --logits`.
 *
 * An interpreter of the operators that `taildart export --to onnx` uses, in double and
 * by their definitions in the ONNX specification, operator set 13: it knows nothing of
 * taildart, and stands in where ONNX Runtime is not installed.  Images are unsigned
 * bytes of one channel in MNIST's format; smaller ones than the model's input lie in
 * the middle of zeros.  Prints the largest difference; exit status 1 where it is above
 * 1e-5 of the largest logit. */
#define H5_USE_110_API
#include <hdf5.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void stop(const char *what)
{
    fprintf(stderr, "run_onnx: %s\n", what);
    exit(EXIT_FAILURE);
}

/* A macro, so that an analyser sees what holds after it. */
#define check(good, what) ((good) ? (void) 0 : stop(what))

static void *make(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    check(memory != NULL, "memory");
    return memory;
}

static void read_file(const char *path, unsigned char **bytes, size_t *length)
{
    FILE *file = fopen(path, "rb");
    check(file && fseek(file, 0, SEEK_END) == 0, path);
    *length = (size_t) ftell(file);
    rewind(file);
    *bytes = make(*length, 1);
    check(fread(*bytes, 1, *length, file) == *length, path);
    fclose(file);
}

/* ---- messages of protobuf ------------------------------------------------------- */

/* What is left of a message. */
typedef struct {
    const unsigned char *at, *end;
} message;

/* A field: a number, or the bytes of a word or a message. */
typedef struct {
    int number;
    uint64_t value;
    message inner;
} field;

static uint64_t varint(message *m)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        check(m->at < m->end, "a number is cut off");
        value |= (uint64_t) (*m->at & 0x7f) << shift;
        if (!(*m->at++ & 0x80))
            break;
    }
    return value;
}

static int next(message *m, field *f)
{
    if (m->at == m->end)
        return 0;
    uint64_t key = varint(m);
    *f = (field){ .number = (int) (key >> 3) };
    if ((key & 7) == 0) {
        f->value = varint(m);
        return 1;
    }
    check((key & 7) == 2 || (key & 7) == 5, "a kind of field that no model here has");
    uint64_t length = (key & 7) == 5 ? 4 : varint(m);
    check(length <= (uint64_t) (m->end - m->at), "a field is cut off");
    f->inner = (message){ m->at, m->at + length };
    m->at += length;
    return 1;
}

static void copy_word(char *to, size_t capacity, message word)
{
    size_t length = (size_t) (word.end - word.at);
    check(word.at != NULL && length < capacity, "no name, or a long one");
    memcpy(to, word.at, length);
    to[length] = '\0';
}

/* ---- tensors -------------------------------------------------------------------- */

/* (dims): a value of the graph; tensors of fewer dimensions end in 1s. */
typedef struct {
    char name[256];
    int dims[4], rank;
    double *data;
} tensor;

static tensor *values[1 << 14];
static int known;

static size_t count_of(const tensor *t)
{
    return (size_t) t->dims[0] * (size_t) t->dims[1] * (size_t) t->dims[2] *
           (size_t) t->dims[3];
}

static tensor *new_tensor(int n, int c, int h, int w)
{
    tensor *t = make(1, sizeof *t);
    *t = (tensor){ .dims = { n, c, h, w }, .rank = 4 };
    t->data = make(count_of(t), sizeof *t->data);
    return t;
}

static void keep(tensor *t)
{
    check(known < (int) (sizeof values / sizeof *values), "many values");
    values[known++] = t;
}

static const tensor *find(const char *name)
{
    for (int i = known - 1; i >= 0; i--)
        if (strcmp(values[i]->name, name) == 0)
            return values[i];
    check(0, name);
    return NULL;
}

static double at(const tensor *t, int n, int c, int y, int x)
{
    return t
        ->data[(((size_t) n * (size_t) t->dims[1] + (size_t) c) * (size_t) t->dims[2] +
                (size_t) y) *
                   (size_t) t->dims[3] +
               (size_t) x];
}

static double real_at(const unsigned char *bytes)
{
    float real;
    memcpy(&real, bytes, sizeof real);
    return (double) real;
}

static double whole_at(const unsigned char *bytes)
{
    int64_t whole;
    memcpy(&whole, bytes, sizeof whole);
    return (double) whole;
}

/* TensorProto: dims 1, type 2 (1 float32, 7 int64), name 8, bytes 9. */
static void read_constant(message m)
{
    tensor *t = new_tensor(1, 1, 1, 1);
    message bytes = { 0 };
    int type = 0;
    t->rank = 0;
    for (field f; next(&m, &f);) {
        if (f.number == 1 && t->rank < 4)
            t->dims[t->rank++] = (int) f.value;
        else if (f.number == 2)
            type = (int) f.value;
        else if (f.number == 8)
            copy_word(t->name, sizeof t->name, f.inner);
        else if (f.number == 9)
            bytes = f.inner;
        else
            check(0, "a field of a tensor that no model here has");
    }
    size_t count = count_of(t), each = type == 1 ? 4 : 8;
    check(bytes.at && (type == 1 || type == 7) &&
              (size_t) (bytes.end - bytes.at) == count * each,
          t->name);
    free(t->data);
    t->data = make(count, sizeof *t->data);
    for (size_t i = 0; i < count; i++) {
        const unsigned char *from = bytes.at + i * each;
        t->data[i] = type == 1 ? real_at(from) : whole_at(from);
    }
    keep(t);
}

/* ---- nodes ---------------------------------------------------------------------- */

enum { MOST_IN = 16, MOST_ATTRIBUTES = 8 };

typedef struct {
    char name[32];
    double number;
    int list[4], count;
    int used;
} attribute;

typedef struct {
    char kind[64], out[256];
    const tensor *in[MOST_IN];
    int inputs, attributes;
    attribute attribute[MOST_ATTRIBUTES];
} node;

/* AttributeProto: name 1, float 2, int 3, ints 8, type 20. */
static void read_attribute(node *n, message m)
{
    check(n->attributes < MOST_ATTRIBUTES, "many attributes");
    attribute *a = &n->attribute[n->attributes++];
    *a = (attribute){ 0 };
    for (field f; next(&m, &f);) {
        if (f.number == 1)
            copy_word(a->name, sizeof a->name, f.inner);
        else if (f.number == 2) {
            check(f.inner.end - f.inner.at == 4, "four bytes");
            a->number = real_at(f.inner.at);
        } else if (f.number == 3)
            a->number = (double) f.value;
        else if (f.number == 8 && a->count < 4)
            a->list[a->count++] = (int) f.value;
        else
            check(f.number == 20, "an attribute that no model here has");
    }
}

/* NodeProto: inputs 1, output 2, name 3, operator 4, attributes 5. */
static void read_node(node *n, message m)
{
    char name[256];
    *n = (node){ 0 };
    for (field f; next(&m, &f);) {
        if (f.number == 1) {
            check(n->inputs < MOST_IN, "many inputs");
            copy_word(name, sizeof name, f.inner);
            n->in[n->inputs++] = find(name);
        } else if (f.number == 2)
            copy_word(n->out, sizeof n->out, f.inner);
        else if (f.number == 4)
            copy_word(n->kind, sizeof n->kind, f.inner);
        else if (f.number == 5)
            read_attribute(n, f.inner);
        else
            check(f.number == 3, "a field of a node that no model here has");
    }
}

static attribute *named(node *n, const char *name)
{
    for (int i = 0; i < n->attributes; i++)
        if (strcmp(n->attribute[i].name, name) == 0) {
            n->attribute[i].used = 1;
            return &n->attribute[i];
        }
    return NULL;
}

static double number(node *n, const char *name, double otherwise)
{
    const attribute *a = named(n, name);
    return a ? a->number : otherwise;
}

/* A window that slides over both sides alike. */
typedef struct {
    int size, stride, dilation, pad, out[2];
} window;

static int both_sides(node *n, const char *name, int count, int otherwise)
{
    const attribute *a = named(n, name);
    if (!a)
        return otherwise;
    check(a->count == count, name);
    for (int i = 1; i < count; i++)
        check(a->list[i] == a->list[0], name);
    return a->list[0];
}

static window window_of(node *n)
{
    window w = { both_sides(n, "kernel_shape", 2, 0),
                 both_sides(n, "strides", 2, 1),
                 both_sides(n, "dilations", 2, 1),
                 both_sides(n, "pads", 4, 0),
                 { 0 } };
    check(w.size > 0 && w.stride > 0, "a window without a size");
    for (int i = 0; i < 2; i++)
        w.out[i] = (n->in[0]->dims[2 + i] + 2 * w.pad - w.dilation * (w.size - 1) - 1) /
                       w.stride +
                   1;
    return w;
}

/* Where tap \a t looks from output \a o; outside of \a side, -1. */
static int seen(const window *w, int o, int t, int side)
{
    int i = o * w->stride - w->pad + t * w->dilation;
    return i < side ? i : -1;
}

/* ---- operators ------------------------------------------------------------------ */

static double product(const tensor *x, const tensor *weight, const window *w,
                      const int at_out[4], int groups)
{
    int inputs = weight->dims[1],
        first = at_out[1] / (weight->dims[0] / groups) * inputs;
    double sum = 0;
    for (int c = 0; c < inputs; c++)
        for (int ty = 0; ty < w->size; ty++)
            for (int tx = 0; tx < w->size; tx++) {
                int y = seen(w, at_out[2], ty, x->dims[2]),
                    column = seen(w, at_out[3], tx, x->dims[3]);
                if (y >= 0 && column >= 0)
                    sum += at(weight, at_out[1], c, ty, tx) *
                           at(x, at_out[0], first + c, y, column);
            }
    return sum;
}

static double pooled(const tensor *x, const window *w, const int at_out[4], int is_max)
{
    double sum = 0, most = -HUGE_VAL;
    int count = 0;
    for (int ty = 0; ty < w->size; ty++)
        for (int tx = 0; tx < w->size; tx++) {
            int y = seen(w, at_out[2], ty, x->dims[2]),
                column = seen(w, at_out[3], tx, x->dims[3]);
            if (y < 0 || column < 0)
                continue;
            double value = at(x, at_out[0], at_out[1], y, column);
            sum += value;
            count++;
            most = value > most ? value : most;
        }
    return is_max ? most : sum / count;
}

static tensor *slide(node *n)
{
    const tensor *x = n->in[0];
    int is_conv = strcmp(n->kind, "Conv") == 0,
        is_max = strcmp(n->kind, "MaxPool") == 0;
    int groups = (int) number(n, "group", 1), place[4];
    window w = window_of(n);
    tensor *out = new_tensor(x->dims[0], is_conv ? n->in[1]->dims[0] : x->dims[1],
                             w.out[0], w.out[1]);
    double *value = out->data;
    check(!is_conv || n->in[1]->dims[1] * groups == x->dims[1], n->out);
    for (place[0] = 0; place[0] < out->dims[0]; place[0]++)
        for (place[1] = 0; place[1] < out->dims[1]; place[1]++)
            for (place[2] = 0; place[2] < w.out[0]; place[2]++)
                for (place[3] = 0; place[3] < w.out[1]; place[3]++)
                    *value++ = is_conv ? product(x, n->in[1], &w, place, groups)
                                       : pooled(x, &w, place, is_max);
    return out;
}

/* What makes each number from one of the first input and those of its channel. */
static double change(node *n, double x, int c)
{
    double v[5] = { 0 };
    for (int i = 1; i < n->inputs && i < 5; i++)
        v[i] = n->in[i]->data[c];
    if (strcmp(n->kind, "Relu") == 0)
        return x > 0 ? x : 0;
    if (strcmp(n->kind, "Sub") == 0)
        return x - v[1];
    if (strcmp(n->kind, "Div") == 0)
        return x / v[1];
    return (x - v[3]) / sqrt(v[4] + number(n, "epsilon", 1e-5)) * v[1] + v[2];
}

static tensor *change_all(node *n)
{
    const tensor *x = n->in[0];
    tensor *out = new_tensor(x->dims[0], x->dims[1], x->dims[2], x->dims[3]);
    size_t pixels = (size_t) x->dims[2] * (size_t) x->dims[3];
    for (int i = 1; i < n->inputs; i++)
        check(count_of(n->in[i]) == (size_t) x->dims[1], "one number per channel");
    for (size_t i = 0; i < count_of(x); i++)
        out->data[i] = change(n, x->data[i], (int) (i / pixels % (size_t) x->dims[1]));
    return out;
}

static tensor *sum_up(node *n)
{
    const tensor *x = n->in[0];
    tensor *out = new_tensor(x->dims[0], x->dims[1], x->dims[2], x->dims[3]);
    for (int i = 0; i < n->inputs; i++) {
        check(count_of(n->in[i]) == count_of(x), "terms of one size");
        for (size_t j = 0; j < count_of(x); j++)
            out->data[j] += n->in[i]->data[j];
    }
    return out;
}

static tensor *concat(node *n)
{
    int channels = 0, first = 0;
    const tensor *x = n->in[0];
    check((int) number(n, "axis", 0) == 1, "an axis of channels");
    for (int i = 0; i < n->inputs; i++)
        channels += n->in[i]->dims[1];
    tensor *out = new_tensor(x->dims[0], channels, x->dims[2], x->dims[3]);
    size_t pixels = (size_t) x->dims[2] * (size_t) x->dims[3];
    for (int i = 0; i < n->inputs; i++) {
        size_t block = pixels * (size_t) n->in[i]->dims[1];
        check(count_of(n->in[i]) == block * (size_t) x->dims[0], "parts of one size");
        for (int image = 0; image < x->dims[0]; image++)
            memcpy(out->data + ((size_t) (image * channels + first)) * pixels,
                   n->in[i]->data + (size_t) image * block, block * sizeof(double));
        first += n->in[i]->dims[1];
    }
    return out;
}

/* Parts of both sides: Slice from, Pad (all zeros) around. */
static tensor *cut_or_pad(node *n)
{
    const tensor *x = n->in[0];
    const double *how = n->in[1]->data;
    int is_pad = strcmp(n->kind, "Pad") == 0, first[2], side[2];
    for (int i = 0; i < 2; i++) {
        first[i] = is_pad ? -(int) how[2 + i] : (int) how[i];
        side[i] = is_pad ? x->dims[2 + i] + (int) (how[2 + i] + how[6 + i])
                         : x->dims[2 + i] - first[i];
        check(is_pad
                  ? how[i] == 0 && how[4 + i] == 0
                  : n->in[3]->data[i] == 2 + i && n->in[2]->data[i] >= x->dims[2 + i],
              "sides alone");
    }
    tensor *out = new_tensor(x->dims[0], x->dims[1], side[0], side[1]);
    double *value = out->data;
    for (int i = 0; i < x->dims[0] * x->dims[1]; i++)
        for (int y = first[0]; y < first[0] + side[0]; y++)
            for (int c = first[1]; c < first[1] + side[1]; c++, value++)
                if (y >= 0 && c >= 0 && y < x->dims[2] && c < x->dims[3])
                    *value = at(x, i / x->dims[1], i % x->dims[1], y, c);
    return out;
}

static tensor *mean_of_pixels(node *n)
{
    const tensor *x = n->in[0];
    tensor *out = new_tensor(x->dims[0], x->dims[1], 1, 1);
    int pixels = x->dims[2] * x->dims[3];
    for (size_t i = 0; i < count_of(x); i++)
        out->data[i / (size_t) pixels] += x->data[i] / pixels;
    return out;
}

static tensor *flatten(node *n)
{
    const tensor *x = n->in[0];
    tensor *out = new_tensor(x->dims[0], (int) count_of(x) / x->dims[0], 1, 1);
    memcpy(out->data, x->data, count_of(x) * sizeof *x->data);
    return out;
}

static tensor *directions(node *n)
{
    tensor *out = flatten(n);
    check(number(n, "axis", -1) == 1 && number(n, "p", 2) == 2, "rows of length 1");
    for (int i = 0; i < out->dims[0]; i++) {
        double *row = out->data + (size_t) i * (size_t) out->dims[1], sum = 0;
        for (int c = 0; c < out->dims[1]; c++)
            sum += row[c] * row[c];
        for (int c = 0; c < out->dims[1]; c++)
            row[c] /= sqrt(sum);
    }
    return out;
}

static tensor *multiply(node *n)
{
    const tensor *x = n->in[0], *b = n->in[1], *c = n->in[2];
    tensor *out = new_tensor(x->dims[0], b->dims[0], 1, 1);
    check(number(n, "transB", 0) == 1 && b->dims[1] == x->dims[1],
          "a matrix that fits");
    for (int i = 0; i < x->dims[0]; i++)
        for (int k = 0; k < b->dims[0]; k++) {
            double sum = c->data[k];
            for (int j = 0; j < x->dims[1]; j++)
                sum += at(x, i, j, 0, 0) * at(b, k, j, 0, 0);
            out->data[i * b->dims[0] + k] = sum;
        }
    return out;
}

static const struct {
    const char *kind;
    tensor *(*run)(node *);
} operators[] = { { "Conv", slide },
                  { "MaxPool", slide },
                  { "AveragePool", slide },
                  { "Relu", change_all },
                  { "Sub", change_all },
                  { "Div", change_all },
                  { "BatchNormalization", change_all },
                  { "Sum", sum_up },
                  { "Concat", concat },
                  { "Slice", cut_or_pad },
                  { "Pad", cut_or_pad },
                  { "GlobalAveragePool", mean_of_pixels },
                  { "Flatten", flatten },
                  { "LpNormalization", directions },
                  { "Gemm", multiply } };

static void run_node(message m)
{
    node n;
    tensor *out = NULL;
    read_node(&n, m);
    for (size_t i = 0; i < sizeof operators / sizeof *operators && !out; i++)
        if (strcmp(operators[i].kind, n.kind) == 0)
            out = operators[i].run(&n);
    check(out != NULL, n.kind);
    for (int i = 0; i < n.attributes; i++)
        check(n.attribute[i].used, n.attribute[i].name);
    memcpy(out->name, n.out, sizeof out->name);
    keep(out);
}

/* ---- the model ------------------------------------------------------------------ */

/* ValueInfoProto: name 1, type 2; in that a tensor 1, its shape 2, dimensions 1, each a
 * number 1 or a name 2. */
static void read_input(message m, tensor *input)
{
    field name, kind, type;
    int rank = 0;
    check(next(&m, &name) && name.number == 1, "an input has a name");
    check(next(&m, &kind) && kind.number == 2, "an input has a type");
    check(next(&kind.inner, &type) && type.number == 1, "an input is a tensor");
    copy_word(input->name, sizeof input->name, name.inner);
    for (field part; next(&type.inner, &part);)
        for (field dim, size; part.number == 2 && next(&part.inner, &dim); rank++) {
            check(rank < 4 && next(&dim.inner, &size), "an input has four sides");
            input->dims[rank] = (int) size.value;
        }
    check(rank == 4, "an input has four sides");
}

/* Bytes as numbers of 0 to 1, in the middle. */
static tensor *read_images(const char *path, const tensor *input)
{
    unsigned char *bytes;
    size_t length;
    int sizes[3];
    read_file(path, &bytes, &length);
    for (int i = 0; i < 3; i++)
        sizes[i] = bytes[6 + 4 * i] << 8 | bytes[7 + 4 * i];
    int height = input->dims[2], width = input->dims[3];
    int top = (height - sizes[1]) / 2, left = (width - sizes[2]) / 2;
    check(input->dims[1] == 1 && top >= 0 && left >= 0, "images that fit");
    tensor *images = new_tensor(sizes[0], 1, height, width);
    memcpy(images->name, input->name, sizeof images->name);
    const unsigned char *pixel = bytes + 16;
    for (int n = 0; n < sizes[0]; n++)
        for (int y = 0; y < sizes[1]; y++)
            for (int x = 0; x < sizes[2]; x++)
                images->data[(n * height + y + top) * width + x + left] =
                    *pixel++ / 255.0;
    free(bytes);
    return images;
}

/* GraphProto: nodes 1 in the order of the work, constants 5, input 11. */
static const tensor *run_graph(message graph, const char *images)
{
    tensor input = { 0 };
    message m = graph;
    for (field f; next(&m, &f);)
        if (f.number == 5)
            read_constant(f.inner);
        else if (f.number == 11)
            read_input(f.inner, &input);
    keep(read_images(images, &input));
    for (field f; next(&graph, &f);)
        if (f.number == 1)
            run_node(f.inner);
    return values[known - 1];
}

static double largest_difference(const tensor *logits, const char *path,
                                 double *largest)
{
    double most = 0, *wanted = make(count_of(logits), sizeof *wanted);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t set = H5Dopen2(file, "logits", H5P_DEFAULT), space = H5Dget_space(set);
    check((size_t) H5Sget_simple_extent_npoints(space) == count_of(logits) &&
              H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, wanted) >=
                  0,
          path);
    for (size_t i = 0; i < count_of(logits); i++) {
        double off = fabs(logits->data[i] - wanted[i]), size = fabs(wanted[i]);
        check(off >= 0, "a logit is no number");
        most = off > most ? off : most;
        *largest = size > *largest ? size : *largest;
    }
    free(wanted);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
    return most;
}

int main(int argc, char **argv)
{
    check(argc == 4, "run_onnx MODEL.onnx IMAGES.idx LOGITS.h5");
    unsigned char *bytes;
    size_t length;
    double largest = 0, off = -1;
    read_file(argv[1], &bytes, &length);
    message model = { bytes, bytes + length };
    for (field f; next(&model, &f);)
        if (f.number == 7)
            off = largest_difference(run_graph(f.inner, argv[2]), argv[3], &largest);
    check(off >= 0, "a model has a graph");
    printf("differs by %.2g, the largest logit is %.3g\n", off, largest);
    for (int i = 0; i < known; i++) {
        free(values[i]->data);
        free(values[i]);
    }
    free(bytes);
    return off <= 1e-5 * largest ? EXIT_SUCCESS : EXIT_FAILURE;
}
