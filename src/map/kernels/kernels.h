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

/* Lines that kernels ask for ahead of time: where states come from memory those of the state, if the image lies elsewhere
 * its own, too. From caches they come by themselves, and asking costs a twentieth. */
typedef enum umi_fetch { UMI_FETCH_NOTHING, UMI_FETCH_STATE, UMI_FETCH_BOTH } umi_fetch;
enum { UMI_FETCH_AHEAD = 32 }; /* orders */

/* A window of one plane: row k at base + k stride, n from first to last - 1 - k. Rows >= orders
 * of the input are read as `zero`, a row of zeros. Of an image the orders from..orders-1 are filled, and
 * no others touched: rows share few cache lines, so that several threads can fill one image. Kernels go through
 * its levels upwards or `downwards`; to turn at every collision keeps that part of large states in the
 * caches which was in use last. Those of coherent atoms may be given an image that lies over its state, in rows of the
 * same stride: UMI_STATE_SLACK higher in memory and downwards, or lower and upwards, all orders at once, and `in` with one
 * order more than it. */
typedef struct umi_rows {
    double *base; /* element n = 0 of order 0 */
    ptrdiff_t stride;
    int first, last, from, orders;
    bool downwards;
    umi_fetch fetch; /* of an image; a hint */
} umi_rows;

/* Resonant collisions with coherent atoms take fewer operations. With
 *   X_nm = a_n r_{n,m} + b_n r_{n-1,m},  Y_nm = c_n r_{n,m} + d_n r_{n+1,m}:
 *   r'_nm = a_m (X_{n,m} + e_n r_{n,m}) + b_m X_{n,m-1} + c_m (Y_{n,m} + f_n r_{n,m}) + d_m Y_{n,m+1},
 * 10 multiply-adds; 8 for pure atoms, whose e = f = 0: two Kraus operators, K r K' + L r L'. */
enum { UMI_RESONANT_a, UMI_RESONANT_b, UMI_RESONANT_c, UMI_RESONANT_d, UMI_RESONANT_e, UMI_RESONANT_f,
       UMI_RESONANT_FACTORS };

/* Indices as in umi_factors. */
typedef struct umi_resonant_factors {
    const double *of[UMI_RESONANT_FACTORS];
} umi_resonant_factors;

typedef void umi_resonant_kernel(const umi_resonant_factors *factors, const umi_rows *in,
                                 const double *zero, double sign, const umi_rows *out);

/* The same as umi_kernels.stencil_real, up to rounding. `base` aligned to 64 bytes is faster. */
typedef struct umi_resonant_kernels {
    umi_resonant_kernel *pure, *mixed;
} umi_resonant_kernels;

/* Detuned collisions with coherent atoms: the same with complex factors, two Kraus operators,
 *   r'_nm = conj(a_m) (X_{n,m} + e_n a_n r_{n,m}) + conj(b_m) X_{n,m-1} +
 *           conj(c_m) (Y_{n,m} + f_n c_n r_{n,m}) + conj(d_m) Y_{n,m+1}; e and f are real.
 * Where levels are equally far apart b and d are real, too: 24 multiply-adds per element for pure atoms, 28 for
 * mixed ones; elsewhere (`turned`) 32 and 36. */
enum { UMI_DETUNED_a_re, UMI_DETUNED_a_im, UMI_DETUNED_b_re, UMI_DETUNED_b_im, UMI_DETUNED_c_re, UMI_DETUNED_c_im,
       UMI_DETUNED_d_re, UMI_DETUNED_d_im, UMI_DETUNED_e, UMI_DETUNED_f, UMI_DETUNED_FACTORS };

typedef struct umi_detuned_factors {
    const double *of[UMI_DETUNED_FACTORS];
} umi_detuned_factors;

/* Both planes; in[1].base may be NULL: zero imaginary part. */
typedef void umi_detuned_kernel(const umi_detuned_factors *factors, const umi_rows in[2], const double *zero,
                                const umi_rows out[2]);

typedef struct umi_detuned_kernels {
    umi_detuned_kernel *of[2][2]; /* [turned][mixed] */
} umi_detuned_kernels;

/* sum_i (a[i] + rest[i]) b[i]; rest may be NULL. */
typedef struct umi_product {
    int count;
    const double *a, *rest, *b;
} umi_product;

typedef struct umi_kernels {
    const char *name;
    /* One plane with real factors. sign +1: symmetric plane, -1: antisymmetric. */
    void (*stencil_real)(const umi_factors *factors, const umi_rows *in, const double *zero,
                         double sign, const umi_rows *out);
    /* Both planes with complex factors; in[1].base may be NULL: zero imaginary part. */
    void (*stencil_complex)(const umi_factors factors[2], const umi_rows in[2],
                            const double *zero, const umi_rows out[2]);
    const umi_resonant_kernels *resonant;
    const umi_detuned_kernels *detuned;
    /* sum_i a[i] b[i] in about twice the working precision. */
    double (*dot)(int count, const double *a, const double *b);
    /* The same of several such sums together. */
    double (*add_products)(int count, const umi_product *products);
} umi_kernels;

/* The most points of a batch; element (n, m) of r holds those of `width` points side by side. */
enum { UMI_LANES = 8 };

/* Levels first..last-1, orders 0..orders-1 of all points of a batch. */
typedef struct umi_lanes_window {
    int first, last, orders;
} umi_lanes_window;

/* Factors per level (`width` doubles each) of the batch's kernels.
 * Pure atoms, two Kraus operators: r' = K r K' + L r L', K_n = (a, b), L_n = (c, d):
 *   r'_nm = a_m X_{n,m} + b_m X_{n,m-1} + c_m Y_{n,m} + d_m Y_{n,m+1},
 *   X_nm = a_n r_{n,m} + b_n r_{n-1,m},  Y_nm = c_n r_{n,m} + d_n r_{n+1,m}: 8 multiply-adds.
 * Any atoms: UMI_STENCIL_FACTORS, the same order: 12. */
enum { UMI_LANES_PURE = 4 };

/* Batches. Element (n, m) stands at base + n stride + m width, for m >= n - 1 (the subdiagonal is a
 * copy); outside the window everything is zero, in the rows and columns next to the space too. */
typedef struct umi_lanes_kernels {
    const char *name;
    int width; /* divides UMI_LANES */
    /* Fills the window `to` of out; the last order of `in` must be below that of `to`, unless both
     * reach as far as the levels. */
    void (*pure)(const double *factors, const double *in, double *out, ptrdiff_t stride,
                 umi_lanes_window to);
    void (*general)(const double *factors, const double *in, double *out, ptrdiff_t stride,
                    umi_lanes_window to);
    /* Over `count` elements `step` doubles apart, per lane: the sum of weights[i] x[i]; */
    void (*weigh)(const double *at, ptrdiff_t step, int count, const double *weights, double *sum);
    /* the largest modulus, the sum of moduli, the sum of squares; */
    void (*measure)(const double *at, ptrdiff_t step, int count, double *largest, double *moduli,
                    double *squares);
    /* of these the squares alone; */
    void (*square)(const double *at, ptrdiff_t step, int count, double *squares);
    /* x[i] *= factor. */
    void (*scale)(double *at, ptrdiff_t step, int count, const double *factor);
} umi_lanes_kernels;

/* The fastest set this machine has, or the one named by the environment variable UMASER_KERNEL. */
const umi_kernels *umi_kernels_choose(void);
const umi_lanes_kernels *umi_lanes_kernels_choose(void);

#endif
