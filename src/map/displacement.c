/* Displacement by alpha = a e^(i angle): rho -> D rho D'. In the gauge r_nm = e^(-i angle (n-m)) rho_nm its
 * elements are those of D(a), which are real. Column n of D(a) solves
 *   a sqrt(m+1) D_(m+1) = (m + a^2 - n) D_m - a sqrt(m) D_(m-1),
 * oscillates for |sqrt(n) - a| < sqrt(m) < sqrt(n) + a and falls off on both sides: it is computed upward to
 * the upper turning point and downward from far beyond it, each way growing, and is normalised. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "map/map.h"

typedef struct displacement_map {
    um_map base;
    double size;        /* a */
    double *element;    /* <m|D(a)|n> at m + n levels */
    double *escape;     /* norm of what column n has beyond the levels */
} displacement_map;

/* sqrt(m) further out than this, less than 1e-25 is left. */
static const double OUTSIDE = 8;

static int square_of(double root) { return (int)fmin(root * root, 1e8); }

/* Rows that column n has at all. */
static int end_of(double size, int n) { return square_of(sqrt(n) + size + OUTSIDE) + 3; }

static int start_of(double size, int n)
{
    double root = sqrt(n) - size - OUTSIDE;
    return root > 0 ? square_of(root) : 0;
}

static void scale(long double *x, int first, int last, long double factor)
{
    for (int m = first; m < last; m++) x[m] *= factor;
}

/* One step of the recursion from x[m], x[m-dir] to x[m+dir]; dir = +1 or -1. */
static long double next_of(long double a, int n, int m, int dir, const long double *x)
{
    long double middle = ((m - n) + a * a) * x[m];
    long double up = sqrtl(m + 1), down = sqrtl(m);
    if (dir > 0) return (middle / a - (m > 0 ? down * x[m - 1] : 0)) / up;
    return (middle / a - up * x[m + 1]) / down;
}

/* Column n, rows 0..end-1, up to its norm and sign. */
static void solve_column(long double a, int n, int end, long double *x)
{
    const long double large = 1e2000L;
    int begin = start_of((double)a, n), turn = umi_min(square_of(sqrt(n) + (double)a) + 1, end - 2);
    memset(x, 0, sizeof *x * (size_t)end);
    x[begin] = 1;
    for (int m = begin; m < turn; m++) {
        x[m + 1] = next_of(a, n, m, +1, x);
        if (fabsl(x[m + 1]) > large) scale(x, begin, m + 2, 1 / large);
    }
    long double upward = x[turn];
    x[end - 1] = 1;
    x[end - 2] = ((end - 1 - n) + a * a) / (a * sqrtl(end - 1));
    for (int m = end - 2; m > turn; m--) {
        x[m - 1] = next_of(a, n, m, -1, x);
        if (fabsl(x[m - 1]) > large) scale(x, m - 1, end, 1 / large);
    }
    scale(x, turn + 1, end, upward / x[turn]);
    x[turn] = upward;
}

static um_status fill(displacement_map *map)
{
    int levels = map->base.info.levels;
    if (map->size == 0) {
        for (int n = 0; n < levels; n++) map->element[(size_t)n * (size_t)(levels + 1)] = 1;
        return UM_OK;
    }
    int longest = umi_max(end_of(map->size, levels - 1), levels) + 1;
    long double *x = UMI_NEW_ARRAY(map->base.ctx, long double, (size_t)longest);
    if (!x) return UM_ERROR_MEMORY;
    for (int n = 0; n < levels; n++) {
        int end = end_of(map->size, n), start = start_of(map->size, n);
        solve_column(map->size, n, end, x);
        long double norm = 0, escape = 0;
        for (int m = start; m < end; m++) norm += x[m] * x[m];
        for (int m = levels; m < end; m++) escape += x[m] * x[m];
        /* Row 0 has the sign of (-1)^n, and up to the lower turning point signs alternate. */
        long double factor = ((n - start) % 2 ? -1 : 1) / sqrtl(norm);
        for (int m = start; m < umi_min(end, levels); m++)
            map->element[(size_t)m + (size_t)n * (size_t)levels] = (double)(factor * x[m]);
        map->escape[n] = (double)sqrtl(escape / norm);
    }
    umi_free(map->base.ctx, x);
    return UM_OK;
}

