/* A few columns against a basis of many, compiled once per instruction set. Rows go by chunks that
 * stay in the second cache while all of the basis passes; library products of such shapes copy
 * the basis first, which takes longer than they do. */
#include "linalg/kernels/linalg_kernels.h"

#include "linalg/kernels/lanes.h"

/* Basis vectors and columns whose products are kept in registers. */
enum { TALL = UMI_KERNEL_LANES == 8 ? 6 : 4, WIDE = UMI_KERNEL_LANES == 8 ? 4 : 2, CHUNK = 512 };

#define INLINE static inline __attribute__((always_inline))

static inline double sum_of(lanes v)
{
    double sum = 0;
    for (int i = 0; i < UMI_KERNEL_LANES; i++) sum += v[i];
    return sum;
}

/* c(i, j) += <v_i, x_j>; ldc between the columns of c, ld between those of v and of x. */
INLINE void add_products(int tall, int wide, size_t rows, const double *v, const double *x, size_t ld,
                         double *c, size_t ldc)
{
    lanes sum[TALL][WIDE] = {0};
    size_t n = 0;
    for (; n + UMI_KERNEL_LANES <= rows; n += UMI_KERNEL_LANES) {
        lanes left[TALL];
        for (int i = 0; i < tall; i++) left[i] = load(v + (size_t)i * ld + n);
        for (int j = 0; j < wide; j++) {
            lanes right = load(x + (size_t)j * ld + n);
            for (int i = 0; i < tall; i++) sum[i][j] += left[i] * right;
        }
    }
    for (int j = 0; j < wide; j++)
        for (int i = 0; i < tall; i++) {
            double rest = sum_of(sum[i][j]);
            for (size_t m = n; m < rows; m++) rest += v[(size_t)i * ld + m] * x[(size_t)j * ld + m];
            c[(size_t)j * ldc + (size_t)i] += rest;
        }
}

/* x_j -= sum over i of v_i c(i, j) */
INLINE void subtract(int tall, int wide, size_t rows, const double *v, const double *c, size_t ldc,
                     size_t ld, double *x)
{
    lanes factor[TALL][WIDE];
    for (int j = 0; j < wide; j++)
        for (int i = 0; i < tall; i++) factor[i][j] = fill(c[(size_t)j * ldc + (size_t)i]);
    size_t n = 0;
    for (; n + UMI_KERNEL_LANES <= rows; n += UMI_KERNEL_LANES) {
        lanes left[TALL];
        for (int i = 0; i < tall; i++) left[i] = load(v + (size_t)i * ld + n);
        for (int j = 0; j < wide; j++) {
            lanes value = load(x + (size_t)j * ld + n);
            for (int i = 0; i < tall; i++) value -= left[i] * factor[i][j];
            store(x + (size_t)j * ld + n, value);
        }
    }
    for (; n < rows; n++)
        for (int j = 0; j < wide; j++)
            for (int i = 0; i < tall; i++)
                x[(size_t)j * ld + n] -= v[(size_t)i * ld + n] * c[(size_t)j * ldc + (size_t)i];
}

typedef struct block {
    size_t size;
    int basis, count;
    const double *v;
    double *x;
} block;

/* As many basis vectors at a time as are left, or one by one. */
static int choose_tall(int left) { return left >= TALL ? TALL : left >= 2 ? 2 : 1; }

static void add_all(const block *b, size_t first, size_t rows, double *c)
{
    size_t ldc = (size_t)b->basis;
    for (int i = 0, tall; i < b->basis; i += tall) {
        const double *v = b->v + (size_t)i * b->size + first;
        tall = choose_tall(b->basis - i);
        for (int j = 0, wide; j < b->count; j += wide) {
            const double *x = b->x + (size_t)j * b->size + first;
            double *to = c + (size_t)j * ldc + (size_t)i;
            wide = b->count - j < WIDE ? 1 : WIDE;
            if (wide == WIDE && tall == TALL)
                add_products(TALL, WIDE, rows, v, x, b->size, to, ldc);
            else if (wide == WIDE && tall == 2)
                add_products(2, WIDE, rows, v, x, b->size, to, ldc);
            else if (wide == WIDE)
                add_products(1, WIDE, rows, v, x, b->size, to, ldc);
            else if (tall == TALL)
                add_products(TALL, 1, rows, v, x, b->size, to, ldc);
            else if (tall == 2)
                add_products(2, 1, rows, v, x, b->size, to, ldc);
            else
                add_products(1, 1, rows, v, x, b->size, to, ldc);
        }
    }
}

static void subtract_all(const block *b, size_t first, size_t rows, const double *c)
{
    size_t ldc = (size_t)b->basis;
    for (int i = 0, tall; i < b->basis; i += tall) {
        const double *v = b->v + (size_t)i * b->size + first;
        tall = choose_tall(b->basis - i);
        for (int j = 0, wide; j < b->count; j += wide) {
            double *x = b->x + (size_t)j * b->size + first;
            const double *of = c + (size_t)j * ldc + (size_t)i;
            wide = b->count - j < WIDE ? 1 : WIDE;
            if (wide == WIDE && tall == TALL)
                subtract(TALL, WIDE, rows, v, of, ldc, b->size, x);
            else if (wide == WIDE && tall == 2)
                subtract(2, WIDE, rows, v, of, ldc, b->size, x);
            else if (wide == WIDE)
                subtract(1, WIDE, rows, v, of, ldc, b->size, x);
            else if (tall == TALL)
                subtract(TALL, 1, rows, v, of, ldc, b->size, x);
            else if (tall == 2)
                subtract(2, 1, rows, v, of, ldc, b->size, x);
            else
                subtract(1, 1, rows, v, of, ldc, b->size, x);
        }
    }
}

/* The second products are taken of every chunk while it is near. */
static void reject(size_t size, int basis, const double *v, int count, double *x, double *c,
                   double *again)
{
    block b = {size, basis, count, v, x};
    size_t all = (size_t)basis * (size_t)count;
    for (size_t i = 0; i < all; i++) c[i] = again[i] = 0;
    for (size_t n = 0; n < size; n += CHUNK)
        add_all(&b, n, size - n < CHUNK ? size - n : CHUNK, c);
    for (size_t n = 0; n < size; n += CHUNK) {
        size_t rows = size - n < CHUNK ? size - n : CHUNK;
        subtract_all(&b, n, rows, c);
        add_all(&b, n, rows, again);
    }
    for (size_t n = 0; n < size; n += CHUNK)
        subtract_all(&b, n, size - n < CHUNK ? size - n : CHUNK, again);
    for (size_t i = 0; i < all; i++) c[i] += again[i];
}

extern const umi_block_kernels UMI_NAME(umi_block_kernels, UMI_KERNEL_PATH);
const umi_block_kernels UMI_NAME(umi_block_kernels, UMI_KERNEL_PATH) = {.reject = reject};
