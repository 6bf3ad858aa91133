/* The batch kernels, compiled once per instruction set (UMI_KERNEL_PATH, UMI_KERNEL_LANES).
 *
 * A few neighbouring rows run through the columns m together, pure atoms four and others two: what is
 * loaded serves all of them. Which rows go together, and which code computes which element, never
 * depends on the window: a point's bits do not depend on its neighbours in the batch. */
#include "map/kernels/kernels.h"

#include "linalg/kernels/lanes.h"

typedef int64_t bits __attribute__((vector_size(UMI_KERNEL_LANES * sizeof(double)), may_alias));

enum { ELEMENT = UMI_KERNEL_LANES, GENERAL = UMI_FACTORS, PURE_ROWS = 4, GENERAL_ROWS = 2 };

/* Element i of an array of elements. */
#define AT(p, i) (*(const lanes *)((p) + (ptrdiff_t)(i) * ELEMENT))
#define PUT(p, i, value) (*(lanes *)((p) + (ptrdiff_t)(i) * ELEMENT) = (value))

/* One past the last column of a block of rows from n on. At its end everything beyond the window is
 * zero, so that the last column is complete without its right neighbour. */
static inline int column_end(umi_lanes_window w, int n, int rows)
{
    return umi_max(n + rows, umi_min(w.last, n + rows - 1 + w.orders));
}

/* r_{n+1,n}, r_{n+2,n+1}, ... from their mirror images. */
static inline void mirror(double *out, ptrdiff_t stride, int n, int rows)
{
    for (int i = n; i < n + rows; i++) PUT(out + (i + 1) * stride, i, AT(out + i * stride, i + 1));
}

/* Of the element of row i (of the block) at column m: vi, above it vh, below it vj. A row starts with
 * what its diagonal element needs from the left; an element is stored with the next column, when it
 * has got what it needs from the right. */
