/* Dense kernels of the elimination, compiled once per instruction set (UMI_KERNEL_PATH,
 * UMI_KERNEL_LANES). Columns stand in memory one after the other, padded to PAD rows, so that rows
 * are always taken by whole vectors. */
#include "linalg/kernels/linalg_kernels.h"

#include "linalg/kernels/lanes.h"

/* The part of a product that is kept in registers: TALL vectors times WIDE columns. */
enum { PAD = 8, TALL = UMI_KERNEL_LANES == 8 ? 3 : 2, WIDE = UMI_KERNEL_LANES == 8 ? 8 : 4, DEEP = 8 };

static inline int pad(int rows) { return (rows + PAD - 1) / PAD * PAD; }

#define INLINE static inline __attribute__((always_inline))

/* b(p, j) = b[p step + j next] */
typedef struct factor {
    const double *b;
    ptrdiff_t step, next;
} factor;

/* c -= a b on tall vectors of rows and wide columns. */
INLINE void tile(int tall, int wide, int depth, const double *a, ptrdiff_t lda, factor f, double *c,
                 ptrdiff_t ldc)
{
    lanes sum[TALL][WIDE];
    for (int j = 0; j < wide; j++)
        for (int i = 0; i < tall; i++) sum[i][j] = load(c + j * ldc + i * UMI_KERNEL_LANES);
    for (int p = 0; p < depth; p++) {
        lanes column[TALL];
        for (int i = 0; i < tall; i++) column[i] = load(a + p * lda + i * UMI_KERNEL_LANES);
        for (int j = 0; j < wide; j++)
            for (int i = 0; i < tall; i++) sum[i][j] -= column[i] * f.b[p * f.step + j * f.next];
    }
    for (int j = 0; j < wide; j++)
        for (int i = 0; i < tall; i++) store(c + j * ldc + i * UMI_KERNEL_LANES, sum[i][j]);
}

INLINE void strip(int wide, int rows, int depth, const double *a, ptrdiff_t lda, factor f,
                  double *c, ptrdiff_t ldc)
{
    int i = 0;
    for (; i + TALL * UMI_KERNEL_LANES <= rows; i += TALL * UMI_KERNEL_LANES)
        tile(TALL, wide, depth, a + i, lda, f, c + i, ldc);
    for (; i < rows; i += UMI_KERNEL_LANES) tile(1, wide, depth, a + i, lda, f, c + i, ldc);
}

/* c -= a b; rows are rounded up to whole vectors. */
static void subtract_product(int rows, int columns, int depth, const double *a, ptrdiff_t lda,
                             factor f, double *c, ptrdiff_t ldc)
{
    int j = 0;
    for (; j + WIDE <= columns; j += WIDE, c += WIDE * ldc, f.b += WIDE * f.next)
        strip(WIDE, rows, depth, a, lda, f, c, ldc);
    for (; j + 2 <= columns; j += 2, c += 2 * ldc, f.b += 2 * f.next)
        strip(2, rows, depth, a, lda, f, c, ldc);
    if (j < columns) strip(1, rows, depth, a, lda, f, c, ldc);
}

static bool factorise(int width, double *pivots)
{
    for (int p = 0; p < width; p++) {
        double *column = pivots + p * width, pivot = column[p];
        if (!(__builtin_fabs(pivot) > 0 && __builtin_fabs(pivot) < __builtin_inf())) return false;
        double inverse = column[p] = 1 / pivot;
        for (int i = p + 1; i < width; i++) column[i] *= inverse;
        for (int j = p + 1; j < width; j++) {
            double *other = pivots + j * width, upper = other[p];
            for (int i = p + 1; i < width; i++) other[i] -= upper * column[i];
        }
    }
    return true;
}

/* x <- x t^-1 for t(p, q), p <= q, upper triangular, its diagonal inverted or 1. */
INLINE void solve_right(int width, int height, double *x, factor t, bool unit)
{
    int ld = pad(height);
    for (int first = 0; first < width; first += DEEP) {
        int end = width - first < DEEP ? width : first + DEEP;
        factor above = {t.b + first * t.next, t.step, t.next};
        if (first) subtract_product(height, end - first, first, x, ld, above, x + first * ld, ld);
        for (int q = first; q < end; q++) {
            double inverse = unit ? 1 : t.b[q * (t.step + t.next)];
            for (int i = 0; i < height; i += UMI_KERNEL_LANES) {
                lanes value = load(x + q * ld + i);
                for (int p = first; p < q; p++)
                    value -= load(x + p * ld + i) * t.b[p * t.step + q * t.next];
                store(x + q * ld + i, value * inverse);
            }
        }
    }
}

static bool eliminate(int width, int height, double *pivots, double *below, double *right,
                      double *update)
{
    if (!factorise(width, pivots)) return false;
    int ld = pad(height);
    solve_right(width, height, below, (factor){pivots, 1, width}, false);
    solve_right(width, height, right, (factor){pivots, width, 1}, true);
    subtract_product(height, height, width, below, ld, (factor){right, ld, 1}, update, ld);
    return true;
}

/* sum = a x on tall vectors of rows. */
INLINE void multiply(int tall, int width, const double *a, ptrdiff_t ld, const double *x, double *sum)
{
    lanes total[4] = {0};
    for (int p = 0; p < width; p++, a += ld)
        for (int i = 0; i < tall; i++) total[i] += load(a + i * UMI_KERNEL_LANES) * x[p];
    for (int i = 0; i < tall; i++) store(sum + i * UMI_KERNEL_LANES, total[i]);
}

