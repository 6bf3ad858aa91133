/* Where the laws of maps are looked at: a map, states and room for their images. */
#ifndef UM_MAP_BENCH_H
#define UM_MAP_BENCH_H

#include "map_conformance.h"
#include "state/state.h"

/* Rounding of one collision: a few units of the largest element. */
#define ROUNDING 2e-14
/* The same between kernels, which add in another order. */
#define KERNEL_ROUNDING 4e-15

extern um_context *ctx;
extern const map_subject *subject;

typedef struct bench {
    um_context *ctx;
    int levels;
    um_map *map;
    um_state *in, *out, *other;
    test_random random;
} bench;

um_model *bench_model(um_context *context, int levels);
um_map *bench_map(um_context *context, int levels);
bench bench_lay_out(um_context *context, int levels, uint64_t seed);
/* With the kernels of an instruction set; NULL: the best. */
bench bench_lay_out_with(const char *kernel, int levels, uint64_t seed);
void bench_put_away(bench *b);
/* A state of that kind in `in`, in the map's gauge. */
void bench_draw(bench *b, test_kind kind);

/* Instruction sets there are tests for, NULL first. A map without kernels of its own needs one alone. */
enum { BENCH_KERNELS = 4 };
extern const char *const bench_kernels[BENCH_KERNELS];
int bench_count_kernels(void);

/* Whether spaces of so many levels can be had. */
bool bench_is_due(int levels);
int bench_room(int levels); /* or as many as there can be */

/* Real and imaginary part of rho; the caller frees it. */
double *bench_matrix(const um_state *state);
size_t bench_matrix_size(int levels); /* its doubles */
double bench_difference(const double *a, const double *b, size_t count); /* the largest; NAN if there is one */

/* One collision: image and outcome that differ by more are reported; couplings, heat and bound may be NAN in both. */
void bench_compare_outcomes(const char *what, const um_outcome *have, const um_outcome *want, double tolerance);

/* The laws: tests of cmocka. */
void matrix_units(void **unused);
void kernels_agree(void **unused);
void windows_begin_anywhere(void **unused);
void memory_lies_anywhere(void **unused);
void threads_do_not_matter(void **unused);
void poison_shows(void **unused);
void denormals_count(void **unused);
void trace_does_not_drift(void **unused);

#endif
