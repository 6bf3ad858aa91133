/* How far rounding moves the eigenvalues of a matrix that is hardly diagonalisable: where several
 * share an eigenvector, condition numbers say nothing. */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "linalg/linalg.h"
#include "steady/modes.h"

enum { DRAWS = 3 };

/* A few random draws are not the worst case. */
static const double safety = 4;

typedef struct trial {
    double *matrix, *vectors, *re, *im;
    bool *taken;
} trial;

/* Zeros of a map in its own basis are exact: what cannot come back to where it was stays as simple
 * as it is. */
static void disturb(int n, const double *matrix, bool zeros_stay, double size, umi_random *random,
                    double *disturbed)
{
    size_t all = (size_t)n * (size_t)n;
    for (size_t i = 0; i < all; i++) {
        double by = size * (2 * umi_random_uniform(random) - 1);
        disturbed[i] = matrix[i] == 0 && zeros_stay ? 0 : matrix[i] + by;
    }
}

/* Every eigenvalue against the nearest that is left. */
static void compare(umi_modes *modes, const trial *t, double *moved)
{
    int n = modes->count;
    memset(t->taken, 0, (size_t)n * sizeof *t->taken);
    for (int i = 0; i < n; i++) {
        double least = INFINITY;
        int best = 0;
        for (int j = 0; j < n; j++) {
            double apart = hypot(modes->re[i] - t->re[j], modes->im[i] - t->im[j]);
            if (!t->taken[j] && apart < least) best = j, least = apart;
        }
        t->taken[best] = true;
        moved[i] = fmax(moved[i], least);
    }
}

um_status umi_modes_move(um_context *ctx, const double *matrix, bool zeros_stay, double size,
                         double doubtful, umi_modes *modes)
{
    size_t n = (size_t)modes->count;
    double *room = UMI_NEW_ARRAY(ctx, double, 2 * n * n + 3 * n), *moved = NULL;
    trial t = {.matrix = room, .taken = UMI_NEW_ARRAY(ctx, bool, n)};
    um_status status = room && t.taken ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK) {
        t.vectors = room + n * n;
        t.re = t.vectors + n * n;
        t.im = t.re + n;
        moved = t.im + n;
    }
    umi_random random = umi_random_at(0, 0, 0, 0);
    for (int i = 0; i < DRAWS && status == UM_OK; i++) {
        disturb(modes->count, matrix, zeros_stay, size, &random, t.matrix);
        status = umi_linalg_schur(ctx, modes->count, 0, t.matrix, t.vectors, t.re, t.im);
        if (status == UM_OK) compare(modes, &t, moved);
    }
    for (size_t i = 0; i < n && status == UM_OK; i++)
        if (modes->error[i] > doubtful)
            modes->error[i] = fmin(modes->error[i], safety * fmax(moved[i], size));
    umi_free(ctx, room);
    umi_free(ctx, t.taken);
    return status;
}
