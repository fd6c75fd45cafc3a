/** Floor 2: the compute kernels, behind one table of functions.
 *
 *  Activations are planes of 16 channels, [C/16][H][W][16] an image, channels padded
 *  with zeros to the plane.  All kernels work on one image and run on the calling
 *  thread: the floors above spread images over threads.
 *
 *  kernels/plain holds the specification, loops that say what each kernel means;
 *  kernels/vector the fast form, compiled once per instruction set.
 *  td_isa_select() and td_kernels_get() pick a table at start.
 */
#ifndef TAILDART_KERNELS_H
#define TAILDART_KERNELS_H

#include "taildart/base.h"

TD_PUBLIC_BEGIN

enum {
    TD_PLANE = 16, /**< channels of a plane                                     */
    TD_MARGIN = 4, /**< zero pixels around a padded image: 5x5, dilation 2      */
    TD_BLOCK = 64  /**< pixels that pass through a fused kernel together        */
};

/** Planes that hold \a channels channels.  Not collective. */
static inline int td_planes(int channels)
{
    return (channels + TD_PLANE - 1) / TD_PLANE;
}

/** The channels of an image in parts that each fill whole planes, as the nodes of a
 *  concatenation do.  What pads a part's last plane is zero: products leave it out. */
typedef struct {
    int parts;
    int channels; /**< of each part */
} td_channels;

/** Planes of all parts.  Not collective. */
static inline int td_channels_planes(td_channels c)
{
    return c.parts * td_planes(c.channels);
}

/** Channels of a plane that are not padding.  Not collective. */
static inline int td_plane_channels(td_channels c, int plane)
{
    int left = c.channels - plane % td_planes(c.channels) * TD_PLANE;
    return left < TD_PLANE ? left : TD_PLANE;
}

/** Size of an image: planes, rows, columns. */
typedef struct {
    int planes, height, width;
} td_extent;

/** Numbers in an image, and in an image with its margin.  Not collective. */
static inline size_t td_extent_count(td_extent e)
{
    return (size_t) e.planes * (size_t) e.height * (size_t) e.width * TD_PLANE;
}
static inline size_t td_extent_padded_count(td_extent e)
{
    return (size_t) e.planes * (size_t) (e.height + 2 * TD_MARGIN) *
           (size_t) (e.width + 2 * TD_MARGIN) * TD_PLANE;
}

/** A depthwise convolution, padding dilation·(kernel−1)/2. */
typedef struct {
    td_extent in; /**< of the input; the output has in/stride rows and columns */
    int kernel;   /**< 3 or 5                                                  */
    int stride;   /**< 1 or 2                                                  */
    int dilation; /**< 1 or 2                                                  */
} td_depthwise;

/** Whether it is one that the kernels know: kernel, stride and dilation as above, sides
 *  divisible by the stride.  Not collective. */
static inline bool td_depthwise_is_valid(const td_depthwise *conv)
{
    return (conv->kernel == 3 || conv->kernel == 5) &&
           (conv->stride == 1 || conv->stride == 2) &&
           (conv->dilation == 1 || conv->dilation == 2) &&
           conv->in.height % conv->stride == 0 && conv->in.width % conv->stride == 0;
}

/** Extent of its output.  Not collective. */
static inline td_extent td_depthwise_out(const td_depthwise *conv)
{
    return (td_extent){ conv->in.planes, conv->in.height / conv->stride,
                        conv->in.width / conv->stride };
}

/** A depthwise-separable convolution: y = W·depthwise(r), as many planes out as in. */
typedef struct {
    td_depthwise conv;
    int channels;              /**< of conv.in.planes planes, the rest is zero   */
    const td_real *taps;       /**< (planes, k·k, 16)                            */
    const td_real *matrix;     /**< W: (planes, planes·16, 16), see pointwise    */
    const td_real *transposed; /**< Wᵀ in the same order                         */
} td_separable;

/** Whether it is one that the kernels know, with the planes that its channels fill.
 *  Not collective. */
static inline bool td_separable_is_valid(const td_separable *unit)
{
    return td_depthwise_is_valid(&unit->conv) &&
           unit->conv.in.planes == td_planes(unit->channels);
}

/** Numbers of the work space that the separable kernels want.  Not collective. */
static inline size_t td_separable_work(td_extent out)
{
    size_t block = out.width > TD_BLOCK ? (size_t) out.width : (size_t) TD_BLOCK;
    return 2 * (size_t) out.planes * block * TD_PLANE;
}