#define LOAD(i) \
    lanes v##i = AT(in + (n - 1 + i) * stride, m); \
    HOLD(v##i)
#define STORE(i, value) PUT(out + (n - 1 + i) * stride, m - 1, value)

#define PURE_ROW(i) \
    const double *row##i = factors + (n - 1 + i) * UMI_LANES_PURE * ELEMENT; \
    const lanes a##i = AT(row##i, 0), b##i = AT(row##i, 1), c##i = AT(row##i, 2), d##i = AT(row##i, 3); \
    lanes before##i, part##i
#define PURE_COLUMN \
    const double *column = factors + m * UMI_LANES_PURE * ELEMENT; \
    lanes a = AT(column, 0), b = AT(column, 1), c = AT(column, 2), d = AT(column, -1); \
    HOLD(a); \
    HOLD(b); \
    HOLD(c); \
    HOLD(d)
#define PURE_START(h, i) before##i = a##i * v##i + b##i * v##h
#define PURE_FIRST(h, i, j) \
    do { \
        const lanes x = a##i * v##i + b##i * v##h, y = c##i * v##i + d##i * v##j; \
        part##i = a * x + b * before##i + c * y; \
        before##i = x; \
    } while (0)
#define PURE_NEXT(h, i, j) \
    do { \
        const lanes x = a##i * v##i + b##i * v##h, y = c##i * v##i + d##i * v##j; \
        STORE(i, part##i + d * y); \
        part##i = a * x + b * before##i + c * y; \
        before##i = x; \
    } while (0)

static inline void pure_rows(const double *factors, const double *in, double *out, ptrdiff_t stride,
                             int n, int end)
{
    PURE_ROW(1);
    PURE_ROW(2);
    PURE_ROW(3);
    PURE_ROW(4);
    int m = n - 1;
    {
        LOAD(0);
        LOAD(1);
        PURE_START(0, 1);
    }
    m++;
    {
        PURE_COLUMN;
        LOAD(0);
        LOAD(1);
        LOAD(2);
        PURE_FIRST(0, 1, 2);
        PURE_START(1, 2);
    }
    m++;
    {
        PURE_COLUMN;
        LOAD(0);
        LOAD(1);
        LOAD(2);
        LOAD(3);
        PURE_NEXT(0, 1, 2);
        PURE_FIRST(1, 2, 3);
        PURE_START(2, 3);
    }
    m++;
    {
        PURE_COLUMN;
        LOAD(0);
        LOAD(1);
        LOAD(2);
        LOAD(3);
        LOAD(4);
        PURE_NEXT(0, 1, 2);
        PURE_NEXT(1, 2, 3);
        PURE_FIRST(2, 3, 4);
        PURE_START(3, 4);
    }
    m++;
    {
        PURE_COLUMN;
        LOAD(0);
        LOAD(1);
        LOAD(2);
        LOAD(3);
        LOAD(4);
        LOAD(5);
        PURE_NEXT(0, 1, 2);
        PURE_NEXT(1, 2, 3);
        PURE_NEXT(2, 3, 4);
        PURE_FIRST(3, 4, 5);
    }
    for (m++; m < end; m++) {
        PURE_COLUMN;
        LOAD(0);
        LOAD(1);
        LOAD(2);
        LOAD(3);
        LOAD(4);
        LOAD(5);
        PURE_NEXT(0, 1, 2);
        PURE_NEXT(1, 2, 3);
        PURE_NEXT(2, 3, 4);
        PURE_NEXT(3, 4, 5);
    }
    STORE(1, part1);
    STORE(2, part2);
    STORE(3, part3);
    STORE(4, part4);
    mirror(out, stride, n, PURE_ROWS);
}

#define GENERAL_FACTOR(name, i) const lanes name##i = AT(row##i, UMI_FACTOR_##name)
#define GENERAL_ROW(i) \
    const double *row##i = factors + (n - 1 + i) * GENERAL * ELEMENT; \
    GENERAL_FACTOR(ga, i); \
    GENERAL_FACTOR(gb, i); \
    GENERAL_FACTOR(pa, i); \
    GENERAL_FACTOR(pb, i); \
    GENERAL_FACTOR(ea, i); \
    GENERAL_FACTOR(eb, i); \
    GENERAL_FACTOR(da, i); \
    GENERAL_FACTOR(db, i); \
    lanes before##i, part##i
#define GENERAL_COLUMN \
    const double *column = factors + m * GENERAL * ELEMENT; \
    const lanes g = AT(column, UMI_FACTOR_G), p = AT(column, UMI_FACTOR_P); \
    const lanes e = AT(column, UMI_FACTOR_E); \
    lanes d = AT(column, UMI_FACTOR_D - GENERAL); \
    HOLD(d)
#define GENERAL_START(h, i) before##i = pa##i * v##i + pb##i * v##h
#define GENERAL_FIRST(h, i, j) \
    do { \
        part##i = g * (ga##i * v##i + gb##i * v##h) + p * before##i + \
                  e * (ea##i * v##i + eb##i * v##j); \
        before##i = pa##i * v##i + pb##i * v##h; \
    } while (0)
#define GENERAL_NEXT(h, i, j) \
    do { \
        STORE(i, part##i + d * (da##i * v##i + db##i * v##j)); \
        GENERAL_FIRST(h, i, j); \
    } while (0)

static inline void general_rows(const double *factors, const double *in, double *out,
                                ptrdiff_t stride, int n, int end)
{
    GENERAL_ROW(1);
    GENERAL_ROW(2);
    int m = n - 1;
    {
        LOAD(0);
        LOAD(1);
        GENERAL_START(0, 1);
    }
    m++;
    {
        GENERAL_COLUMN;
        LOAD(0);
        LOAD(1);
        LOAD(2);
        GENERAL_FIRST(0, 1, 2);
        GENERAL_START(1, 2);
    }
    m++;
    {
        GENERAL_COLUMN;
        LOAD(0);
        LOAD(1);
        LOAD(2);
        LOAD(3);
        GENERAL_NEXT(0, 1, 2);
        GENERAL_FIRST(1, 2, 3);
    }
    for (m++; m < end; m++) {
        GENERAL_COLUMN;
        LOAD(0);
        LOAD(1);
        LOAD(2);
        LOAD(3);
        GENERAL_NEXT(0, 1, 2);
        GENERAL_NEXT(1, 2, 3);
    }
    STORE(1, part1);
    STORE(2, part2);
    mirror(out, stride, n, GENERAL_ROWS);
}

static void pure(const double *factors, const double *in, double *out, ptrdiff_t stride,
                 umi_lanes_window to)
{
    for (int n = to.first / PURE_ROWS * PURE_ROWS; n < to.last; n += PURE_ROWS)
        pure_rows(factors, in, out, stride, n, column_end(to, n, PURE_ROWS));
}

static void general(const double *factors, const double *in, double *out, ptrdiff_t stride,
                    umi_lanes_window to)
{
    for (int n = to.first / GENERAL_ROWS * GENERAL_ROWS; n < to.last; n += GENERAL_ROWS)
        general_rows(factors, in, out, stride, n, column_end(to, n, GENERAL_ROWS));
}

/* Four sums side by side, by the element's number: zeros at the end change nothing. */
enum { SUMS = 4 };

static void weigh(const double *at, ptrdiff_t step, int count, const double *weights, double *sum)
{
    lanes sums[SUMS] = {{0}};
    int i = 0;
    for (; i + SUMS <= count; i += SUMS)
        for (int j = 0; j < SUMS; j++) sums[j] += AT(weights, i + j) * AT(at + (i + j) * step, 0);
    for (int j = 0; i + j < count; j++) sums[j] += AT(weights, i + j) * AT(at + (i + j) * step, 0);
    PUT(sum, 0, (sums[0] + sums[1]) + (sums[2] + sums[3]));
}

static inline lanes larger(lanes a, lanes b)
{
    const bits mask = a > b;
    return (lanes)(((bits)a & mask) | ((bits)b & ~mask));
}

typedef struct measures {
    lanes largest, moduli, squares;
} measures;

static inline measures take(measures so_far, lanes x)
{
    const lanes modulus = (lanes)((bits)x & INT64_MAX);
    so_far.largest = larger(modulus, so_far.largest);
    so_far.moduli += modulus;
    so_far.squares += x * x;
    return so_far;
}

static void measure(const double *at, ptrdiff_t step, int count, double *largest, double *moduli,
                    double *squares)
{
    measures of[SUMS] = {{{0}, {0}, {0}}};
    int i = 0;
    for (; i + SUMS <= count; i += SUMS)
        for (int j = 0; j < SUMS; j++) of[j] = take(of[j], AT(at + (i + j) * step, 0));
    for (int j = 0; i + j < count; j++) of[j] = take(of[j], AT(at + (i + j) * step, 0));
    PUT(largest, 0,
        larger(larger(of[0].largest, of[1].largest), larger(of[2].largest, of[3].largest)));
    PUT(moduli, 0, (of[0].moduli + of[1].moduli) + (of[2].moduli + of[3].moduli));
    PUT(squares, 0, (of[0].squares + of[1].squares) + (of[2].squares + of[3].squares));
}

/* What measure says of squares, with the same bits. */
static void square(const double *at, ptrdiff_t step, int count, double *squares)
{
    lanes sums[SUMS] = {{0}};
    int i = 0;
    for (; i + SUMS <= count; i += SUMS)
        for (int j = 0; j < SUMS; j++) sums[j] += AT(at + (i + j) * step, 0) * AT(at + (i + j) * step, 0);
    for (int j = 0; i + j < count; j++) sums[j] += AT(at + (i + j) * step, 0) * AT(at + (i + j) * step, 0);
    PUT(squares, 0, (sums[0] + sums[1]) + (sums[2] + sums[3]));
}

static void scale(double *at, ptrdiff_t step, int count, const double *factor)
{
    for (int i = 0; i < count; i++) PUT(at + i * step, 0, AT(factor, 0) * AT(at + i * step, 0));
}

extern const umi_lanes_kernels UMI_NAME(umi_lanes_kernels, UMI_KERNEL_PATH);
const umi_lanes_kernels UMI_NAME(umi_lanes_kernels, UMI_KERNEL_PATH) = {
    .name = UMI_PATH_TEXT(UMI_KERNEL_PATH),
    .width = ELEMENT,
    .pure = pure,
    .general = general,
    .weigh = weigh,
    .measure = measure,
    .square = square,
    .scale = scale,
};
