/* forward: where a stationary map takes a state after any number of collisions.
 *
 * A rational Krylov space V of the generator G = M - 1, started from the state itself and built
 * with poles just outside the unit circle (at +1 and -1, more where they are needed), holds the
 * trajectory M^k v to far below rounding once the fast modes are gone. On it M is a small matrix
 * 1 + H, H = V'GV, whose powers are taken in wide arithmetic by squaring: 2H + H^2, so that rates
 * of 1e-25 survive. No eigenvectors, no left vectors: non-normal maps are as good as any.
 * The certificate: |M^k v - V (1+H)^k a| <= sum_j |(GV - VH)(1+H)^j a| in trace norm, because M
 * contracts the trace norm; the defect GV - VH is computed, order that the window drops included.
 */
#ifndef UMI_FORWARD_H
#define UMI_FORWARD_H

#include "map/generator.h"

/* A generator as the engine sees it: rows and inverses, whatever they are made of. */
typedef struct umi_forward_operator {
    void *self;
    size_t size, rim;  /* elements of a vector; further elements of its image, outside the space */
    /* y = G x, size + rim elements */
    um_status (*apply)(void *self, umi_wide_vector x, umi_wide_vector y);
    /* x = (G - shift)^-1 b on the space, to nearly wide precision; NULL: none, images are used */
    um_status (*solve)(void *self, double shift, umi_wide_vector b, umi_wide_vector x);
    bool sharp;         /* it solves as well with shifts 1e-7 from the unit circle */
    double norm_factor; /* trace norm <= norm_factor * 2-norm of a vector */
} umi_forward_operator;

typedef struct umi_forward_options {
    int64_t collisions; /* certified as far as this, if it can be had */
    double tolerance;   /* of the certificate, trace norm */
    int rank_max;       /* 0: default */
    int rank_worth;     /* 0: any; give up as soon as more vectors than this are to be expected for
                         * modes that a later start would be rid of */
    size_t functionals; /* linear functionals of the vector ... */
    const umi_wide_vector *functional; /* ... of which values and sums over collisions are wanted */
    bool (*stop)(void *user); /* asked now and then; may be NULL */
    void *user;
} umi_forward_options;

typedef struct umi_forward umi_forward;

/* The trajectory from `start` (size elements). Succeeds even where the certificate falls short:
 * ask umi_forward_reach. UM_ERROR_MEMORY; UM_ERROR_INTERRUPTED. The operator must outlive it. */
um_status umi_forward_create(um_context *ctx, const umi_forward_operator *generator,
                             umi_wide_vector start, const umi_forward_options *options,
                             umi_forward **forward);
void umi_forward_destroy(um_context *ctx, umi_forward *forward);

/* Why the certificate falls short of the tolerance. */
typedef enum umi_forward_end {
    UMI_FORWARD_CERTAIN,
    UMI_FORWARD_NARROW, /* what leaves through the rim: a space with a wider one would do */
    UMI_FORWARD_SLOW    /* more modes are left than there are vectors: a later start would do */
} umi_forward_end;
umi_forward_end umi_forward_get_end(const umi_forward *forward);
int umi_forward_rank(const umi_forward *forward);
/* The certificate after so many collisions (trace norm), and the last collision, at most
 * options.collisions, at which it is below the tolerance; 0 if none. */
double umi_forward_bound(umi_forward *forward, int64_t collisions);
int64_t umi_forward_reach(const umi_forward *forward);
/* M^collisions start in double; size elements, NAN where nothing is known so far on. */
void umi_forward_state(umi_forward *forward, int64_t collisions, double *x);
/* Several at once cost less than one by one, and have the same bits. */
enum { UMI_FORWARD_STATES = 8 };
void umi_forward_states(umi_forward *forward, int count, const int64_t *collisions,
                        double *const *x);
/* The same as basis and coordinates, `rank` of them; the latter until the next call. false: nothing
 * is known so far on. */
const umi_wide_vector *umi_forward_get_basis(const umi_forward *forward);
bool umi_forward_coordinates(umi_forward *forward, int64_t collisions, umi_wide_vector *y);
/* values[i] = <functional_i, M^collisions start>; sums[i] = sum over j < collisions of
 * <functional_i, M^j start>. Either may be NULL. */
void umi_forward_functionals(umi_forward *forward, int64_t collisions, umi_wide *values,
                             umi_wide *sums);

/* The engine on a stage's map: assembled generator, eliminations (kept per pole), certificate. */
typedef struct umi_forward_map umi_forward_map;
/* UM_ERROR_UNSUPPORTED: a map that differs from collision to collision; memory beyond
 * `bytes_max` needed (UM_ERROR_MEMORY with a message that says so). */
um_status umi_forward_map_create(um_context *ctx, const um_model *model, size_t stage,
                                 const umi_layout *layout, double bytes_max,
                                 umi_forward_map **map);
void umi_forward_map_destroy(umi_forward_map *map);
const umi_layout *umi_forward_map_layout(const umi_forward_map *map);
umi_forward_operator umi_forward_map_operator(umi_forward_map *map);
/* NULL for maps that have none (lambda > 0). */
const umi_generator *umi_forward_map_generator(const umi_forward_map *map);
/* Functionals of UMI_RATE_*: as many vectors as UMI_RATES, owned by the map. */
const umi_wide_vector *umi_forward_map_rates(const umi_forward_map *map);

#endif
