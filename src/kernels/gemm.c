/* Dense products by OpenBLAS, which here always runs on the calling thread. */
#include "taildart/base_clock.h"
#include "taildart/base_memory.h"
#include "taildart/kernels.h"

#include <cblas.h>
#include <sys/mman.h>

/* Memory that OpenBLAS takes at the first product of each thread, and keeps: 32 MB << 2
 * on x86-64, its largest, and some pages. */
#define BUFFER_BYTES (((size_t) 32 << 22) + ((size_t) 64 << 10))

double td_gemm_buffer_bytes(void)
{
    return (double) BUFFER_BYTES;
}

/* It asks for ever where it gets none. */
static void check_buffers(int threads)
{
    size_t bytes = (size_t) threads * BUFFER_BYTES;
    void *block =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        td_out_of_memory(bytes);
    munmap(block, bytes);
}

/* A product too large for kernels that do without the buffer: from here on OpenBLAS has
 * it, whatever else takes memory. */
static void take_buffer(void)
{
    enum { SIDE = 128 };
    size_t count = (size_t) SIDE * SIDE;
    td_real *block = td_malloc(3 * count * sizeof(td_real));
    td_gemm_size square = { SIDE, SIDE, SIDE, false, false };
    td_gemm(block, block + count, block + 2 * count, square, false);
    td_free(block);
}

void td_gemm_init(void)
{
    static bool has_buffer;
    openblas_set_num_threads(1);
    if (has_buffer)
        return;
    check_buffers(1);
    take_buffer();
    has_buffer = true;
}

void td_gemm(td_real *c, const td_real *a, const td_real *b, td_gemm_size size,
             bool accumulate)
{
    CBLAS_TRANSPOSE ta = size.a_transposed ? CblasTrans : CblasNoTrans;
    CBLAS_TRANSPOSE tb = size.b_transposed ? CblasTrans : CblasNoTrans;
    int lda = size.a_transposed ? size.m : size.k;
    int ldb = size.b_transposed ? size.k : size.n;
    td_real beta = accumulate ? 1 : 0;
    if (size.m == 0 || size.n == 0)
        return;
#ifdef TD_REAL_DOUBLE
    cblas_dgemm(CblasRowMajor, ta, tb, size.m, size.n, size.k, 1.0, a, lda, b, ldb,
                beta, c, size.n);
#else
    cblas_sgemm(CblasRowMajor, ta, tb, size.m, size.n, size.k, 1.0F, a, lda, b, ldb,
                beta, c, size.n);
#endif
}

const char *td_gemm_core(void)
{
    return openblas_get_corename();
}

double td_gemm_peak(int threads)
{
    enum { SIDE = 2048, LEAST = 2, MOST = 5 };
    const double enough = 1.0; /* seconds: OpenBLAS is slow where it has no fast core */
    size_t count = (size_t) SIDE * SIDE;
    td_real *block = td_malloc(3 * count * sizeof(td_real));
    td_real *a = block, *b = block + count, *c = block + 2 * count;
    td_gemm_size square = { SIDE, SIDE, SIDE, false, false };
    double best = 0.0;
    for (size_t i = 0; i < 2 * count; i++)
        block[i] = (td_real) (i % 7) - 3;
    check_buffers(threads);
    openblas_set_num_threads(threads);
    double begun = td_clock_seconds();
    for (int i = 0; i < MOST && (i < LEAST || td_clock_seconds() - begun < enough);
         i++) {
        double start = td_clock_seconds();
        td_gemm(c, a, b, square, false);
        double rate = 2.0 * SIDE * SIDE * SIDE / (td_clock_seconds() - start);
        best = rate > best ? rate : best;
    }
    openblas_set_num_threads(1);
    td_free(block);
    return best;
}
