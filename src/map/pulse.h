/* The coupling while an atom crosses: its shape, what it does to a block without counter-rotating
 * terms, and to a parity chain with them.
 *
 * In a block the pulse is crossed in equal steps, each one rotation that is right to the sixth order in the
 * step (Magnus); the error of a symmetric scheme has even powers alone, and is extrapolated away. */
#ifndef UMI_PULSE_H
#define UMI_PULSE_H

#include "map/map.h"

/* g(x tau) in units of its mean, 0 <= x <= 1; the integral over x is 1. */
long double umi_pulse_get(const um_interaction *interaction, long double x);
/* Its derivative with respect to x. */
long double umi_pulse_get_slope(const um_interaction *interaction, long double x);

/* U = [[cosine - i tilt, -i sine], [-i sine, cosine + i tilt]] of the block whose levels are `split`
 * radians apart and that a constant coupling would turn by `turned`: a symmetric pulse, so that the
 * matrix is symmetric, too. To 1e-16 or better; the squares add up to 1. */
typedef struct umi_pulse_turn {
    long double cosine, tilt, sine;
} umi_pulse_turn;
umi_pulse_turn umi_pulse_block(const um_interaction *interaction, long double split,
                               long double turned);

/* One parity chain |n, s(n)>, n < size, s(n) = (n + parity) % 2, as in rabi.c: U(0) in the frame
 * rotating at omega, and the operator of the work that switching does from beginning to end, in
 * units of omega. Column-major, size rows; exact to about 1e-13.
 * UM_ERROR_MEMORY; UM_ERROR_NOCONV steps that would have to be too short. */
typedef struct umi_pulse_chain {
    int size, columns, parity;
    double *re, *im;           /* U, its first columns */
    double *work_re, *work_im; /* Hermitian, all columns; or NULL: not wanted */
} umi_pulse_chain;
um_status umi_pulse_chain_solve(um_context *ctx, const umi_collision *collision,
                                umi_pulse_chain *chain);

#endif
