/* The leading eigenvalues of an order with what is known of them. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "steady/order.h"

/* Of an eigenvalue of norm 1 and condition 1, from rounding; what leaves less may have no eigenvectors. */
static const double rounding = 1e-15, doubtful = 1e-8;

typedef struct listing {
    const umi_order *order;
    bool *chosen;
    double *re;    /* of the map */
    double *error; /* of all, 0 where it was not asked for */
    double *left, *right;
    double *matrix; /* of G, if any is doubtful */
} listing;

static double find_norm(const umi_order *order)
{
    const umi_sparse *matrix = &order->matrix;
    double sum = 0;
    for (int64_t e = 0; e < matrix->start[order->size]; e++) sum += matrix->hi[e] * matrix->hi[e];
    return sqrt(sum / (double)order->size);
}

static double find_condition(size_t n, const double *left, const double *right, bool pair)
{
    double re = 0, im = 0, of_left = 0, of_right = 0;
    for (size_t j = 0; j < n; j++) {
        re += left[j] * right[j] + (pair ? left[n + j] * right[n + j] : 0);
        im += pair ? left[j] * right[n + j] - left[n + j] * right[j] : 0;
    }
    for (size_t j = 0; j < (pair ? 2 : 1) * n; j++) {
        of_left += left[j] * left[j];
        of_right += right[j] * right[j];
    }
    double product = hypot(re, im), most = sqrt(of_left) * sqrt(of_right);
    return product > 1e-300 ? most / product : 1e300;
}

static void weigh(const umi_order *order, const double *x, umi_weight *w)
{
    size_t rows = order->size / (size_t)order->planes;
    int most = -INT32_MAX;
    for (size_t i = 0; i < order->size; i++)
        if (x[i] != 0) most = umi_max(most, order->exponent[i] + ilogb(x[i]));
    for (size_t i = 0; i < order->size; i++) {
        double value = x[i] != 0 ? ldexp(x[i], order->exponent[i] - most) : 0;
        int level = (int)(i % rows) + order->order;
        w->all += value * value;
        if (level >= order->about->top) w->top += value * value;
        if (level == order->about->levels - 1) w->rim += value * value;
    }
}

static um_status add(const listing *l, size_t i, const double *x, bool pair, umi_eigenvalues *list)
{
    const umi_order *order = l->order;
    umi_weight weight = {0};
    double decay = umi_order_get_decay(order, i);
    for (int j = 0; j <= pair && x; j++) weigh(order, x + (size_t)j * order->size, &weight);
    umi_eigenvalue value = {l->re[i], order->im[i], decay, l->error[i],
                            x && umi_subject_made_it(order->about, weight, decay)};
    for (int copy = 0; copy < umi_order_get_copies(order); copy++)
        for (int j = 0; j <= pair; j++, value.im = -value.im)
            UMI_TRY(umi_eigenvalues_add(order->about->ctx, list, value));
    return UM_OK;
}

/* What stands before the eigenvalue of the same size in a list of those that are chosen. */
static um_status add_chosen(const listing *l, const double *vectors, size_t stride, umi_eigenvalues *list)
{
    const umi_order *order = l->order;
    for (size_t i = 0, column = 0; i < order->size; i++) {
        bool pair = order->im[i] > 0 && l->chosen[i];
        if (!l->chosen[i]) continue;
        const double *x = vectors ? vectors + (stride ? i : column) * order->size : NULL;
        UMI_TRY(add(l, i, x, pair, list));
        column += 1 + pair;
        i += pair;
    }
    return UM_OK;
}

/* From what is symmetric to coordinates of the order: powers of two come near it only. */
static void rescale(const umi_order *order, const double *up, double *vectors)
{
    size_t n = order->size;
    double factor = 1;
    for (size_t i = 1; i < n; i++) {
        double off = umi_order_get(order, i, i - 1);
        if (up[i - 1] != 0) factor *= fabs(off) / up[i - 1];
        for (size_t j = 0; j < n; j++) vectors[j * n + i] *= factor;
    }
}

