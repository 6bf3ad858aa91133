/* Raw-array kernels of the stencil maps, one table of functions per instruction set.
 *
 * A stencil acts on the orders of r (see state.h; R_k[n] = r_{n,n+k}, m = n + k):
 *   r'_nm = conj(G_m) (ga_n r_{n,m} + gb_n r_{n-1,m}) + conj(P_m) (pa_n r_{n,m-1} + pb_n r_{n-1,m-1})
 *         + conj(E_m) (ea_n r_{n,m} + eb_n r_{n+1,m}) + conj(D_m) (da_n r_{n,m+1} + db_n r_{n+1,m+1})
 * 12 multiply-adds per element when all factors are real.
 */
#ifndef UMI_KERNELS_H
#define UMI_KERNELS_H

#include "base/base.h"

/* The most lanes any path works on at once; tables reach that far beyond the window. */
enum { UMI_KERNEL_LANES_MAX = 8 };

/* Factors by name: capital letters depend on the column m, the others on the row n. */
#define UMI_STENCIL_FACTORS(X) \
    X(G) X(P) X(E) X(D) X(ga) X(gb) X(pa) X(pb) X(ea) X(eb) X(da) X(db)
#define UMI_STENCIL_INDEX(name) UMI_FACTOR_##name,
enum { UMI_STENCIL_FACTORS(UMI_STENCIL_INDEX) UMI_FACTORS };
#undef UMI_STENCIL_INDEX

/* One plane (real or imaginary part) of each factor; indices -2 .. levels + UMI_KERNEL_LANES_MAX. */
typedef struct umi_factors {
    const double *of[UMI_FACTORS];
} umi_factors;

/* A window of one plane: row k at base + k stride, n from first to last - 1 - k. Rows >= orders
 * of the input are read as `zero`, a row of zeros. */
typedef struct umi_rows {
    double *base; /* element n = 0 of order 0 */
    ptrdiff_t stride;
    int first, last, orders;
} umi_rows;

typedef struct umi_kernels {
    const char *name;
    /* One plane with real factors. sign +1: symmetric plane, -1: antisymmetric. */
    void (*stencil_real)(const umi_factors *factors, const umi_rows *in, const double *zero,
                         double sign, const umi_rows *out);
    /* Both planes with complex factors; in[1].base may be NULL: zero imaginary part. */
    void (*stencil_complex)(const umi_factors factors[2], const umi_rows in[2],
                            const double *zero, const umi_rows out[2]);
    /* sum_i a[i] b[i] in about twice the working precision. */
    double (*dot)(int count, const double *a, const double *b);
} umi_kernels;

/* The fastest set this machine has, or the one named by the environment variable UMASER_KERNEL. */
const umi_kernels *umi_kernels_choose(void);

#endif
