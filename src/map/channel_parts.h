/* The channel's parts. */
#ifndef UMI_CHANNEL_PARTS_H
#define UMI_CHANNEL_PARTS_H

#include "map/channel.h"

/* Terms below this are dropped, and counted. */
#define UMI_CHANNEL_NEGLIGIBLE 1e-20

/* Rows of the series' scratch. */
enum { UMI_CHANNEL_ROWS = 13 };

/* Weights of one sum, forward and adjoint. */
typedef struct umi_channel_table {
    double *memory;
    unsigned short *counts;
    umi_channel_sum forward, adjoint;
    int terms, capacity; /* rows in use, and made room for */
    double dropped;      /* bound on what is left out of each element's image */
} umi_channel_table;

/* What a sum is for short times. */
typedef struct umi_channel_short {
    umi_channel_shift sum;
    double *after, *lost[2], power[UMI_CHANNEL_SHIFTS + 1];
    unsigned char *terms;
    double dropped; /* as above */
} umi_channel_short;

/* The cavity: `repeats` times loss, then gain; or once each by shifts, tables being made for adjoints only. */
typedef struct umi_channel_factors {
    umi_channel_table loss, gain;
    umi_channel_shift_kernel *shift;
    umi_channel_short short_loss, short_gain;
    double *factorials; /* see channel_shift.c: f_n, their inverses, what follows from the time */
    bool is_short, has_tables;
    long double kept, passed, more; /* of one repeat: eta', 1 - eta'; G - 1 */
    int repeats;
    double growth, step; /* G and (G - 1)/G of one repeat */
    long double *root, *row; /* sqrt(n), n = 0..levels; scratch */
} umi_channel_factors;

/* Eliminated orders 0..prepared-1; row k at k * stride, elements n + k < levels. */
typedef struct umi_channel_wait {
    int prepared;
    size_t stride;
    double *rise, *fall, *hold;          /* see channel_wait.c; real parts, */
    double *rise_im, *fall_im, *hold_im; /* and imaginary ones where levels are uneven */
} umi_channel_wait;

typedef enum umi_channel_kind { UMI_CHANNEL_FACTORS, UMI_CHANNEL_SERIES, UMI_CHANNEL_WAIT } umi_channel_kind;

struct umi_channel {
    um_context *ctx;
    const umi_channel_kernels *kernels;
    const umi_kernels *sums;
    umi_channel_kind kind;
    int levels;
    bool cavity, finite, uneven; /* cavity: one with laws of its own, which a closed top breaks */
    double beyond;                /* d_levels of a battery that goes on where it is closed, else 0 */
    double loss, gain, dephasing; /* kappa (n_th+1), kappa n_th */
    double kappa, n_th;
    double time, rate; /* of exp(L t); of waiting */
    double *memory;
    double *lowering;  /* d_n, n = 0..levels; d_levels = 0 at a wall */
    double *energy;    /* E_n */
    double *shift;     /* omega (E_n - E_0 - n) */
    double *missing;   /* n_th - n */
    double *climb;     /* max over m <= n of d_m^2: bounds what goes up to n */
    double *row_norm;  /* scratch of the window */
    double *scale;     /* e^(-dephasing t k^2/2), one per order */
    double *ones;
    double *scratch;   /* rows of the series */
    um_state *middle;
    long double *exact; /* scratch, one per level */
    umi_channel_factors factors;
    umi_channel_wait wait;
};

/* Zeros beside every row of the window, as far as kernels look that fill levels first..last-1: so many beyond
 * the last of them. */
void umi_channel_clear_margins(const umi_rows *rows, int first, int last, int beyond);

bool umi_channel_climbs(const umi_channel *channel);
/* How far up a window must grow so that what is cut off is negligible; never beyond the levels.
 * Sets *bound to what is cut off. */
int umi_channel_choose_last(umi_channel *channel, const um_state *in, double *bound);

um_status umi_channel_make_factors(umi_channel *channel);
/* Sets is_short if this way is open, from kept, passed, more. */
um_status umi_channel_make_short(umi_channel *channel);
void umi_channel_free_short(umi_channel *channel);
void umi_channel_free_factors(umi_channel *channel);
um_status umi_channel_apply_factors(umi_channel *channel, bool adjoint, um_state *in, um_state *out,
                                    double *bound);

/* Refuses times of more steps than can be counted. */
um_status umi_channel_check_series(const umi_channel *channel);
/* `resident`: if not NULL, receives the integral of the populations over the time, by level. */
um_status umi_channel_apply_series(umi_channel *channel, bool adjoint, um_state *in, um_state *out,
                                   double *resident, double *bound);

um_status umi_channel_apply_wait(umi_channel *channel, bool adjoint, um_state *in, um_state *out,
                                 double *bound);
void umi_channel_free_wait(umi_channel *channel);

#endif
