/* Order tables: maps that couple coherence order k to k - 1, k and k + 1, by a band of shifts,
 *   out_k[n] = sum over change = -1, 0, 1 and shift of
 *              coefficient(k, change, shift)[n] in_{k+change}[n + shift]      (r_{n,n+k} = in_k[n]).
 * Every collision without counter-rotating terms is of that form, whatever acts during it, and so is
 * an average of such collisions: the atom brings at most one excitation's worth of coherence.
 *
 * Order 0 reads order -1 as well, in_{-1}[n] = conj(in_1[n-1]). It is real and its coefficients come
 * in conjugate pairs, so that both are kept as one: out_0 = coefficient(0, 0) in_0 + Re(coefficient(0, 1) in_1).
 *
 * First an umi_table is filled, then it becomes a um_map. Coefficients are in the gauge of the stencils
 * (quarter = 1, the phase of the atoms); `complex` is false where all are real there.
 */
#ifndef UMI_TABLE_H
#define UMI_TABLE_H

#include "map/map.h"

typedef struct umi_table umi_table;

/* Only the rows of orders 0 .. orders-1 will be asked for. */
um_status umi_table_create(um_context *ctx, int levels, int orders, bool complex_coefficients, umi_table **table);
int umi_table_get_orders(const umi_table *table);
void umi_table_free(umi_table *table); /* may be NULL */

/* The coefficients of (order, change, shift), index n = 0 .. levels - 1 - order, to be added to; zeros
 * if they were not there. plane 0 real, 1 imaginary part (complex tables only). Entries that would read
 * or fill elements outside the space must stay zero. NULL: no memory (recorded).
 * order 0 has no change -1: see above and umi_table_add. */
double *umi_table_row(umi_table *table, int order, int change, int shift, int plane);
/* The same, of a table that is only read; NULL where all are zero. */
const double *umi_table_find(const umi_table *table, int order, int change, int shift, int plane);
/* The shifts that occur: first <= shift <= last, for any order; first > last if none does. */
void umi_table_get_band(const umi_table *table, int change, int *first, int *last);

/* coefficient(order, change, shift)[n] += re + i im, with order 0's change -1 folded into +1. */
um_status umi_table_add(umi_table *table, int order, int change, int shift, int n, double re, double im);

/* += weight times the rows and readouts of one that has as many orders at least; the top is left alone. */
um_status umi_table_accumulate(umi_table *table, double weight, const umi_table *one);

/* Readouts: sum over order = 0, 1, 2 and n of Re(weight[n] in_order[n]), of the state before.
 * Weights of an order and plane, index n = 0 .. levels - 1. */
typedef enum umi_table_readout {
    UMI_TABLE_CHANGE,       /* of the atom's excited population: um_outcome change */
    UMI_TABLE_COHERENCE_RE, /* <g|rho_q'|e> without the factor e^(i phase) */
    UMI_TABLE_COHERENCE_IM,
    UMI_TABLE_START, /* coupling energies in units of omega */
    UMI_TABLE_END,
    UMI_TABLE_HEAT,
    UMI_TABLE_READOUTS
} umi_table_readout;

enum { UMI_TABLE_READ_ORDERS = 3 };

double *umi_table_weights(umi_table *table, umi_table_readout readout, int order, int plane);

/* Truncation: the error of one collision is at most sum_n top[n] |v_n|, v_n = (r_{0,n}, ..., r_{n,n})
 * the part of column n above the diagonal, |v_n| its Euclidean norm. For the stencil's closed top:
 * top[levels-1] = 2 edge |<e|rho_q|. Zeros to begin with; levels values. */
double *umi_table_top(umi_table *table);

/* What the map says about itself and its atoms. */
typedef struct umi_table_look {
    const char *method; /* static */
    double phase;       /* of the gauge */
    double excited;     /* population that the atoms bring */
    double present;     /* um_outcome present */
    int reach;          /* levels one step climbs at least; what the shifts say counts too */
} umi_table_look;

/* The table of a collision, of so many orders, readouts and top complete; the caller's. */
typedef um_status umi_table_maker(um_context *ctx, const umi_collision *collision, int orders, umi_table **table);

/* The map of a collision as `make` tabulates it: where atoms without coherence leave the orders apart, populations
 * alone have a table of their own, and that of all orders is made when a state asks for it. */
um_status umi_table_map_create(um_context *ctx, const umi_collision *collision, umi_table_maker *make,
                               const umi_table_look *look, um_map **map);

/* The map of a filled table of all orders, which may be freed or added to afterwards. Coefficients below 1e-21 are
 * left out, and bounded in um_outcome error_bound. Cost of a step: a multiply-add (4 if complex) per
 * coefficient inside the window. */
um_status umi_table_finish(const umi_table *table, const umi_table_look *look, um_map **map);

#endif
