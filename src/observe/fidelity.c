/* Fidelity of two states of any gauges and windows. */
#include "umaser/observe.h"

#include <math.h>

#include "linalg/linalg.h"
#include "state/state.h"

/* Eigenvalues below this are rounding and count as zero: the fidelity holds their square roots,
 * which are not small. What differs by less than this from a pure state is that pure state. */
static const double NOISE = 1e-14;

/* Re of the sum of x_n conj(y_n) times the factor, over order k. */
static double overlap_order(const um_state *a, const um_state *b, int k, int first, int last)
{
    double cosine_a, sine_a, cosine_b, sine_b, re = 0, im = 0;
    umi_state_gauge_factor(a, k, &cosine_a, &sine_a);
    umi_state_gauge_factor(b, k, &cosine_b, &sine_b);
    const double *ax = umi_state_row(a, 0, k), *bx = umi_state_row(b, 0, k);
    const double *ay = a->planes == 2 ? umi_state_row(a, 1, k) : NULL;
    const double *by = b->planes == 2 ? umi_state_row(b, 1, k) : NULL;
    for (int n = first; n < last - k; n++) {
        double ai = ay ? ay[n] : 0, bi = by ? by[n] : 0;
        re += ax[n] * bx[n] + ai * bi;
        im += ai * bx[n] - ax[n] * bi;
    }
    double cosine = cosine_a * cosine_b + sine_a * sine_b;
    double sine = sine_a * cosine_b - cosine_a * sine_b;
    return cosine * re - sine * im;
}

/* Tr[rho sigma], the fidelity when either is pure. */
static double overlap(const um_state *a, const um_state *b)
{
    int first = umi_max(a->first, b->first), last = umi_min(a->last, b->last);
    double sum = 0;
    for (int k = 0; k < umi_min(a->orders, b->orders); k++)
        sum += (k ? 2 : 1) * overlap_order(a, b, k, first, last);
    return sum;
}

static double diagonal_fidelity(const um_state *a, const um_state *b)
{
    double sum = 0;
    for (int n = umi_max(a->first, b->first); n < umi_min(a->last, b->last); n++) {
        double p = umi_state_row(a, 0, 0)[n], q = umi_state_row(b, 0, 0)[n];
        bool counts = (p > 0 && q > 0) || !isfinite(p) || !isfinite(q);
        if (counts) sum += sqrt(p) * sqrt(q);
    }
    return sum * sum;
}

/* The columns sqrt(r_i) |v_i> of a state, r_i above the noise; rows are its active levels. */
typedef struct factor {
    int rows, rank, planes;
    double *columns;
} factor;

static um_status make_factor(const um_state *state, factor *made)
{
    um_context *ctx = state->ctx;
    int rows = state->last - state->first;
    size_t width = (size_t)rows * (size_t)state->planes;
    *made = (factor){.rows = rows, .planes = state->planes};
    double *values = UMI_NEW_ARRAY(ctx, double, (size_t)rows);
    if (!values) return UM_ERROR_MEMORY;
    made->columns = UMI_NEW_ARRAY(ctx, double, width *(size_t)rows);
    um_status status = UM_ERROR_MEMORY;
    if (made->columns) {
        umi_state_pack(state, false, made->columns);
        status = umi_linalg_eigen(ctx, state->planes, rows, made->columns, values);
    }
    if (status == UM_OK) {
        double *kept = made->columns;
        for (int i = 0; i < rows; i++) {
            if (values[i] < NOISE) continue;
            const double *column = made->columns + (size_t)i * width;
            for (size_t j = 0; j < width; j++) kept[j] = sqrt(values[i]) * column[j];
            kept += width;
            made->rank++;
        }
    }
    umi_free(ctx, values);
    if (status != UM_OK) umi_free(ctx, made->columns);
    return status;
}

/* The same columns as complex numbers, in the gauge of a state. The gauge of level n:
 * rho_nm = e^(-i angle n) r_nm e^(i angle m). */
