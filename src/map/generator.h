/* The generator G = M - 1 of a collision map, in wide arithmetic, as a matrix on a window of the
 * state: what fast-forward and spectra work on. Differences from 1 are formed without
 * cancellation, so that rates of 1e-20 per collision keep their digits.
 *
 * Coordinates: the elements r_{n,n+k} in the map's gauge, n + k < levels, k < orders, planes
 * 1 (real part) or 2. Order by order, so that a window of fewer orders is a prefix:
 *   order k: real parts n = 0..levels-1-k, then (planes == 2 and k > 0) imaginary parts.
 * The imaginary part alone (`skew`, real maps only): k = 1.. as if it were the real part.
 */
#ifndef UMI_GENERATOR_H
#define UMI_GENERATOR_H

#include "linalg/sparse.h"
#include "map/map.h"

typedef struct umi_layout {
    int levels, orders, planes;
    bool skew; /* the antisymmetric part alone; planes is 1 */
} umi_layout;

size_t umi_layout_size(const umi_layout *layout);
/* Where element (plane, k, n) stands; inside the layout. */
size_t umi_layout_index(const umi_layout *layout, int plane, int k, int n);
/* State (in the map's gauge) to vector and back; elements outside the layout are left out, and the
 * sum of their moduli (both triangles) is returned. from_state leaves lo = 0. */
double umi_layout_from_state(const umi_layout *layout, const um_state *state, umi_wide_vector x);
/* Takes hi + lo rounded; the state gets levels, window and planes of the layout, gauge kept. */
um_status umi_layout_to_state(const umi_layout *layout, const double *x, um_state *state);

/* Totals that a run sums over collisions, linear in the state before the collision. LEAVING is what a
 * truncated top keeps that would climb beyond it for good or for a while, incoherently: in thermal
 * steps, and with atoms without coherence. Twice its sum bounds what the truncation does to a battery
 * without coherence. */
enum { UMI_RATE_CHANGE, UMI_RATE_SWITCHING, UMI_RATE_HEAT, UMI_RATE_LEAVING, UMI_RATES };

typedef struct umi_generator {
    umi_layout layout;
    umi_sparse matrix; /* rows beyond its columns: order `orders`, into which the window leaks */
    umi_wide_vector rate[UMI_RATES]; /* um_outcome change; coupling_start - coupling_end; heat;
                                      * see above */
    double edge; /* of a truncated top: 2 edge |top row| bounds the error of one collision */
} umi_generator;

/* The map of a stage on a window. layout: levels as for um_map_create; orders 1..levels; planes 1
 * only where the map is real in its gauge (lambda = 0, resonant, equally spaced), or without order
 * mixing (c = 0) and orders = 1.
 * UM_ERROR_UNSUPPORTED for lambda > 0 (see um_map's own apply), UM_ERROR_MEMORY. */
um_status umi_generator_create(um_context *ctx, const um_model *model, size_t stage,
                               const umi_layout *layout, umi_generator *generator);
void umi_generator_free(um_context *ctx, umi_generator *generator);
/* Whether there is one, here or dense for counter-rotating terms: fast-forward can be thought of. */
bool umi_generator_exists(const um_model *model, size_t stage);
/* What a trap, s_n = 0, is to a stage's map. */
typedef enum umi_traps {
    UMI_TRAPS_NONE,    /* nothing: interaction times scatter, or the environment lifts the battery */
    UMI_TRAPS_CEILING, /* nothing climbs across it, but photons get lost */
    UMI_TRAPS_CLOSED   /* nothing crosses it */
} umi_traps;
umi_traps umi_generator_get_traps(const um_model *model, size_t stage);
/* Whether the map's coefficients are real in its gauge, and whether it mixes orders. */
bool umi_generator_is_real(const um_model *model, size_t stage);
bool umi_generator_mixes_orders(const um_model *model, size_t stage);
/* s_{n} = sin(theta d_n) of block n (resonant) or its detuned counterpart, in quad: exact zeros
 * where the map closes the trap, true sign of the cosine. levels + 1 values each. */
um_status umi_generator_blocks(um_context *ctx, const um_model *model, size_t stage, int levels,
                               _Float128 *cosine, _Float128 *sine);

#endif