static void forward(int width, int height, const double *pivots, const double *below, double *x,
                    double *sum)
{
    int i = 0, ld = pad(height);
    for (int p = 0; p < width; p++)
        for (int q = p + 1; q < width; q++) x[q] -= pivots[p * width + q] * x[p];
    for (; i + 4 * UMI_KERNEL_LANES <= ld; i += 4 * UMI_KERNEL_LANES)
        multiply(4, width, below + i, ld, x, sum + i);
    for (; i < ld; i += UMI_KERNEL_LANES) multiply(1, width, below + i, ld, x, sum + i);
}

static inline double sum_lanes(lanes v)
{
#if UMI_KERNEL_LANES == 8
    v += __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3);
    v += __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5);
#elif UMI_KERNEL_LANES == 4
    v += __builtin_shufflevector(v, v, 2, 3, 0, 1);
#endif
    return v[0] + v[1];
}

/* x -= a^T y for wide columns. */
INLINE void subtract_dots(int wide, int height, const double *a, ptrdiff_t ld, const double *y, double *x)
{
    lanes sum[4] = {0};
    for (int i = 0; i < height; i += UMI_KERNEL_LANES)
        for (int j = 0; j < wide; j++) sum[j] += load(a + j * ld + i) * load(y + i);
    for (int j = 0; j < wide; j++) x[j] -= sum_lanes(sum[j]);
}

static void backward(int width, int height, const double *pivots, const double *right,
                     const double *y, double *x)
{
    int p = 0;
    ptrdiff_t ld = pad(height);
    for (; p + 4 <= width; p += 4) subtract_dots(4, height, right + p * ld, ld, y, x + p);
    for (; p < width; p++) subtract_dots(1, height, right + p * ld, ld, y, x + p);
    for (p = width - 1; p >= 0; p--) {
        x[p] *= pivots[p * width + p];
        for (int q = 0; q < p; q++) x[q] -= pivots[p * width + q] * x[p];
    }
}

/* Element (row i, all right-hand sides) as vectors: one of 8 lanes, two of 4, four of 2. */
enum { PARTS = UMI_SEVERAL / UMI_KERNEL_LANES };

INLINE lanes part(const double *x, ptrdiff_t row, int l)
{
    return load(x + row * UMI_SEVERAL + l * UMI_KERNEL_LANES);
}

INLINE void put(double *x, ptrdiff_t row, int l, lanes value)
{
    store(x + row * UMI_SEVERAL + l * UMI_KERNEL_LANES, value);
}

/* to_i = sum over p of a_ip x_p for `tall` rows. */
INLINE void multiply_several(int tall, int width, const double *a, ptrdiff_t ld, const double *x,
                             double *to)
{
    for (int l = 0; l < PARTS; l++) {
        lanes sum[UMI_SEVERAL] = {0};
        for (int p = 0; p < width; p++) {
            lanes value = part(x, p, l);
            for (int i = 0; i < tall; i++) sum[i] += value * a[p * ld + i];
        }
        for (int i = 0; i < tall; i++) put(to, i, l, sum[i]);
    }
}

static void forward_several(int width, int height, const double *pivots, const double *below,
                            double *x, double *sum)
{
    for (int l = 0; l < PARTS; l++)
        for (int p = 0; p < width; p++) {
            lanes value = part(x, p, l);
            for (int q = p + 1; q < width; q++)
                put(x, q, l, part(x, q, l) - value * pivots[p * width + q]);
        }
    int i = 0;
    ptrdiff_t ld = pad(height);
    for (; i + 8 <= height; i += 8) multiply_several(8, width, below + i, ld, x, sum + i * UMI_SEVERAL);
    for (; i < height; i++) multiply_several(1, width, below + i, ld, x, sum + i * UMI_SEVERAL);
}

/* x_p -= sum over i of a_ip y_i for `wide` columns. */
INLINE void subtract_several(int wide, int height, const double *a, ptrdiff_t ld, const double *y,
                             double *x)
{
    for (int l = 0; l < PARTS; l++) {
        lanes sum[4] = {0};
        for (int i = 0; i < height; i++) {
            lanes value = part(y, i, l);
            for (int p = 0; p < wide; p++) sum[p] += value * a[p * ld + i];
        }
        for (int p = 0; p < wide; p++) put(x, p, l, part(x, p, l) - sum[p]);
    }
}

static void backward_several(int width, int height, const double *pivots, const double *right,
                             const double *y, double *x)
{
    int p = 0;
    ptrdiff_t ld = pad(height);
    for (; p + 4 <= width; p += 4)
        subtract_several(4, height, right + p * ld, ld, y, x + p * UMI_SEVERAL);
    for (; p < width; p++) subtract_several(1, height, right + p * ld, ld, y, x + p * UMI_SEVERAL);
    for (int l = 0; l < PARTS; l++)
        for (p = width - 1; p >= 0; p--) {
            lanes value = part(x, p, l) * pivots[p * width + p];
            put(x, p, l, value);
            for (int q = 0; q < p; q++)
                put(x, q, l, part(x, q, l) - value * pivots[p * width + q]);
        }
}

extern const umi_front_kernels UMI_NAME(umi_front_kernels, UMI_KERNEL_PATH);
const umi_front_kernels UMI_NAME(umi_front_kernels, UMI_KERNEL_PATH) = {
    .eliminate = eliminate, .forward = forward, .backward = backward,
    .forward_several = forward_several, .backward_several = backward_several};
