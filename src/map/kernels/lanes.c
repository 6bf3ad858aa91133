/* The batch kernels, compiled once per instruction set (UMI_KERNEL_PATH, UMI_KERNEL_LANES).
 *
 * Two neighbouring rows n, n+1 (n even) run through the columns m together: eight loads for sixteen (or
 * twenty-four) multiply-adds, all operands in registers. Which rows go together, and which
 * code computes which element, never depends on the window: a point's bits do not depend on its
 * neighbours in the batch. */
#include "map/kernels/kernels.h"

#define NAME_(name, path) name##_##path
#define NAME(name, path) NAME_(name, path)
#define PATH_TEXT_(path) #path
#define PATH_TEXT(path) PATH_TEXT_(path)

typedef double lanes __attribute__((vector_size(UMI_KERNEL_LANES * sizeof(double)), may_alias));
typedef int64_t bits __attribute__((vector_size(UMI_KERNEL_LANES * sizeof(double)), may_alias));

enum { ELEMENT = UMI_KERNEL_LANES, GENERAL = UMI_FACTORS };

/* Element i of an array of elements. */
#define AT(p, i) (*(const lanes *)((p) + (ptrdiff_t)(i) * ELEMENT))
#define PUT(p, i, value) (*(lanes *)((p) + (ptrdiff_t)(i) * ELEMENT) = (value))

/* Keeps a value in a register: compilers load it again for every use otherwise, and loads, not
 * multiply-adds, would then set the pace. */
#if defined(__AVX512F__)
#define HOLD(value) __asm__("" : "+v"(value))
#elif defined(__SSE2__)
#define HOLD(value) __asm__("" : "+x"(value))
#elif defined(__aarch64__)
#define HOLD(value) __asm__("" : "+w"(value))
#else
#define HOLD(value) (void)(value)
#endif

/* One past the last column of the rows n and n + 1. */
static inline int column_end(umi_lanes_window w, int n)
{
    return umi_min(w.last, n + 1 + w.orders);
}

/* r_{n+1,n} and r_{n+2,n+1} from their mirror images. */
static inline void mirror(double *row, ptrdiff_t stride, int n)
{
    PUT(row + stride, n, AT(row, n + 1));
    PUT(row + 2 * stride, n + 1, AT(row + stride, n + 2));
}

/* Elements of the rows n-1 .. n+2 at column m; at its end everything beyond the window is zero, so that
 * the last column is complete without its right neighbour. */
#define LOAD_COLUMN(m) \
    lanes v0 = AT(up, m), v1 = AT(one, m), v2 = AT(two, m), v3 = AT(down, m); \
    HOLD(v1); \
    HOLD(v2)

static inline void pure_rows(const double *f, const double *in, double *out, ptrdiff_t stride,
                             int n, int end)
{
    const double *one = in + n * stride, *two = one + stride, *up = one - stride, *down = two + stride;
    double *out_one = out + n * stride, *out_two = out_one + stride;
    const double *row = f + n * UMI_LANES_PURE * ELEMENT, *column = row;
    const lanes a1 = AT(row, 0), b1 = AT(row, 1), c1 = AT(row, 2), d1 = AT(row, 3);
    const lanes a2 = AT(row, 4), b2 = AT(row, 5), c2 = AT(row, 6), d2 = AT(row, 7);
    lanes before1 = a1 * AT(one, n - 1) + b1 * AT(up, n - 1), before2, part1, part2;
    {
        LOAD_COLUMN(n);
        const lanes x1 = a1 * v1 + b1 * v0, x2 = a2 * v2 + b2 * v1;
        const lanes y1 = c1 * v1 + d1 * v2, y2 = c2 * v2 + d2 * v3;
        part1 = AT(column, 0) * x1 + AT(column, 1) * before1 + AT(column, 2) * y1;
        part2 = AT(column, 0) * x2 + AT(column, 2) * y2; /* replaced by the mirror image */
        before1 = x1;
        before2 = x2;
    }
    for (int m = n + 1; m < end; m++) {
        LOAD_COLUMN(m);
        const lanes x1 = a1 * v1 + b1 * v0, x2 = a2 * v2 + b2 * v1;
        const lanes y1 = c1 * v1 + d1 * v2, y2 = c2 * v2 + d2 * v3;
        lanes d = AT(column, 3);
        HOLD(d);
        PUT(out_one, m - 1, part1 + d * y1);
        PUT(out_two, m - 1, part2 + d * y2);
        column += UMI_LANES_PURE * ELEMENT;
        lanes a = AT(column, 0), b = AT(column, 1), c = AT(column, 2);
        HOLD(a);
        HOLD(b);
        HOLD(c);
        part1 = a * x1 + b * before1 + c * y1;
        part2 = a * x2 + b * before2 + c * y2;
        before1 = x1;
        before2 = x2;
    }
    PUT(out_one, end - 1, part1);
    PUT(out_two, end - 1, part2);
    mirror(out_one, stride, n);
}

