/* Eigenvalues of a small real matrix in wide arithmetic: Hessenberg form by reflections, then
 * shifted QR steps that find conjugate pairs in real arithmetic (Francis; as hqr of EISPACK).
 * Neither balances: backward errors are those of orthogonal transformations, a few UMI_WIDE_EPS of
 * the norm, and elements that are small stay so where the matrix is graded. */
#include "linalg/wide.h"

enum { PATIENCE = 90, IMPATIENT = 20 };

typedef struct square {
    int n;
    umi_wide *a;
} square;

static umi_wide *at(square m, int i, int j) { return m.a + (size_t)i + (size_t)j * (size_t)m.n; }
static double size_at(square m, int i, int j) { return __builtin_fabs(at(m, i, j)->hi); }

static umi_wide wide_abs(umi_wide a) { return a.hi < 0 ? umi_wide_negate(a) : a; }
static void add_to(umi_wide *a, umi_wide b) { *a = umi_wide_add(*a, b); }

/* v of length `count` (overwrites x) and factor with (1 - factor v v^T) x along the first axis;
 * returns the new first element. factor 0: nothing to do. */
static umi_wide reflect(int count, umi_wide *x, umi_wide *factor)
{
    double largest = 0;
    *factor = umi_wide_set(0);
    umi_wide first = x[0], sum = umi_wide_set(0);
    for (int i = 1; i < count; i++)
        if (__builtin_fabs(x[i].hi) > largest) largest = __builtin_fabs(x[i].hi);
    if (!(largest > 0)) return first;
    if (__builtin_fabs(first.hi) > largest) largest = __builtin_fabs(first.hi);
    /* A power of two: nothing is rounded, and squares neither vanish nor overflow. */
    double scale = __builtin_ldexp(1, -__builtin_ilogb(largest));
    for (int i = 0; i < count; i++) {
        x[i] = (umi_wide){x[i].hi * scale, x[i].lo * scale};
        add_to(&sum, umi_wide_multiply(x[i], x[i]));
    }
    umi_wide length = umi_wide_sqrt(sum);
    if (first.hi > 0) length = umi_wide_negate(length);
    /* |v|^2 / 2 = length (length - x_0) */
    *factor = umi_wide_divide(umi_wide_set(1),
                              umi_wide_multiply(length, umi_wide_subtract(length, x[0])));
    x[0] = umi_wide_subtract(x[0], length);
    return (umi_wide){length.hi / scale, length.lo / scale};
}

/* Rows row.. of columns first..last-1 by (1 - factor v v^T) from the left. */
static void apply_left(square m, int row, int count, const umi_wide *v, umi_wide factor, int first,
                       int last)
{
    for (int j = first; j < last; j++) {
        umi_wide sum = umi_wide_set(0), *x = at(m, row, j);
        for (int i = 0; i < count; i++) add_to(&sum, umi_wide_multiply(v[i], x[i]));
        sum = umi_wide_negate(umi_wide_multiply(sum, factor));
        for (int i = 0; i < count; i++) add_to(&x[i], umi_wide_multiply(v[i], sum));
    }
}

/* Columns column.. of rows first..last-1 from the right. */
static void apply_right(square m, int column, int count, const umi_wide *v, umi_wide factor,
                        int first, int last)
{
    for (int i = first; i < last; i++) {
        umi_wide sum = umi_wide_set(0);
        for (int j = 0; j < count; j++) add_to(&sum, umi_wide_multiply(v[j], *at(m, i, column + j)));
        sum = umi_wide_negate(umi_wide_multiply(sum, factor));
        for (int j = 0; j < count; j++) add_to(at(m, i, column + j), umi_wide_multiply(v[j], sum));
    }
}

static void make_hessenberg(square m, umi_wide *v)
{
    for (int j = 0; j + 2 < m.n; j++) {
        int count = m.n - j - 1;
        umi_wide factor;
        for (int i = 0; i < count; i++) v[i] = *at(m, j + 1 + i, j);
        umi_wide first = reflect(count, v, &factor);
        if (factor.hi == 0) continue;
        *at(m, j + 1, j) = first;
        for (int i = 1; i < count; i++) *at(m, j + 1 + i, j) = umi_wide_set(0);
        apply_left(m, j + 1, count, v, factor, j + 1, m.n);
        apply_right(m, j + 1, count, v, factor, 0, m.n);
    }
}

/* First row of the lowest block that hangs together, rows up to `last`. Below `floor` an element
 * is rounding noise whatever its neighbours are. */
static int find_start(square m, int last, double floor)
{
    for (int i = last; i > 0; i--) {
        double neighbours = size_at(m, i, i) + size_at(m, i - 1, i - 1);
        double limit = UMI_WIDE_EPS * neighbours;
        if (size_at(m, i, i - 1) <= (limit > floor ? limit : floor)) {
            *at(m, i, i - 1) = umi_wide_set(0);
            return i;
        }
    }
    return 0;
}

/* Of the 2 x 2 block in rows i - 1 and i; the root further from 0 first, the other from the
 * determinant, so that it keeps its digits. */
