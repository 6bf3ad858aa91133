/* The generator of a map given by Kraus operators, G rho = sum_a B_a rho B_a' - rho, in wide
 * arithmetic: for collisions with counter-rotating terms, where no sparse matrix exists. */
#ifndef UMI_GENERATOR_KRAUS_H
#define UMI_GENERATOR_KRAUS_H

#include "linalg/dense.h"
#include "map/generator.h"

enum { UMI_WIDE_KRAUS_MAX = 4 };

/* Operators 2p leave the atom in g, 2p + 1 in e. Elements of row n outside low[n]..high[n]-1 are 0. */
typedef struct umi_wide_kraus {
    um_context *ctx;
    umi_layout layout; /* all orders, both planes */
    int count;
    umi_wide_dense operator[UMI_WIDE_KRAUS_MAX], transposed[UMI_WIDE_KRAUS_MAX];
    int *low, *high;
    umi_wide_vector rate[UMI_RATES];
    umi_wide_dense state, half, image; /* scratch */
} umi_wide_kraus;

/* The operators of a locked Rabi collision, padded as the map itself. */
um_status umi_wide_kraus_create(um_context *ctx, const um_model *model, size_t stage, int levels,
                                umi_wide_kraus *kraus);
void umi_wide_kraus_free(umi_wide_kraus *kraus);
/* y = G x in the layout; the gauge is that of the map: none. */
void umi_wide_kraus_apply(umi_wide_kraus *kraus, umi_wide_vector x, umi_wide_vector y);

/* Inside: U of the collision with the atom's states laid over it. Operators are created, zero. */
um_status umi_wide_kraus_fill(umi_wide_kraus *kraus, const umi_collision *collision);
int umi_wide_kraus_count(const um_atoms *atoms);

#endif