/* Symmetric: nothing moves an eigenvalue by more than rounding; vectors only tell what the top made. */
static um_status list_symmetric(const listing *l, umi_eigenvalues *list)
{
    const umi_order *order = l->order;
    um_context *ctx = order->about->ctx;
    size_t n = order->size;
    double norm = find_norm(order);
    for (size_t i = 0; i < n; i++) l->error[i] = l->chosen[i] ? rounding * fmax(1, norm) : 0;
    if (!order->about->truncated) return add_chosen(l, NULL, 0, list);
    double *diagonal = UMI_NEW_ARRAY(ctx, double, n *(n + 2)), *off = diagonal + n, *vectors = off + n;
    if (!diagonal) return UM_ERROR_MEMORY;
    umi_order_fill_tridiagonal(order, diagonal, off);
    um_status status = umi_linalg_eigen_tridiagonal(ctx, (int)n, diagonal, off, vectors);
    if (status == UM_OK) {
        umi_order_fill_tridiagonal(order, diagonal, off); /* destroyed */
        rescale(order, off, vectors);
    }
    if (status == UM_OK) status = add_chosen(l, vectors, 1, list);
    umi_free(ctx, diagonal);
    return status;
}

static um_status find_errors(const listing *l)
{
    const umi_order *order = l->order;
    um_context *ctx = order->about->ctx;
    size_t n = order->size;
    double norm = rounding * fmax(1, find_norm(order)), worst = 0;
    for (size_t i = 0, column = 0; i < n; i++) {
        if (!l->chosen[i]) continue;
        bool pair = order->im[i] > 0;
        double condition = find_condition(n, l->left + column * n, l->right + column * n, pair);
        l->error[i] = isfinite(condition) ? norm * condition : INFINITY;
        if (pair) l->error[i + 1] = l->error[i];
        worst = fmax(worst, l->error[i]);
        column += 1 + pair;
        i += pair;
    }
    if (worst <= doubtful) return UM_OK;
    umi_modes modes = {.size = n, .count = (int)n, .re = order->re, .im = order->im, .error = l->error};
    double *matrix = UMI_NEW_ARRAY(ctx, double, n *n);
    if (!matrix) return UM_ERROR_MEMORY;
    umi_order_fill_dense(order, matrix);
    um_status status = umi_modes_move(ctx, matrix, true, norm, doubtful, &modes);
    umi_free(ctx, matrix);
    return status;
}

static um_status list_dense(listing *l, umi_eigenvalues *list)
{
    const umi_order *order = l->order;
    um_context *ctx = order->about->ctx;
    size_t n = order->size, count = 0;
    for (size_t i = 0; i < n; i++) count += l->chosen[i];
    if (count == 0) return UM_OK;
    l->left = UMI_NEW_ARRAY(ctx, double, 2 * n * count);
    if (!l->left) return UM_ERROR_MEMORY;
    l->right = l->left + n * count;
    um_status status = umi_hessenberg_vectors(ctx, &order->dense, l->chosen, l->left, l->right);
    if (status == UM_OK) status = find_errors(l);
    if (status == UM_OK) status = add_chosen(l, l->right, 0, list);
    umi_free(ctx, l->left);
    return status;
}

static um_status list_all(listing *l, double decay, umi_eigenvalues *list)
{
    const umi_order *order = l->order;
    for (size_t i = 0; i < order->size; i++) l->re[i] = 1 + order->re[i];
    for (int pole = 0; pole < 2; pole++)
        UMI_TRY(umi_order_list_slow(order, pole ? -2 : 0, l->re, l->chosen, list));
    /* What is marked is in the list. */
    for (size_t i = 0; i < order->size; i++)
        l->chosen[i] = !l->chosen[i] && umi_order_get_decay(order, i) <= decay;
    return order->symmetric ? list_symmetric(l, list) : list_dense(l, list);
}

um_status umi_order_list(const umi_order *order, double decay, umi_eigenvalues *list)
{
    um_context *ctx = order->about->ctx;
    size_t n = order->size;
    double *room = UMI_NEW_ARRAY(ctx, double, 2 * n);
    listing l = {.order = order, .chosen = UMI_NEW_ARRAY(ctx, bool, n), .re = room, .error = room + n};
    um_status status = room && l.chosen ? list_all(&l, decay, list) : UM_ERROR_MEMORY;
    umi_free(ctx, room);
    umi_free(ctx, l.chosen);
    return status;
}
