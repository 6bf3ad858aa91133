/* Inverses of the generator of a Rabi collision: all (levels)^2 real elements of the state, LU factors
 * in double for few levels, in single precision for more, refined with wide images. */
#include "forward/dense.h"

#include <complex.h>
#include <math.h>

#include "linalg/dense.h"
#include "map/generator_kraus.h"

typedef double complex complex_double;

enum { LEVELS_DOUBLE = 64, SWEEPS_MAX = 100 };

struct umi_dense_map {
    um_context *ctx;
    umi_wide_kraus kraus;
    umi_wide_vector residual;
    double *work; /* for one right-hand side, in double or single */
};

struct umi_dense_inverse {
    double shift;
    void *factors;
    int *pivots;
};

static size_t size_of(const umi_dense_map *map) { return umi_layout_size(&map->kraus.layout); }
static bool is_single(const umi_dense_map *map) { return map->kraus.layout.levels > LEVELS_DOUBLE; }

bool umi_is_dense(const um_model *model, size_t stage)
{
    return um_model_get_spec(model)->stages[stage].interaction.counter_rotating > 0;
}

static um_status check_layout(um_context *ctx, const umi_layout *layout)
{
    if (layout->levels > UMI_DENSE_LEVELS)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "battery.levels",
                            "fast-forward with counter-rotating terms has at most %d levels, not %d",
                            UMI_DENSE_LEVELS, layout->levels);
    if (layout->orders == layout->levels && layout->planes == 2 && !layout->skew) return UM_OK;
    return umi_fail(ctx, UM_ERROR_ARG,
                    "a map with counter-rotating terms needs all orders and both planes");
}

um_status umi_dense_map_create(um_context *ctx, const um_model *model, size_t stage,
                               const umi_layout *layout, umi_dense_map **map)
{
    *map = NULL;
    UMI_TRY(check_layout(ctx, layout));
    umi_dense_map *made = UMI_NEW(ctx, umi_dense_map);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    um_status status = umi_wide_kraus_create(ctx, model, stage, layout->levels, &made->kraus);
    if (status == UM_OK)
        status = umi_wide_vector_create(ctx, umi_layout_size(layout), &made->residual);
    if (status == UM_OK) {
        made->work = UMI_NEW_ARRAY(ctx, double, umi_layout_size(layout));
        if (!made->work) status = UM_ERROR_MEMORY;
    }
    if (status != UM_OK) {
        umi_dense_map_destroy(made);
        return status;
    }
    *map = made;
    return UM_OK;
}

void umi_dense_map_destroy(umi_dense_map *map)
{
    if (!map) return;
    if (map->kraus.ctx) umi_wide_kraus_free(&map->kraus);
    umi_wide_vector_free(map->ctx, &map->residual);
    umi_free(map->ctx, map->work);
    umi_free(map->ctx, map);
}

um_status umi_dense_map_apply(umi_dense_map *map, umi_wide_vector x, umi_wide_vector y)
{
    umi_wide_kraus_apply(&map->kraus, x, y);
    return UM_OK;
}

const umi_wide_vector *umi_dense_map_get_rates(const umi_dense_map *map) { return map->kraus.rate; }

double umi_dense_inverse_get_bytes(const umi_dense_map *map)
{
    double size = (double)size_of(map);
    return size * size * (double)(is_single(map) ? sizeof(float) : sizeof(double));
}

/* The operators' columns in double: b[a][l levels + n] = <n|B_a|l>. */
static complex_double *round_operators(const umi_dense_map *map)
{
    const umi_wide_kraus *kraus = &map->kraus;
    size_t levels = (size_t)kraus->layout.levels, count = (size_t)kraus->count;
    complex_double *b = UMI_NEW_ARRAY(map->ctx, complex_double, count * levels * levels);
    for (size_t a = 0; b && a < count; a++)
        for (size_t l = 0; l < levels; l++)
            for (size_t n = 0; n < levels; n++) {
                umi_wide_complex x = umi_wide_dense_get(&kraus->transposed[a], (int)l, (int)n);
                b[(a * levels + l) * levels + n] = x.re.hi + I * x.im.hi;
            }
    return b;
}

/* Images of |j><l| and |l><j| in the elements n <= m: sums and differences are the columns of the
 * element's real and imaginary part. */
static void fill_column(const umi_dense_map *map, const complex_double *b, int j, int l, int plane,
                        double *column)
{
    const umi_layout *layout = &map->kraus.layout;
    size_t levels = (size_t)layout->levels, at = 0;
    for (int k = 0; k < layout->levels; k++) {
        size_t rows = levels - (size_t)k;
        for (size_t n = 0; n < rows; n++) {
            complex_double here = 0, mirror = 0;
            for (int a = 0; a < map->kraus.count; a++) {
                const complex_double *from_j = b + ((size_t)a * levels + (size_t)j) * levels;
                const complex_double *from_l = b + ((size_t)a * levels + (size_t)l) * levels;
                here += from_j[n] * conj(from_l[n + (size_t)k]);
                mirror += from_l[n] * conj(from_j[n + (size_t)k]);
            }
            complex_double image = plane ? I * (here - mirror) : j == l ? here : here + mirror;
            column[at + n] = creal(image);
            if (k > 0) column[at + rows + n] = cimag(image);
        }
        at += k > 0 ? 2 * rows : rows;
    }
}

