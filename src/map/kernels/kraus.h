/* Raw-array kernels of Kraus operators (src/map/kraus.h): a few rows of an operator, times a panel of
 * columns. A complex number stands as three planes, re, im and re + im, so that a product takes three
 * real multiply-adds in place of four:
 *   re = re re' - im im',  im = (re + im) (re' + im') - re re' - im im'. */
#ifndef UMI_KRAUS_KERNELS_H
#define UMI_KRAUS_KERNELS_H

#include "base/base.h"

enum { UMI_KRAUS_ROWS = 4, UMI_KRAUS_COLUMNS = 16 };

/* sum_j rows[j] panel[j], j < count: of each plane UMI_KRAUS_ROWS, UMI_KRAUS_COLUMNS doubles for each j;
 * the next plane begins a pitch further on. */
typedef struct umi_kraus_term {
    int count;
    const double *rows, *panel;
    size_t rows_pitch, panel_pitch;
} umi_kraus_term;

typedef struct umi_kraus_kernels {
    const char *name;
    /* The first columns of one term as part of a panel: conjugated, element (row, column) of each plane at
     * to[column * UMI_KRAUS_COLUMNS + row]. */
    void (*left)(const umi_kraus_term *term, int columns, size_t pitch, double *to);
    /* Sum of terms: re[row * UMI_KRAUS_COLUMNS + column], im likewise, columns begin..end-1 at least. */
    void (*right)(int count, const umi_kraus_term *term, int begin, int end, double *re, double *im);
    /* sum_j conj(panel[j]) conj(b[j]) for each column, b[j] being re[j * stride + column] and so on. */
    void (*dots)(int count, const double *panel, size_t pitch, const double *re, const double *im,
                 size_t stride, double *sum_re, double *sum_im);
} umi_kraus_kernels;

const umi_kraus_kernels *umi_kraus_kernels_choose(void);

#endif