/** Sums over the pixels of one image, per channel of the planes. */
typedef struct {
    double *first;  /**< (planes·16)  Σ y, or Σ g                                */
    double *second; /**< (planes·16)  Σ y², or Σ g·y                             */
} td_sums;

/** The gradient behind a batch norm, gy = a·g + b·y + c, per channel (planes·16). */
typedef struct {
    const td_real *a, *b, *c;
} td_affine;

/** One term a·y of a sum. */
typedef struct {
    const td_real *y; /**< (planes, pixels, 16) */
    const td_real *a; /**< (planes·16)          */
} td_term;

/** One table per instruction set.  In every signature: outputs, inputs, weights, sizes.
 *  Taps are (planes, k·k, 16), the weights of a pointwise kernel
 *  (planes_out, planes_in·16, 16): the outputs of one plane side by side.
 *  Per-channel coefficients are (planes·16).  "Padded" images have TD_MARGIN pixels
 *  around every plane, (planes, H+2M, W+2M, 16): kernels write the inner part only and
 *  rely on a margin of zeros where they read.  All arrays are aligned to 64 bytes;
 *  sides are even where the stride is 2. */
typedef struct {
    const char *isa;

    /** out = ReLU(x).  \a count numbers, a multiple of 16. */
    void (*relu)(td_real *out, const td_real *x, size_t count);

    /** dx += g where x > 0. */
    void (*relu_data)(td_real *dx, const td_real *g, const td_real *x, size_t count);

    /** out = ReLU(x), \a out padded. */
    void (*relu_padded)(td_real *out, const td_real *x, td_extent size);

    /** out = ReLU(scale·y + shift), \a out padded: the second unit's input. */
    void (*norm_relu_padded)(td_real *out, const td_real *y, const td_real *scale,
                             const td_real *shift, td_extent size);

    /** gz = dr where scale·y + shift > 0, else 0; \a sums receives Σ gz and Σ gz·y.
     *  gz may be dr. */
    void (*norm_relu_data)(td_real *gz, td_sums *sums, const td_real *dr,
                           const td_real *y, const td_real *scale, const td_real *shift,
                           int planes, int pixels);

    /** Both half-size phases of an image side by side: planes 0…P−1 of \a out are
     *  x[0::2, 0::2], planes P…2P−1 are x[1::2, 1::2].  x has \a margin pixels around
     *  it. */
    void (*halve)(td_real *out, const td_real *x, td_extent in, int margin);

    /** dx += its transpose applied to g; dx has no margin. */
    void (*halve_data)(td_real *dx, const td_real *g, td_extent in);

    /** y = W·depthwise(r), r padded.  \a sums, where not NULL, receives Σ y and Σ y²;
     *  \a work has td_separable_work() numbers. */
    void (*separable)(td_real *y, td_sums *sums, const td_real *r,
                      const td_separable *unit, td_real *work);

    /** y += scale·(W·depthwise(r)), scale (planes·16): a convolution onto its node,
     *  where the batch norm between is known beforehand. */
    void (*separable_add)(td_real *y, const td_real *scale, const td_real *r,
                          const td_separable *unit, td_real *work);

    /** dd = Wᵀ·gy, gy = a·g + b·y + c: the gradient behind the depthwise convolution,
     *  \a dd padded.  With \a dw also dw (as matrix) += Σ over pixels of
     *  gy ⊗ depthwise(r); r is not read otherwise. */
    void (*separable_data)(td_real *dd, td_real *dw, const td_real *g, const td_real *y,
                           const td_affine *coefs, const td_real *r,
                           const td_separable *unit, td_real *work);

    /** dr = or += the transposed depthwise convolution of the padded dd (of the
     *  output's extent).  \a dr has no margin. */
    void (*depthwise_data)(td_real *dr, bool add, const td_real *dd,
                           const td_real *taps, const td_depthwise *conv);

    /** d_taps += Σ over pixels of dd·r, both padded. */
    void (*depthwise_weights)(td_real *d_taps, const td_real *dd, const td_real *r,
                              const td_depthwise *conv);

    /** y = W d per pixel.  \a sums, where not NULL, receives Σ y and Σ y².
     *  With transposed weights this is the backward pass to the data, too. */
    void (*pointwise)(td_real *y, td_sums *sums, const td_real *d, const td_real *w,
                      td_channels in, int planes_out, int pixels);

    /** dw (planes_out, planes_in·16, 16) += Σ over pixels of gy ⊗ d, for the inputs of
     *  \a in; what pads them must be zero in d, and no more is said of it in dw. */
    void (*pointwise_weights)(td_real *dw, const td_real *gy, const td_real *d,
                              td_channels in, int planes_out, int pixels);

    /** 3x3 maximum, padding 1, stride 1 or 2.  \a argmax, where not NULL, receives the
     *  place of the first one in row order (0…8): bytes (planes, H/s, W/s, 16);
     *  \a sums as in pointwise. */
    void (*max_pool)(td_real *m, uint8_t *argmax, td_sums *sums, const td_real *x,
                     td_extent in, int stride);

    /** dx += gm scattered to the places of the maxima. */
    void (*max_pool_data)(td_real *dx, const td_real *gm, const uint8_t *argmax,
                          td_extent in, int stride);

    /** 3x3 mean over the pixels inside the image (count_include_pad off). */
    void (*avg_pool)(td_real *m, td_sums *sums, const td_real *x, td_extent in,
                     int stride);

    /** dx += its transpose applied to gm. */
    void (*avg_pool_data)(td_real *dx, const td_real *gm, td_extent in, int stride);

    /** sum (planes·16) = Σ g over pixels. */
    void (*sum)(double *sum, const td_real *g, int planes, int pixels);

    /** dots[i] (planes·16) = Σ g·y[i] over pixels, for \a count images y[i]. */
    void (*dots)(double *const *dots, const td_real *g, const td_real *const *y,
                 int count, int planes, int pixels);

    /** out = a·g + b·y + c per channel. */
    void (*affine)(td_real *out, const td_real *g, const td_real *y,
                   const td_affine *coefs, int planes, int pixels);

    /** out = start + Σ of \a count terms, start per channel; with \a add it is added to
     *  what out holds.  out may be the y of a term. */
    void (*combine)(td_real *out, bool add, const td_real *start, const td_term *terms,
                    int count, int planes, int pixels);

    /** sums += terms, each rounded as base_exact.h says.  \return the largest |sum|
     *  that came about, NaN left out */
    double (*exact_add)(double *sums, const td_real *terms, size_t count);
} td_kernels;

