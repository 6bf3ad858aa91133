#include "steady/chambers_window.h"

#include <math.h>
#include <string.h>

#include "steady/slow.h"

/* A state that is slow must have converged, and lie in its own region. */
static const double converged = 1e-20, elsewhere = 0.05;

void umi_window_free(um_context *ctx, umi_window *window)
{
    for (int i = 0; i < UMI_SLOW_MAX; i++) umi_wide_vector_free(ctx, &window->state[i]);
}

static umi_wide get(const umi_part *part, umi_wide_vector state, int plane, int n, int m)
{
    int at = umi_part_find(part, plane, n, m);
    return at < 0 ? umi_wide_set(0) : (umi_wide){state.hi[at], state.lo[at]};
}

umi_wide umi_window_flux(const umi_chamber_map *map, const umi_part *part, int n,
                         umi_wide_vector state)
{
    umi_wide sum = umi_wide_set(0);
    if (n < 1 || n > part->layout.levels) return sum;
    const umi_quad_blocks *b = &map->blocks;
    umi_quad s = b->of[n].sine;
    umi_quad weight[4] = {b->ee * s * s, -b->gg * s * s, 2 * b->ge * s * b->of[n].cosine,
                          2 * b->ge * s * b->of[n].tilt};
    umi_wide value[4] = {get(part, state, 0, n - 1, n - 1), get(part, state, 0, n, n),
                         get(part, state, 0, n - 1, n), get(part, state, 1, n - 1, n)};
    for (int i = 0; i < 4; i++)
        sum = umi_wide_add(sum, umi_wide_multiply(umi_wide_from_quad(weight[i]), value[i]));
    return sum;
}

umi_wide umi_window_held(const umi_part *part, int first, int last, umi_wide_vector state)
{
    umi_wide sum = umi_wide_set(0);
    for (int n = first; n <= last; n++) sum = umi_wide_add(sum, get(part, state, 0, n, n));
    return sum;
}

umi_wide umi_window_core(const umi_part *part, const umi_cell *cell, umi_wide_vector state)
{
    umi_wide sum = umi_wide_set(0);
    for (int n = cell->region.first; n <= cell->region.last; n++)
        if (cell->core[n - cell->region.first]) sum = umi_wide_add(sum, get(part, state, 0, n, n));
    return sum;
}

/* In coordinates of the slow basis, columns of `slow` numbers. */
typedef struct frame {
    int count, slow;
    umi_wide core[UMI_SLOW_MAX * UMI_SLOW_MAX];   /* core(i, j): of basis vector j in cell i */
    umi_wide vector[UMI_SLOW_MAX * UMI_SLOW_MAX]; /* the states, then the coherences */
} frame;

static umi_wide row_dot(const frame *f, int i, const umi_wide *x)
{
    umi_wide sum = umi_wide_set(0);
    for (int j = 0; j < f->slow; j++)
        sum = umi_wide_add(sum, umi_wide_multiply(f->core[j * f->count + i], x[j]));
    return sum;
}

/* The least vectors with population 1 in one core and 0 in the others: core' (core core')^-1. */
static um_status find_least(um_context *ctx, frame *f)
{
    int n = f->count, r = f->slow;
    umi_wide square[UMI_CELLS_MAX * UMI_CELLS_MAX], inverse[UMI_CELLS_MAX * UMI_CELLS_MAX];
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++) {
            umi_wide row[UMI_SLOW_MAX];
            for (int k = 0; k < r; k++) row[k] = f->core[k * n + j];
            square[j * n + i] = row_dot(f, i, row);
            inverse[j * n + i] = umi_wide_set(i == j);
        }
    UMI_TRY(umi_wide_matrix_solve(ctx, n, square, n, inverse));
    for (int j = 0; j < n; j++)
        for (int k = 0; k < r; k++) {
            umi_wide sum = umi_wide_set(0);
            for (int i = 0; i < n; i++)
                sum = umi_wide_add(sum, umi_wide_multiply(f->core[k * n + i], inverse[j * n + i]));
            f->vector[j * r + k] = sum;
        }
    return UM_OK;
}

static umi_wide dot(int n, const umi_wide *x, const umi_wide *y)
{
    umi_wide sum = umi_wide_set(0);
    for (int i = 0; i < n; i++) sum = umi_wide_add(sum, umi_wide_multiply(x[i], y[i]));
    return sum;
}

/* x without its part along y. */
static void reject(int n, const umi_wide *y, umi_wide *x)
{
    umi_wide along = umi_wide_divide(dot(n, y, x), dot(n, y, y));
    for (int i = 0; i < n; i++) x[i] = umi_wide_subtract(x[i], umi_wide_multiply(along, y[i]));
}

