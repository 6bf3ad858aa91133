/* map, inside the library: what an implementation provides. */
#ifndef UMI_MAP_H
#define UMI_MAP_H

#include "base/base.h"
#include "state/state.h"
#include "umaser/map.h"

typedef struct umi_map_class {
    /* brief: the outgoing atom's coherence is not asked for. */
    um_status (*apply)(um_map *map, const um_state *in, um_state *out, um_outcome *outcome,
                       bool brief);
    um_status (*apply_adjoint)(um_map *map, const um_state *in, um_state *out);
    /* NULL: it cannot work in place; else apply in two steps. May it, and is it worth it, for this state; what will
     * come of the atom; the state becomes its image, or on failure stays what it is. */
    bool (*can_replace)(const um_map *map, const um_state *state);
    void (*foresee)(um_map *map, const um_state *in, um_outcome *outcome, bool brief);
    um_status (*replace)(um_map *map, um_state *state);
    /* NULL: the map does not depend on it */
    um_status (*set_collision)(um_map *map, int64_t collision, double time);
    /* `after` is the image of `before`: adds to its populations `count` times what rounding took
     * from them in this collision; NULL: not known. */
    void (*refine)(um_map *map, const um_state *before, um_state *after, int count);
    /* p_n = the image's populations in extended precision, n = first..last-1, at most one level beside the
     * window of `before`; NULL or false: not known. */
    bool (*find_populations)(um_map *map, const um_state *before, int first, int last, long double *p);
    /* How many levels one step can carry what lies below level `last`; NULL: info.reach, which is the
     * most from any level of the space. */
    int (*climb)(const um_map *map, int last);
    void (*destroy)(um_map *map);
} umi_map_class;

/* First member of every implementation. */
struct um_map {
    um_context *ctx;
    const umi_map_class *class;
    um_map_info info;
    int quarter; /* the gauge it works in */
    double phase;
    um_state *spare; /* NULL, or what an image was written to that takes the place of its state */
};

/* The collision of a stage, as every implementation needs it. Phase and q noise that is averaged is
 * in `atoms` already, spreads that are frozen are in all values; `imperfections` has what is left. */
typedef struct umi_collision {
    const um_battery *battery;
    um_atoms atoms;
    um_interaction interaction;
    um_stream stream;
    um_environment environment;
    um_imperfections imperfections; /* points into the model */
    uint64_t seed;
    double stray;     /* how much of the atoms' detuning is scatter: see stray.h */
    double gap;       /* free time after the collision, its mean for poisson */
    bool quick;       /* for one collision alone: sines in double do */
    bool lab;         /* time-dependent frame */
    bool finite;      /* the top level is a wall, not a truncation */
    bool closed;      /* nothing climbs beyond the top all the same: it is cut where the user says */
    bool even;        /* levels equally spaced */
    int levels;
    struct umi_joint_parts *parts; /* what collisions that are drawn have in common (joint_parts.h); NULL: nothing */
} umi_collision;

/* The collision of a model's stage in a space of so many levels; what can be refused, is. */
um_status umi_collision_make(um_context *ctx, const um_model *model, size_t stage, int levels,
                             umi_collision *collision);

/* Whether the gap that is left to the environment scatters: a longer interaction takes from the period. */
bool umi_collision_gap_scatters(const umi_collision *collision);

/* Equal spacing up to rounding: no phases of its own between the levels. */
bool umi_is_evenly_spaced(const um_battery *battery, int levels);

/* (omega_q - (E_n - E_{n-1}) omega)/omega: the work it takes to move a quantum from level n into the
 * atom. Without counter-rotating terms all work of a pulse is of this kind. */
double umi_collision_mismatch(const umi_collision *collision, int n);

/* rho_q = [[gg, ge], [conj(ge), ee]]; ge >= 0 with the phase apart. */
static inline double umi_atoms_ge(const um_atoms *atoms)
{
    return atoms->c * __builtin_sqrt(atoms->q * (1 - atoms->q));
}

/* um_map_apply, which leaves the outgoing coherence undefined if `brief`. */
um_status umi_map_apply(um_map *map, const um_state *in, um_state *out, um_outcome *outcome,
                        bool brief);

/* umi_map_apply where um_map_works_in_place: what there is to know of the collision before it, and the collision. */
void umi_map_foresee(um_map *map, const um_state *in, um_outcome *outcome, bool brief);
um_status umi_map_replace(um_map *map, um_state *state);

/* So many levels above `last` a step needs; what would climb further is below 1e-20. Not capped by the
 * levels of the space. */
int umi_map_get_climb(const um_map *map, int last);

void umi_map_refine(um_map *map, const um_state *before, um_state *after, int count);

/* The collision alone: no environment, atoms all alike and always there. */
um_status umi_map_create_pure(um_context *ctx, const umi_collision *collision, um_map **map);
um_status umi_map_create_stencil(um_context *ctx, const umi_collision *collision, um_map **map);
/* Levels above the space that its unitary is computed with. */
int umi_rabi_get_padding(const umi_collision *collision);
/* H along the parity chain |n, s(n)>, n < size, s(n) = (n + parity) % 2. */
void umi_rabi_fill_chain(const umi_collision *collision, int size, int parity, double *diagonal, double *off);
/* log of a bound on the amplitude that climbs d levels, over steps of `largest` at most, in g time = theta. */
double umi_rabi_climb(const umi_collision *collision, double theta, double largest, int d);
um_status umi_map_create_rabi(um_context *ctx, const umi_collision *collision, um_map **map);

#endif
