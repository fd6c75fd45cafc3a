/* Global averages of the outputs of cells, and the transpose of that. */
#include "ends.h"

#include <string.h>

size_t td_output_channel(const td_output *output, int c)
{
    TD_ASSERT(c >= 0 && c < output->channels);
    int part_planes = td_planes(output->part_channels);
    int in_part = c % output->part_channels;
    int plane = c / output->part_channels * part_planes + in_part / TD_PLANE;
    size_t pixels = (size_t) (output->extent.height * output->extent.width);
    return (size_t) plane * pixels * TD_PLANE + (size_t) (in_part % TD_PLANE);
}

void td_features_read_row(td_features to, int row, const td_output *output, int image)
{
    TD_ASSERT(row >= 0 && to.pitch >= output->channels);
    int pixels = output->extent.height * output->extent.width;
    for (int c = 0; c < output->channels; c++) {
        const td_real *x =
            td_output_value(output, image) + td_output_channel(output, c);
        double sum = 0.0;
        for (int p = 0; p < pixels; p++)
            sum += (double) x[p * TD_PLANE];
        to.rows[row * to.pitch + c] = (td_real) (to.scale * sum / pixels);
    }
}

void td_features_read(td_features to, const td_output *output)
{
    TD_ASSERT(to.pitch >= output->channels);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < to.count; i++)
        td_features_read_row(to, i, output, to.first + i);
}

/* Every pixel of a plane gets the same 16 numbers, or is raised by them. */
static void spread(td_real *plane, const td_real share[TD_PLANE], int pixels, bool adds)
{
    if (adds)
        for (int i = 0; i < pixels * TD_PLANE; i++)
            plane[i] += share[i % TD_PLANE];
    else
        for (int p = 0; p < pixels; p++)
            memcpy(plane + p * TD_PLANE, share, TD_PLANE * sizeof(td_real));
}

static void backward_row(const td_features *from, int at, const td_output *output)
{
    const td_real *row = from->rows + at * from->pitch;
    td_extent e = output->extent;
    td_channels layout = { output->channels / output->part_channels,
                           output->part_channels };
    int pixels = e.height * e.width;
    td_real *g = td_output_grad(output, from->first + at);
    TD_ASSERT(td_channels_planes(layout) == e.planes);
    for (int plane = 0; plane < e.planes; plane++, g += pixels * TD_PLANE) {
        td_real share[TD_PLANE] = { 0 };
        for (int c = 0; c < td_plane_channels(layout, plane); c++)
            share[c] = (td_real) (from->scale * (double) *row++ / pixels);
        spread(g, share, pixels, from->adds);
    }
}

void td_features_backward(td_features from, const td_output *output)
{
    TD_ASSERT(from.pitch >= output->channels);
#pragma omp parallel for schedule(static)
    for (int i = 0; i < from.count; i++)
        backward_row(&from, i, output);
}