/* Levels that the window reaches. */
static void find_image(const displacement_map *map, const um_state *in, int *first, int *last)
{
    *first = start_of(map->size, in->first);
    *last = umi_min(end_of(map->size, in->last - 1), in->levels);
    if (map->size == 0) {
        *first = in->first;
        *last = in->last;
    }
}

/* One plane, dense and column-major: symmetric, or antisymmetric if it is the imaginary one. */
static void unpack(const um_state *in, int p, double *matrix)
{
    size_t size = (size_t)(in->last - in->first);
    memset(matrix, 0, size * size * sizeof(double));
    for (int k = 0; k < in->orders; k++) {
        const double *row = umi_state_row(in, p, k) + in->first;
        for (size_t n = 0; n + (size_t)k < size; n++) {
            matrix[n + (size_t)k + n * size] = p ? -row[n] : row[n];
            matrix[n + (n + (size_t)k) * size] = row[n];
        }
    }
}

static void pack(const double *matrix, int p, um_state *out)
{
    size_t size = (size_t)(out->last - out->first);
    for (int k = 0; k < out->orders; k++) {
        double *row = umi_state_row(out, p, k) + out->first;
        for (size_t n = 0; n + (size_t)k < size; n++) row[n] = matrix[n + (n + (size_t)k) * size];
    }
}

static um_status displace(displacement_map *map, bool adjoint, const um_state *in, um_state *out)
{
    if (in->last == in->first) return umi_state_resize(out, in->levels, 0, 0, 0, in->planes);
    int first, last, levels = in->levels, size = in->last - in->first;
    find_image(map, in, &first, &last);
    int image = last - first;
    size_t w = (size_t)size, v = (size_t)image;
    double *memory = UMI_NEW_ARRAY(map->base.ctx, double, w * w + v * w + v * v);
    if (!memory) return UM_ERROR_MEMORY;
    double *rho = memory, *half = rho + w * w, *whole = half + v * w;
    um_status status = umi_state_resize(out, levels, first, last, image, in->planes);
    /* Row n of D, or of its transpose, in columns of the window. */
    size_t row = adjoint ? (size_t)levels : 1, column = adjoint ? 1 : (size_t)levels;
    const double *d = map->element + (size_t)first * row + (size_t)in->first * column;
    char plain = adjoint ? 'T' : 'N', turned = adjoint ? 'N' : 'T';
    for (int p = 0; p < in->planes && status == UM_OK; p++) {
        unpack(in, p, rho);
        umi_linalg_dgemm(plain, 'N', image, size, size, 1, d, levels, rho, size, 0, half, image);
        umi_linalg_dgemm('N', turned, image, image, size, 1, half, image, d, levels, 0, whole, image);
        pack(whole, p, out);
    }
    umi_free(map->base.ctx, memory);
    if (status == UM_OK) umi_state_seal(out);
    return status;
}

/* 2 sum_n |(1-P) D|n>| |<n|rho|, in trace norm. */
static double truncation_error(const displacement_map *map, const um_state *in)
{
    double bound = 0;
    for (int n = in->last - 1; n >= in->first; n--) {
        if (map->escape[n] == 0) continue;
        double squares = 0;
        for (int p = 0; p < in->planes; p++)
            for (int k = 0; k < in->orders; k++) {
                double left = n - k >= in->first ? umi_state_row(in, p, k)[n - k] : 0;
                double right = k > 0 && n + k < in->last ? umi_state_row(in, p, k)[n] : 0;
                squares += left * left + right * right;
            }
        bound += 2 * map->escape[n] * sqrt(squares);
    }
    return bound;
}