/** Instruction sets, weakest first. */
typedef enum {
    TD_ISA_GENERIC,
    TD_ISA_X86_64_V2,
    TD_ISA_X86_64_V3,
    TD_ISA_X86_64_V4,
    TD_ISA_ARMV8_A, /**< 64 bits, with NEON as all of them have it */
    TD_ISA_COUNT
} td_isa;

/** "generic", "x86-64-v2", …  Not collective. */
const char *td_isa_name(td_isa isa);

/** Whether its kernels were built, and run on this CPU.  Not collective. */
bool td_isa_runs(td_isa isa);

/** The strongest one that was built and that CPU and system support.  Not collective.
 */
td_isa td_isa_detect(void);

/** TAILDART_ISA if set, else \a detected.
 *  Not collective.  \return TD_USAGE with the list of those that work, for a name that
 *  is unknown or not supported here */
td_status td_isa_select(td_isa *chosen, td_isa detected);

/** The table of an instruction set.  Not collective. */
const td_kernels *td_kernels_get(td_isa isa);

/** Sizes of a dense product C (m,n) = A (m,k) · B (k,n), all row-major; a transposed
 *  operand is stored the other way round. */
typedef struct {
    int m, n, k;
    bool a_transposed, b_transposed;
} td_gemm_size;

/** C = A·B, or C += A·B, by OpenBLAS on the calling thread.
 *  Not collective.  \param [in,out] c (m,n) */
void td_gemm(td_real *c, const td_real *a, const td_real *b, td_gemm_size size,
             bool accumulate);

/** OpenBLAS's name of the core whose kernels it runs, which may be a weaker one than
 *  the CPU's: "Haswell".  Not collective. */
const char *td_gemm_core(void);

/** FLOP/s of a large square SGEMM on \a threads threads, best of a few.
 *  Not collective. */
double td_gemm_peak(int threads);

/** Let this thread treat denormal numbers as zero: decaying momentum turns into them,
 *  and they cost a hundred cycles each.  Call it in every OpenMP thread.
 *  Not collective. */
void td_kernels_flush_denormals(void);

/** Keep OpenBLAS at one thread, as OpenMP spreads the work, and let it take its buffer
 *  while there is memory, once.  Not collective.  Ends the job where there is none:
 *  OpenBLAS itself would ask for ever. */
void td_gemm_init(void);

/** Bytes of that buffer, one a thread that calls OpenBLAS.  Not collective. */
double td_gemm_buffer_bytes(void);

TD_PUBLIC_END

#endif