static void solve_pair(square m, int i, umi_wide *re, umi_wide *im)
{
    umi_wide a = *at(m, i - 1, i - 1), d = *at(m, i, i);
    umi_wide half = umi_wide_subtract(a, d), sum = umi_wide_add(a, d);
    umi_wide cross = umi_wide_multiply(*at(m, i, i - 1), *at(m, i - 1, i));
    half = (umi_wide){half.hi / 2, half.lo / 2};
    sum = (umi_wide){sum.hi / 2, sum.lo / 2};
    umi_wide square_root = umi_wide_add(umi_wide_multiply(half, half), cross);
    im[i - 1] = im[i] = umi_wide_set(0);
    if (square_root.hi < 0) {
        re[i - 1] = re[i] = sum;
        im[i - 1] = umi_wide_sqrt(umi_wide_negate(square_root));
        im[i] = umi_wide_negate(im[i - 1]);
        return;
    }
    umi_wide root = umi_wide_sqrt(square_root);
    /* d + half +- root, as hqr: no difference of close numbers. */
    umi_wide far = umi_wide_add(half, half.hi < 0 ? umi_wide_negate(root) : root);
    re[i - 1] = re[i] = umi_wide_add(d, far);
    if (far.hi != 0) re[i] = umi_wide_subtract(d, umi_wide_divide(cross, far));
}

/* Trace and determinant of the shifts: the lowest 2 x 2 block, or something else when stuck. */
static void choose_shifts(square m, int last, int step, umi_wide *trace, umi_wide *determinant)
{
    umi_wide a = *at(m, last - 1, last - 1), d = *at(m, last, last);
    umi_wide cross = umi_wide_multiply(*at(m, last, last - 1), *at(m, last - 1, last));
    *trace = umi_wide_add(a, d);
    *determinant = umi_wide_subtract(umi_wide_multiply(a, d), cross);
    if (step % 10 == 0 && step > 0) {
        umi_wide size = wide_abs(*at(m, last, last - 1));
        if (last > 1) add_to(&size, wide_abs(*at(m, last - 1, last - 2)));
        umi_wide shift = umi_wide_add(d, umi_wide_scale(size, 0.75));
        *trace = umi_wide_scale(shift, 2);
        *determinant = umi_wide_subtract(umi_wide_multiply(shift, shift),
                                         umi_wide_scale(umi_wide_multiply(size, size), -0.4375));
    }
}

/* First column of (H - s)(H - s') below row `start`, without its common factor h_{start+1,start}. */
static void first_column(square m, int start, umi_wide trace, umi_wide determinant, umi_wide *v)
{
    umi_wide a = *at(m, start, start), b = *at(m, start, start + 1), c = *at(m, start + 1, start);
    umi_wide d = *at(m, start + 1, start + 1);
    umi_wide polynomial = umi_wide_add(umi_wide_multiply(a, umi_wide_subtract(a, trace)), determinant);
    v[0] = umi_wide_add(umi_wide_divide(polynomial, c), b);
    v[1] = umi_wide_subtract(umi_wide_add(a, d), trace);
    v[2] = *at(m, start + 2, start + 1);
}

/* One double step on rows start..last: a bulge of reflections is chased down. */
static void sweep(square m, int start, int last, umi_wide trace, umi_wide determinant)
{
    umi_wide v[3], factor;
    first_column(m, start, trace, determinant, v);
    for (int k = start; k < last; k++) {
        int count = k + 1 < last ? 3 : 2;
        if (k > start)
            for (int i = 0; i < count; i++) v[i] = *at(m, k + i, k - 1);
        umi_wide first = reflect(count, v, &factor);
        if (k > start) {
            *at(m, k, k - 1) = first;
            for (int i = 1; i < count; i++) *at(m, k + i, k - 1) = umi_wide_set(0);
        }
        if (factor.hi == 0) continue;
        apply_left(m, k, count, v, factor, k, last + 1);
        apply_right(m, k, count, v, factor, start, k + 4 < last + 1 ? k + 4 : last + 1);
    }
}

static bool find_eigenvalues(square m, double norm, umi_wide *re, umi_wide *im)
{
    int last = m.n - 1;
    for (int step = 0; last >= 0; step++) {
        /* A relative test keeps the digits of graded matrices; what does not pass it is noise. */
        int start = find_start(m, last, step < IMPATIENT ? 0 : UMI_WIDE_EPS * norm);
        if (start == last) {
            re[last] = *at(m, last, last);
            im[last--] = umi_wide_set(0);
            step = -1;
        } else if (start == last - 1) {
            solve_pair(m, last, re, im);
            last -= 2;
            step = -1;
        } else {
            if (step == PATIENCE) return false;
            umi_wide trace, determinant;
            choose_shifts(m, last, step, &trace, &determinant);
            sweep(m, start, last, trace, determinant);
        }
    }
    return true;
}

um_status umi_wide_matrix_eigenvalues(um_context *ctx, int n, umi_wide *a, umi_wide *re, umi_wide *im)
{
    double norm = 0;
    for (size_t i = 0; i < (size_t)n * (size_t)n; i++) norm += a[i].hi * a[i].hi;
    norm = __builtin_sqrt(norm);
    if (!(norm < __builtin_inf()))
        return umi_fail(ctx, UM_ERROR_NOCONV, "a matrix of %d rows is not finite", n);
    umi_wide *work = UMI_NEW_ARRAY(ctx, umi_wide, (size_t)n);
    if (!work) return UM_ERROR_MEMORY;
    square m = {n, a};
    make_hessenberg(m, work);
    umi_free(ctx, work);
    if (!find_eigenvalues(m, norm, re, im))
        return umi_fail(ctx, UM_ERROR_NOCONV, "eigenvalues of %d rows: QR steps do not converge", n);
    return UM_OK;
}