/* The rest of the slow space: orthonormal, without population in any core. Each is what is left of
 * the unit vector of which most is left. */
static void fill_rest(frame *f)
{
    int r = f->slow;
    umi_wide base[UMI_SLOW_MAX * UMI_SLOW_MAX];
    memcpy(base, f->vector, sizeof base);
    for (int i = 1; i < f->count; i++) /* orthogonal */
        for (int j = 0; j < 2 * i; j++) reject(r, base + (j % i) * r, base + i * r);
    for (int next = f->count; next < r; next++) {
        double most = -1;
        for (int unit = 0; unit < r; unit++) {
            umi_wide x[UMI_SLOW_MAX] = {{0, 0}};
            x[unit] = umi_wide_set(1);
            for (int j = 0; j < 2 * next; j++) reject(r, base + (j % next) * r, x);
            umi_wide square = dot(r, x, x);
            if (square.hi <= most) continue;
            most = square.hi;
            umi_wide length = umi_wide_sqrt(square);
            for (int k = 0; k < r; k++) base[next * r + k] = umi_wide_divide(x[k], length);
        }
        memcpy(f->vector + next * r, base + next * r, (size_t)r * sizeof *base);
    }
}

/* What leaves the chamber by the modes: core H vector. */
static double find_loss(const frame *f, const umi_slow *slow, int own)
{
    int r = f->slow;
    umi_wide image[UMI_SLOW_MAX];
    umi_wide_matrix_multiply(r, 1, r, slow->matrix, f->vector + own * r, image);
    return -umi_wide_get(row_dot(f, own, image));
}

static um_status find_states(const umi_chamber_map *map, const umi_part *part, const umi_slow *slow,
                             umi_window *window)
{
    frame f = {.count = window->count, .slow = slow->count};
    window->slow = slow->count;
    for (int j = 0; j < f.slow; j++)
        for (int i = 0; i < f.count; i++)
            f.core[j * f.count + i] = umi_window_core(part, window->cell[i], slow->basis[j]);
    UMI_TRY(find_least(map->ctx, &f));
    fill_rest(&f);
    for (int j = 0; j < f.slow; j++) {
        UMI_TRY(umi_wide_vector_create(map->ctx, part->size, &window->state[j]));
        umi_wide_combine((size_t)f.slow, slow->basis, f.vector + j * f.slow, 1, window->state[j]);
        if (j >= f.count) continue;
        umi_wide trace = umi_window_held(part, window->first, window->last, window->state[j]);
        umi_wide_vector_scale(window->state[j], umi_wide_divide(umi_wide_set(1), trace));
    }
    window->all_too = find_loss(&f, slow, window->own);
    return UM_OK;
}

static double weight(const umi_part *part, umi_wide_vector state, int n)
{
    return fabs(get(part, state, 0, n, n).hi);
}

/* Between two cells, where least of either state is on the wrong side. */
static int find_cut(const umi_part *part, const umi_window *window, int upper)
{
    umi_wide_vector low = window->state[upper - 1], high = window->state[upper];
    int from = window->cell[upper - 1]->region.first + 1, to = window->cell[upper]->region.last;
    double least = INFINITY, wrong = 0;
    int best = window->cell[upper]->region.first;
    for (int n = from; n <= to; n++) wrong += weight(part, low, n);
    for (int n = from; n <= to; n++) { /* the cut below n */
        if (wrong < least) {
            least = wrong;
            best = n;
        }
        wrong += weight(part, high, n) - weight(part, low, n);
    }
    return best;
}

static void find_cuts(const umi_part *part, umi_window *window)
{
    window->cut[0] = window->first;
    window->cut[window->count] = window->last + 1;
    for (int i = 1; i < window->count; i++) window->cut[i] = find_cut(part, window, i);
}

static bool lies_in_its_region(const umi_part *part, const umi_window *window)
{
    const umi_region *region = &window->cell[window->own]->region;
    double outside = 0;
    for (int n = window->first; n <= window->last; n++)
        if (n < region->first || n > region->last)
            outside += weight(part, window->state[window->own], n);
    return outside < elsewhere;
}