static um_status undo_gauge(const um_state *state, factor *f)
{
    um_context *ctx = state->ctx;
    double *columns = UMI_NEW_ARRAY(ctx, double, 2 * (size_t)f->rows * (size_t)f->rank);
    if (!columns) return UM_ERROR_MEMORY;
    for (int n = 0; n < f->rows; n++) {
        double cosine, sine;
        umi_state_gauge_factor(state, state->first + n, &cosine, &sine);
        for (int i = 0; i < f->rank; i++) {
            size_t at = (size_t)i * (size_t)f->rows + (size_t)n;
            double re = f->columns[at * (size_t)f->planes];
            double im = f->planes == 2 ? f->columns[2 * at + 1] : 0;
            columns[2 * at] = cosine * re + sine * im;
            columns[2 * at + 1] = cosine * im - sine * re;
        }
    }
    umi_free(ctx, f->columns);
    f->columns = columns;
    f->planes = 2;
    return UM_OK;
}

/* Sum of the singular values of a' b: Tr sqrt(sqrt(rho) sigma sqrt(rho)). Singular values and not
 * the eigenvalues of a square, which know only those above 1e-8. */
static um_status root_fidelity(const um_state *state, const um_state *other, const factor *a,
                               const factor *b, double *root)
{
    um_context *ctx = state->ctx;
    int first = umi_max(state->first, other->first), last = umi_min(state->last, other->last);
    int count = umi_min(a->rank, b->rank);
    *root = 0;
    if (first >= last || count == 0) return UM_OK;
    size_t width = (size_t)a->planes;
    size_t size = width * (size_t)a->rank * (size_t)b->rank;
    double *product = UMI_NEW_ARRAY(ctx, double, size + (size_t)count);
    if (!product) return UM_ERROR_MEMORY;
    const double *left = a->columns + (size_t)(first - state->first) * width;
    const double *right = b->columns + (size_t)(first - other->first) * width;
    if (width == 1)
        umi_linalg_dgemm('T', 'N', a->rank, b->rank, last - first, 1, left, a->rows, right, b->rows,
                         0, product, a->rank);
    else
        umi_linalg_zgemm('C', 'N', a->rank, b->rank, last - first, 1, (const double _Complex *)left,
                         a->rows, (const double _Complex *)right, b->rows, 0,
                         (double _Complex *)product, a->rank);
    double *values = product + size;
    um_status status =
        umi_linalg_singular_values(ctx, a->planes, a->rank, b->rank, product, values);
    for (int i = 0; status == UM_OK && i < count; i++) *root += values[i];
    umi_free(ctx, product);
    return status;
}

static um_status general_fidelity(const um_state *state, const um_state *other, double *fidelity)
{
    um_context *ctx = state->ctx;
    factor a, b;
    UMI_TRY(make_factor(state, &a));
    um_status status = make_factor(other, &b);
    if (status != UM_OK) {
        umi_free(ctx, a.columns);
        return status;
    }
    bool same = umi_state_same_gauge(state, other) && a.planes == 1 && b.planes == 1;
    if (!same) {
        status = undo_gauge(state, &a);
        if (status == UM_OK) status = undo_gauge(other, &b);
    }
    double root = 0;
    if (status == UM_OK) status = root_fidelity(state, other, &a, &b, &root);
    umi_free(ctx, a.columns);
    umi_free(ctx, b.columns);
    if (status == UM_OK) *fidelity = root * root;
    return status;
}

um_status um_observe_fidelity(const um_state *state, const um_state *other, double *fidelity)
{
    if (state->orders <= 1 && other->orders <= 1) {
        *fidelity = diagonal_fidelity(state, other);
        return UM_OK;
    }
    if (1 - um_observe_purity(state) <= NOISE || 1 - um_observe_purity(other) <= NOISE) {
        *fidelity = overlap(state, other);
        return UM_OK;
    }
    return general_fidelity(state, other, fidelity);
}
