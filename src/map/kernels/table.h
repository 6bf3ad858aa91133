/* Raw-array kernels of order tables (src/map/table.h). Coefficients lie in the order in which they are
 * used: for each order, for each block of UMI_TABLE_LANES outputs n, for each change of the order one
 * shift after the other, UMI_TABLE_LANES real parts, then (complex) as many imaginary ones. */
#ifndef UMI_TABLE_KERNELS_H
#define UMI_TABLE_KERNELS_H

#include "base/base.h"

enum { UMI_TABLE_LANES = 8 };

/* The shifts of one block and one change that are not all zero. */
typedef struct umi_table_group {
    int first, count;
    size_t at; /* their first coefficient */
} umi_table_group;

/* What a block adds up from one group: sum[i] += coefficient[s][i] in[s + i], s < count. The pointers
 * are those of the first shift that is inside the window. */
typedef struct umi_table_term {
    int count;
    const double *coefficient, *in[2];
} umi_table_term;

typedef struct umi_table_kernels {
    const char *name;
    /* Three terms (count may be 0) of one block into sum: real coefficients, one plane; */
    void (*real)(const umi_table_term term[3], double *sum);
    /* real coefficients, both planes: UMI_TABLE_LANES real parts, then imaginary ones; */
    void (*pair)(const umi_table_term term[3], double *sum);
    /* complex coefficients, both planes. */
    void (*complex)(const umi_table_term term[3], double *sum);
} umi_table_kernels;

const umi_table_kernels *umi_table_kernels_choose(void);

#endif