/* <(n + alpha' a + alpha a' + |alpha|^2) - n> */
static double work_of(const displacement_map *map, const um_state *in)
{
    umi_sum sum = {0};
    for (int n = in->first; n < in->last; n++) {
        umi_sum_add(&sum, map->size * map->size * umi_state_row(in, 0, 0)[n]);
        if (in->orders > 1 && n + 1 < in->last)
            umi_sum_add(&sum, 2 * map->size * sqrt(n + 1) * umi_state_row(in, 0, 1)[n]);
    }
    return umi_sum_get(&sum);
}

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome, bool brief)
{
    (void)brief;
    displacement_map *map = (displacement_map *)base;
    UMI_TRY(displace(map, false, in, out));
    if (!outcome) return UM_OK;
    outcome->present = 0;
    outcome->drive = work_of(map, in);
    outcome->error_bound = truncation_error(map, in);
    return UM_OK;
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    return displace((displacement_map *)base, true, in, out);
}

/* D|n> has m quanta with <z^m> = e^(a^2 (z-1)) z^n L_n(-a^2 (z-1)^2/z), L_n(-x) < e^(2 sqrt(n x)): less than
 * 1e-40 of its norm squared is N levels up or further if for any z this is less than 1e-40 z^(n + N). */
static int climb(const um_map *base, int last)
{
    double a = ((const displacement_map *)base)->size, climb = UM_LEVELS_MAX;
    if (a == 0 || last <= 0) return 0;
    for (double x = 0.01; x < 20; x *= 1.1) { /* x = log z */
        double exponent = a * a * expm1(x) + 4 * sqrt(last - 1) * a * sinh(x / 2);
        climb = fmin(climb, (exponent + 92.2) / x);
    }
    return (int)ceil(climb);
}

static void destroy(um_map *base)
{
    displacement_map *map = (displacement_map *)base;
    umi_free(base->ctx, map->element);
    umi_free(base->ctx, map);
}

static const umi_map_class displacement_class = {
    .apply = apply, .apply_adjoint = apply_adjoint, .climb = climb, .destroy = destroy};

um_status um_map_create_displacement(um_context *ctx, const um_battery *battery, int levels, double re,
                                     double im, um_map **map)
{
    *map = NULL;
    if (battery->kind != UM_BATTERY_CAVITY)
        return umi_fail(ctx, UM_ERROR_ARG, "only a cavity can be driven by a displacement");
    /* Further, no space would hold the vacuum any more. */
    if (levels < 1 || levels > UM_LEVELS_MAX || !(re * re + im * im <= 4.0 * UM_LEVELS_MAX))
        return umi_fail(ctx, UM_ERROR_ARG,
                        "displacement by %g + %g i in %d levels: the square of its size may be %d at most",
                        re, im, levels, 4 * UM_LEVELS_MAX);
    displacement_map *made = UMI_NEW(ctx, displacement_map);
    if (!made) return UM_ERROR_MEMORY;
    size_t size = (size_t)levels;
    made->size = hypot(re, im);
    made->base = (um_map){
        .ctx = ctx,
        .class = &displacement_class,
        .info = {.method = "displacement",
                 .kernel = "blas",
                 .levels = levels,
                 .reach = made->size == 0 ? 0 : umi_min(end_of(made->size, levels - 1) - levels, levels),
                 .stationary = true},
        .phase = made->size == 0 ? 0 : -atan2(im, re),
    };
    made->element = UMI_NEW_ARRAY(ctx, double, (size + 1) * size);
    um_status status = made->element ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK) {
        made->escape = made->element + size * size;
        status = fill(made);
    }
    if (status != UM_OK) {
        destroy(&made->base);
        return status;
    }
    *map = &made->base;
    return UM_OK;
}