/* M - 1 - shift, column by column. */
static um_status fill_factors(umi_dense_map *map, umi_dense_inverse *inverse)
{
    const umi_layout *layout = &map->kraus.layout;
    size_t size = size_of(map);
    complex_double *b = round_operators(map);
    if (!b) return UM_ERROR_MEMORY;
    for (int k = 0; k < layout->levels; k++)
        for (int plane = 0; plane < (k > 0 ? 2 : 1); plane++)
            for (int j = 0; j + k < layout->levels; j++) {
                size_t at = umi_layout_index(layout, plane, k, j);
                fill_column(map, b, j, j + k, plane, map->work);
                map->work[at] -= 1 + inverse->shift;
                if (is_single(map))
                    for (size_t i = 0; i < size; i++)
                        ((float *)inverse->factors)[at * size + i] = (float)map->work[i];
                else
                    for (size_t i = 0; i < size; i++)
                        ((double *)inverse->factors)[at * size + i] = map->work[i];
            }
    umi_free(map->ctx, b);
    return UM_OK;
}

um_status umi_dense_inverse_create(umi_dense_map *map, double shift, umi_dense_inverse **inverse)
{
    *inverse = NULL;
    umi_dense_inverse *made = UMI_NEW(map->ctx, umi_dense_inverse);
    if (!made) return UM_ERROR_MEMORY;
    size_t size = size_of(map);
    made->shift = shift;
    made->pivots = UMI_NEW_ARRAY(map->ctx, int, size);
    made->factors = made->pivots ? umi_alloc(map->ctx, size * size,
                                             is_single(map) ? sizeof(float) : sizeof(double))
                                 : NULL;
    um_status status = made->factors ? fill_factors(map, made) : UM_ERROR_MEMORY;
    if (status == UM_OK)
        status = umi_linalg_lu(map->ctx, (int)size, is_single(map), made->factors, made->pivots);
    if (status != UM_OK) {
        umi_dense_inverse_destroy(map->ctx, made);
        return status;
    }
    *inverse = made;
    return UM_OK;
}

void umi_dense_inverse_destroy(um_context *ctx, umi_dense_inverse *inverse)
{
    if (!inverse) return;
    umi_free(ctx, inverse->factors);
    umi_free(ctx, inverse->pivots);
    umi_free(ctx, inverse);
}

static double norm(umi_wide_vector x) { return sqrt(umi_wide_get(umi_wide_dot(x, x))); }

/* x -= (G - shift)^-1 residual, of which only the direction goes through the factors: single
 * precision has few decades. */
static void correct(umi_dense_map *map, const umi_dense_inverse *inverse, double scale,
                    umi_wide_vector x)
{
    int size = (int)x.size;
    float *narrow = (float *)map->work;
    bool single = is_single(map);
    for (int i = 0; i < size; i++) {
        double r = map->residual.hi[i] / scale;
        if (single)
            narrow[i] = (float)r;
        else
            map->work[i] = r;
    }
    umi_linalg_lu_solve(size, single, inverse->factors, inverse->pivots, map->work);
    for (int i = 0; i < size; i++) {
        umi_wide step = umi_wide_two_product(single ? narrow[i] : map->work[i], scale);
        umi_wide_vector_set(x, i, umi_wide_subtract(umi_wide_vector_get(x, i), step));
    }
}

um_status umi_dense_inverse_refine(umi_dense_map *map, const umi_dense_inverse *inverse,
                                   umi_wide_vector b, double tolerance, umi_wide_vector x)
{
    umi_wide_vector r = map->residual;
    double wanted = tolerance * norm(b), last = INFINITY;
    umi_wide_vector_clear(x);
    umi_wide_vector_copy(r, b);
    umi_wide_vector_scale(r, umi_wide_set(-1));
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        double size = norm(r);
        if (size <= wanted) return UM_OK;
        if (!(size < 0.9 * last)) break;
        last = size;
        correct(map, inverse, size, x);
        umi_dense_map_apply(map, x, r);
        umi_wide_axpy(umi_wide_set(-inverse->shift), x, r);
        umi_wide_axpy(umi_wide_set(-1), b, r);
    }
    return umi_fail(map->ctx, UM_ERROR_NOCONV,
                    "solving with the generator of a Rabi collision: the residual stays at %.3g",
                    norm(r) / norm(b));
}
