/* The map of any unitary on battery x atom, as Kraus operators with a band structure. */
#ifndef UMI_UNITARY_H
#define UMI_UNITARY_H

#include <complex.h>

#include "map/map.h"

/* U in blocks: block[f][i][n' + n levels] = <n',f|U|n,i>, f, i = 0 (g), 1 (e); column-major. */
typedef struct umi_unitary {
    int levels;
    double _Complex *block[2][2];
    double *escape[2]; /* escape[i][n] = |(1-P) U|n,i>|, amplitude that leaves the space; or NULL */
    double defect;     /* bound on |U - U_true|, in norm */
    double _Complex *work[2][2]; /* of a pulse: Hermitian, as the blocks; or NULL: from <V> */
    double tau;        /* lab: V turns by e^(i 2 omega t) */
    bool lab; /* the frame turns with the time: parity, of n + s, is conserved */
    bool interaction_picture;
} umi_unitary;

/* Takes the blocks of `unitary` over, also on failure. */
um_status umi_map_create_kraus(um_context *ctx, umi_unitary *unitary, const um_atoms *atoms,
                               double frequency, const double *lowering, double g, double lambda,
                               um_map **map);

um_status umi_unitary_alloc(um_context *ctx, int levels, umi_unitary *unitary);
/* Four blocks in one piece of memory that begins at block[0][0]; zero. */
um_status umi_unitary_alloc_blocks(um_context *ctx, int levels, double _Complex *block[2][2]);
void umi_unitary_free(um_context *ctx, umi_unitary *unitary);

/* size x columns, column-major: columns that are orthonormal up to rounding, as those of a computed unitary,
 * become so in all digits. */
um_status umi_unitary_polish(um_context *ctx, int size, int columns, double *re, double *im);

#endif
