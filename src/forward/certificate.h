/* certificate: sum over j < k of |R (1 + H)^j a|, bounded from above for any k.
 *
 * Over 2^i powers sum_j |R (1 + H)^j y|^2 = |C_i y|^2, C_0 = R, C_{i+1} the triangle of C_i above
 * C_i (1 + P_i); then the sum of the norms is at most 2^(i/2) |C_i y|. No sampling: between the
 * points nothing can hide. The triangles, not their squares, keep digits below 1e-16.
 */
#ifndef UMI_CERTIFICATE_H
#define UMI_CERTIFICATE_H

#include "forward/powers.h"

typedef struct umi_certificate {
    um_context *ctx;
    const umi_powers *powers;
    umi_wide_vector start;   /* a */
    umi_wide_vector *column; /* of C_i, as those of powers */
    double *total;           /* the sum over j < 2^i */
    umi_wide_vector *work;   /* y, C y */
} umi_certificate;

um_status umi_certificate_create(um_context *ctx, const umi_powers *powers, int rows,
                                 const umi_wide_vector *factor, umi_wide start,
                                 umi_certificate *certificate);
void umi_certificate_free(umi_certificate *certificate);
/* As far as a path along the same powers has gone; what it costs is kept there. */
double umi_certificate_bound(const umi_certificate *certificate, const umi_powers_path *path);

/* The same by samples at the powers of two, cheaply, and what it is made of: sums of the halves of
 * two consecutive defects' sum (eigenvalues near 1) and of their difference (near -1); and the total
 * of the first `inside` rows alone. Most of it comes from collisions 2^worst to 2^(worst + 1).
 * The powers are made as far as `levels`. The survey ends where they grow, with a total of INFINITY,
 * and beyond the level `hasty` where the last level brought the most so far and all of them more
 * than `enough`: what comes later is no less. */
typedef struct umi_survey {
    int rank, worst;
    double total, steady, alternating, inside;
} umi_survey;

typedef struct umi_survey_request {
    int levels, hasty;
    double enough;
    int rows, inside;
    const umi_wide_vector *factor;
    umi_wide start;
} umi_survey_request;

um_status umi_survey_take(um_context *ctx, umi_powers *powers, const umi_survey_request *request,
                          umi_survey *survey);

#endif
