/* Eigenvalues as they are found, sector by sector, before they become modes. */
#ifndef UMI_STEADY_SPECTRUM_LIST_H
#define UMI_STEADY_SPECTRUM_LIST_H

#include "base/base.h"
#include "umaser/steady.h"

typedef struct umi_eigenvalue {
    double re, im, decay, error;
    bool artificial;
} umi_eigenvalue;

typedef struct umi_eigenvalues {
    umi_eigenvalue *of;
    int count, room;
} umi_eigenvalues;

um_status umi_eigenvalues_add(um_context *ctx, umi_eigenvalues *list, umi_eigenvalue value);
void umi_eigenvalues_free(um_context *ctx, umi_eigenvalues *list);
/* By ascending decay. */
void umi_eigenvalues_sort(umi_eigenvalues *list);
/* The leading `wanted` that are not artificial (all of them if not `drop`), equal ones together. */
um_status umi_eigenvalues_group(um_context *ctx, const umi_eigenvalues *list, int wanted, bool drop,
                                um_spectrum *spectrum);

#endif