/* What comes into a cell is the rates there, and what they add to the tails of other states. */
um_status umi_window_rates(const umi_chamber_map *map, const umi_part *part,
                           const umi_window *window, int from, umi_wide_vector image,
                           umi_wide rates[UMI_SLOW_MAX])
{
    int n = window->count;
    umi_wide held[UMI_CELLS_MAX * UMI_CELLS_MAX];
    for (int k = n; k < window->slow; k++) rates[k] = umi_wide_dot(window->state[k], image);
    for (int i = 0; i < n; i++) {
        int first = window->cut[i], end = window->cut[i + 1];
        rates[i] = umi_wide_subtract(umi_window_flux(map, part, first, window->state[from]),
                                     umi_window_flux(map, part, end, window->state[from]));
        for (int j = 0; j < window->slow; j++) {
            umi_wide part_of_it = umi_window_held(part, first, end - 1, window->state[j]);
            if (j < n)
                held[j * n + i] = part_of_it;
            else
                rates[i] = umi_wide_subtract(rates[i], umi_wide_multiply(rates[j], part_of_it));
        }
    }
    return umi_wide_matrix_solve(map->ctx, n, held, 1, rates);
}

/* One level further the flux differs by what stays there, and by nothing else. */
static double find_spread(const umi_chamber_map *map, const umi_part *part,
                          const umi_window *window, const umi_wide *rates, double size)
{
    int edge = window->cell[window->own]->region.last + 1, cut = window->cut[window->own + 1];
    umi_wide_vector state = window->state[window->own];
    double spread = 0;
    for (int i = 0; i < 4; i++) {
        int n = i < 2 ? edge + i : cut + i - 3; /* the level that lies between */
        if (n <= window->first || n >= window->last) continue;
        umi_wide below = umi_window_flux(map, part, n, state);
        umi_wide above = umi_window_flux(map, part, n + 1, state);
        umi_wide off = umi_wide_subtract(above, below);
        for (int j = 0; j < window->slow; j++)
            off = umi_wide_add(off,
                               umi_wide_multiply(rates[j], get(part, window->state[j], 0, n, n)));
        spread = fmax(spread, fabs(off.hi) / size);
    }
    return spread;
}

static um_status find_flux(const umi_chamber_map *map, const umi_part *part, umi_window *window)
{
    umi_wide rates[UMI_SLOW_MAX];
    umi_wide_vector state = window->state[window->own], image;
    UMI_TRY(umi_wide_vector_create(map->ctx, part->size, &image));
    umi_sparse_apply(&part->matrix, state, image);
    um_status status = umi_window_rates(map, part, window, window->own, image, rates);
    umi_wide_vector_free(map->ctx, &image);
    if (status != UM_OK) return status;
    umi_wide up = umi_window_flux(map, part, window->last + 1, state);
    umi_wide down = umi_wide_negate(umi_window_flux(map, part, window->first, state));
    for (int i = window->own + 1; i < window->count; i++) up = umi_wide_add(up, rates[i]);
    for (int i = 0; i < window->own; i++) down = umi_wide_add(down, rates[i]);
    window->up = umi_wide_get(up);
    window->down = umi_wide_get(down);
    window->all = -umi_wide_get(rates[window->own]);
    window->spread = find_spread(map, part, window, rates, fabs(window->up));
    return UM_OK;
}

static um_status solve(const umi_chamber_map *map, const umi_part *part,
                       const umi_elimination *inverse, umi_window *window, bool *good)
{
    umi_slow slow = {0};
    um_status status = umi_window_start(map, part, window, inverse, &slow, good);
    if (status == UM_OK && *good) status = umi_slow_refine(map->ctx, &part->matrix, inverse, &slow);
    window->defect = slow.defect;
    *good = *good && slow.defect < converged;
    if (status == UM_OK && *good) {
        status = find_states(map, part, &slow, window);
        if (status == UM_ERROR_DOMAIN) {
            *good = false;
            status = UM_OK;
        }
    }
    umi_slow_free(map->ctx, &slow);
    if (status != UM_OK || !*good) return status;
    find_cuts(part, window);
    *good = lies_in_its_region(part, window);
    if (!*good) return UM_OK;
    UMI_TRY(umi_window_polish(map, part, inverse, window));
    return find_flux(map, part, window);
}

um_status umi_window_solve(const umi_chamber_map *map, const umi_part *part, umi_window *window,
                           bool *good)
{
    um_context *ctx = map->ctx;
    umi_ordering *ordering = NULL;
    umi_elimination *inverse = NULL;
    double away = 1e-5;
    *good = false;
    for (int i = 0; i < window->count; i++)
        away = fmin(away, fmax(1e-5 * window->cell[i]->inner, 1e-12));
    um_status status = umi_ordering_create(ctx, &part->matrix, &ordering);
    if (status == UM_OK)
        status = umi_elimination_create(ctx, ordering, &part->matrix, away, &inverse);
    if (status == UM_OK) status = solve(map, part, inverse, window, good);
    umi_elimination_destroy(ctx, inverse);
    umi_ordering_destroy(ctx, ordering);
    return status;
}