#define ROW_FACTOR(name, suffix, i) const lanes name##suffix = AT(row, (i) * GENERAL + UMI_FACTOR_##name)
#define ROW_FACTORS(suffix, i) \
    ROW_FACTOR(ga, suffix, i); \
    ROW_FACTOR(gb, suffix, i); \
    ROW_FACTOR(pa, suffix, i); \
    ROW_FACTOR(pb, suffix, i); \
    ROW_FACTOR(ea, suffix, i); \
    ROW_FACTOR(eb, suffix, i); \
    ROW_FACTOR(da, suffix, i); \
    ROW_FACTOR(db, suffix, i)

static inline void general_rows(const double *f, const double *in, double *out, ptrdiff_t stride,
                                int n, int end)
{
    const double *one = in + n * stride, *two = one + stride, *up = one - stride, *down = two + stride;
    double *out_one = out + n * stride, *out_two = out_one + stride;
    const double *row = f + n * GENERAL * ELEMENT, *column = row;
    ROW_FACTORS(1, 0);
    ROW_FACTORS(2, 1);
    lanes before1 = pa1 * AT(one, n - 1) + pb1 * AT(up, n - 1), before2, part1, part2;
    {
        LOAD_COLUMN(n);
        const lanes g = AT(column, UMI_FACTOR_G), p = AT(column, UMI_FACTOR_P);
        const lanes e = AT(column, UMI_FACTOR_E);
        part1 = g * (ga1 * v1 + gb1 * v0) + p * before1 + e * (ea1 * v1 + eb1 * v2);
        part2 = g * (ga2 * v2 + gb2 * v1) + e * (ea2 * v2 + eb2 * v3); /* replaced */
        before1 = pa1 * v1 + pb1 * v0;
        before2 = pa2 * v2 + pb2 * v1;
    }
    for (int m = n + 1; m < end; m++) {
        LOAD_COLUMN(m);
        lanes d = AT(column, UMI_FACTOR_D);
        HOLD(d);
        PUT(out_one, m - 1, part1 + d * (da1 * v1 + db1 * v2));
        PUT(out_two, m - 1, part2 + d * (da2 * v2 + db2 * v3));
        column += GENERAL * ELEMENT;
        const lanes g = AT(column, UMI_FACTOR_G), p = AT(column, UMI_FACTOR_P);
        const lanes e = AT(column, UMI_FACTOR_E);
        part1 = g * (ga1 * v1 + gb1 * v0) + p * before1 + e * (ea1 * v1 + eb1 * v2);
        part2 = g * (ga2 * v2 + gb2 * v1) + p * before2 + e * (ea2 * v2 + eb2 * v3);
        before1 = pa1 * v1 + pb1 * v0;
        before2 = pa2 * v2 + pb2 * v1;
    }
    PUT(out_one, end - 1, part1);
    PUT(out_two, end - 1, part2);
    mirror(out_one, stride, n);
}

static void pure(const double *factors, const double *in, double *out, ptrdiff_t stride,
                 umi_lanes_window to)
{
    for (int n = to.first & ~1; n < to.last; n += 2)
        pure_rows(factors, in, out, stride, n, column_end(to, n));
}

static void general(const double *factors, const double *in, double *out, ptrdiff_t stride,
                    umi_lanes_window to)
{
    for (int n = to.first & ~1; n < to.last; n += 2)
        general_rows(factors, in, out, stride, n, column_end(to, n));
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

static void scale(double *at, ptrdiff_t step, int count, const double *factor)
{
    for (int i = 0; i < count; i++) PUT(at + i * step, 0, AT(factor, 0) * AT(at + i * step, 0));
}

extern const umi_lanes_kernels NAME(umi_lanes_kernels, UMI_KERNEL_PATH);
const umi_lanes_kernels NAME(umi_lanes_kernels, UMI_KERNEL_PATH) = {
    .name = PATH_TEXT(UMI_KERNEL_PATH),
    .width = ELEMENT,
    .pure = pure,
    .general = general,
    .weigh = weigh,
    .measure = measure,
    .scale = scale,
};
