/* A mean over velocities is a sum over hundreds of nodes, and a table asks for it tens of thousands of times. As a
 * function of alpha it is smooth, all but at 0 perhaps: a few polynomials do for all of them. */
#include <complex.h>
#include <math.h>
#include <string.h>

#include "map/spread.h"

/* Chebyshev terms of a piece; how often the range may be halved before the sum stays. */
enum { TERMS = 24, DEPTH = 12 };

/* The last few terms: below it all that follow are rounding, too. */
static const double NEGLIGIBLE = 2e-16;

struct umi_spread_piece {
    double from, to;
    bool fits; /* else the sum is as good */
    double re[TERMS], im[TERMS];
};

/* cos(pi j (i + 1/2) / TERMS) */
static double cosine(int i, int j) { return cos(M_PI * (j * (2 * i + 1) % (4 * TERMS)) / (2 * TERMS)); }

static void fit(const umi_spread *spread, umi_spread_piece *piece)
{
    double complex value[TERMS];
    double middle = (piece->from + piece->to) / 2, half = (piece->to - piece->from) / 2, tail = 0;
    for (int i = 0; i < TERMS; i++)
        value[i] = umi_spread_sum_mean(spread, middle + half * cosine(i, 1));
    for (int j = 0; j < TERMS; j++) {
        double complex sum = 0;
        for (int i = 0; i < TERMS; i++) sum += cosine(i, j) * value[i];
        sum *= (j ? 2. : 1.) / TERMS;
        piece->re[j] = creal(sum);
        piece->im[j] = cimag(sum);
        if (j >= TERMS - 4) tail = fmax(tail, cabs(sum));
    }
    piece->fits = tail < NEGLIGIBLE;
}

static um_status append(umi_spread *spread, const umi_spread_piece *piece)
{
    int count = spread->pieces;
    if ((count & (count - 1)) == 0) { /* as many again */
        umi_spread_piece *longer = UMI_NEW_ARRAY(spread->ctx, umi_spread_piece, (size_t)umi_max(1, 2 * count));
        if (!longer) return UM_ERROR_MEMORY;
        if (count > 0) memcpy(longer, spread->piece, (size_t)count * sizeof *longer);
        umi_free(spread->ctx, spread->piece);
        spread->piece = longer;
    }
    spread->piece[spread->pieces++] = *piece;
    return UM_OK;
}

static um_status cover(umi_spread *spread, double from, double to, int depth)
{
    umi_spread_piece piece = {.from = from, .to = to};
    fit(spread, &piece);
    if (piece.fits || depth == DEPTH) return append(spread, &piece);
    UMI_TRY(cover(spread, from, (from + to) / 2, depth + 1));
    return cover(spread, (from + to) / 2, to, depth + 1);
}

um_status umi_spread_fit(umi_spread *spread, double largest)
{
    return cover(spread, 0, largest, 0);
}

static const umi_spread_piece *find(const umi_spread *spread, double alpha)
{
    int low = 0, high = spread->pieces;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        if (alpha < spread->piece[middle].from) high = middle;
        else low = middle;
    }
    return low < high && alpha <= spread->piece[low].to ? &spread->piece[low] : NULL;
}

/* Clenshaw's recurrence, from the last term. */
static double complex evaluate(const umi_spread_piece *piece, long double alpha)
{
    double x = (double)((alpha - piece->from) + (alpha - piece->to)) / (piece->to - piece->from);
    double re[2] = {0, 0}, im[2] = {0, 0};
    for (int j = TERMS - 1; j > 0; j--) {
        double next_re = piece->re[j] + 2 * x * re[0] - re[1], next_im = piece->im[j] + 2 * x * im[0] - im[1];
        re[1] = re[0];
        im[1] = im[0];
        re[0] = next_re;
        im[0] = next_im;
    }
    return piece->re[0] + x * re[0] - re[1] + I * (piece->im[0] + x * im[0] - im[1]);
}

double complex umi_spread_get_mean(const umi_spread *spread, long double alpha)
{
    const umi_spread_piece *piece = find(spread, (double)fabsl(alpha));
    if (!piece || !piece->fits) return umi_spread_sum_mean(spread, alpha);
    double complex value = evaluate(piece, fabsl(alpha));
    return alpha < 0 ? conj(value) : value;
}
