/* The numbers of an elimination: fronts from the leaves of the tree up. */
#include "linalg/elimination.h"

#include <string.h>

#include "linalg/kernels/linalg_kernels.h"

struct umi_elimination {
    const umi_ordering *ordering;
    double shift;
    double *values;      /* pivots, below, right of each block */
    double *work, *next; /* of a solve: a vector in order of elimination, and a block's rows */
};

/* What exists only while the fronts are worked on. */
typedef struct fronts {
    const umi_ordering *o;
    const umi_front_kernels *kernels;
    double *stack[2];
    int64_t top[2];
    int32_t *block[2], blocks[2]; /* whose updates are on the stacks */
    int32_t *local;               /* where a row stands in the front */
} fronts;

static um_status fronts_create(um_context *ctx, const umi_ordering *o, fronts *f)
{
    *f = (fronts){.o = o, .kernels = umi_front_kernels_choose()};
    f->local = UMI_NEW_ARRAY(ctx, int32_t, (size_t)o->size);
    bool there = f->local != NULL;
    for (int i = 0; i < 2 && there; i++) {
        f->stack[i] = UMI_NEW_ARRAY(ctx, double, (size_t)o->stack[i]);
        f->block[i] = UMI_NEW_ARRAY(ctx, int32_t, (size_t)o->blocks);
        there = f->stack[i] && f->block[i];
    }
    return there ? UM_OK : UM_ERROR_MEMORY;
}

static void fronts_free(um_context *ctx, fronts *f)
{
    umi_free(ctx, f->local);
    for (int i = 0; i < 2; i++) {
        umi_free(ctx, f->stack[i]);
        umi_free(ctx, f->block[i]);
    }
}

/* One block's front: the parts of umi_ordering's description. */
typedef struct front {
    int64_t width, height, padded;
    double *pivots, *below, *right, *update;
} front;

static front open_front(fronts *f, int32_t b, double *values)
{
    front it = {.width = umi_block_width(f->o, b), .height = umi_block_height(f->o, b)};
    it.padded = umi_front_pad(it.height);
    it.pivots = values;
    it.below = it.pivots + it.width * it.width;
    it.right = it.below + it.width * it.padded;
    int odd = f->o->odd[b];
    it.update = f->stack[odd] + f->top[odd];
    memset(it.update, 0, (size_t)(it.padded * it.height) * sizeof(double));
    f->top[odd] += it.padded * it.height;
    f->block[odd][f->blocks[odd]++] = b;
    return it;
}

static void take_matrix(const umi_ordering *o, int32_t b, const umi_sparse *a, double shift,
                        front *it)
{
    for (int64_t e = o->entry_start[b]; e < o->entry_start[b + 1]; e++)
        it->pivots[o->target[e]] += a->hi[o->source[e]];
    for (int64_t i = 0; i < it->width; i++) it->pivots[i * (it->width + 1)] -= shift;
}

/* The update of a child, whose rows are those of its parent's columns and below, in their order. */
static void take_update(const fronts *f, int32_t child, const double *update, front *it)
{
    const umi_ordering *o = f->o;
    const int32_t *rows = o->rows + o->row_start[child];
    int32_t height = umi_block_height(o, child), inside = 0;
    int64_t padded = umi_front_pad(height);
    while (inside < height && f->local[rows[inside]] < it->width) inside++;
    for (int32_t j = 0; j < height; j++, update += padded) {
        int64_t column = f->local[rows[j]], beyond = column - it->width;
        bool is_pivot = j < inside;
        double *top = is_pivot ? it->pivots + column * it->width : it->right + beyond;
        int64_t step = is_pivot ? 1 : it->padded;
        for (int32_t i = 0; i < inside; i++) top[f->local[rows[i]] * step] += update[i];
        double *rest = (is_pivot ? it->below + column * it->padded : it->update + beyond * it->padded) - it->width;
        for (int32_t i = inside; i < height; i++) rest[f->local[rows[i]]] += update[i];
    }
}

static void take_updates(fronts *f, int32_t b, front *it)
{
    const umi_ordering *o = f->o;
    for (int64_t i = 0; i < it->width; i++) f->local[o->first[b] + i] = (int32_t)i;
    for (int64_t i = 0; i < it->height; i++)
        f->local[o->rows[o->row_start[b] + i]] = (int32_t)(it->width + i);
    int other = !o->odd[b];
    while (f->blocks[other] > 0) {
        int32_t child = f->block[other][f->blocks[other] - 1];
        if (o->parent[child] != b) break;
        int64_t height = umi_block_height(o, child);
        f->blocks[other]--;
        f->top[other] -= umi_front_pad(height) * height;
        take_update(f, child, f->stack[other] + f->top[other], it);
    }
}

static um_status eliminate(um_context *ctx, fronts *f, const umi_sparse *a, double shift,
                           double *values)
{
    for (int32_t b = 0; b < f->o->blocks; b++) {
        front it = open_front(f, b, values + f->o->value_start[b]);
        take_matrix(f->o, b, a, shift, &it);
        take_updates(f, b, &it);
        if (!f->kernels->eliminate((int)it.width, (int)it.height, it.pivots, it.below, it.right,
                                   it.update))
            return umi_fail(ctx, UM_ERROR_DOMAIN,
                            "elimination of %d unknowns with shift %.17g: a pivot is zero or not finite",
                            f->o->size, shift);
    }
    return UM_OK;
}

static um_status create(um_context *ctx, const umi_sparse *a, umi_elimination *made)
{
    const umi_ordering *o = made->ordering;
    made->values = UMI_NEW_ARRAY(ctx, double, (size_t)o->value_start[o->blocks]);
    made->work = UMI_NEW_ARRAY(ctx, double, (size_t)o->size);
    made->next = UMI_NEW_ARRAY(ctx, double, (size_t)umi_front_pad(o->height));
    if (!made->values || !made->work || !made->next) return UM_ERROR_MEMORY;
    fronts f;
    um_status status = fronts_create(ctx, o, &f);
    if (status == UM_OK) status = eliminate(ctx, &f, a, made->shift, made->values);
    fronts_free(ctx, &f);
    return status;
}

um_status umi_elimination_create(um_context *ctx, const umi_ordering *ordering,
                                 const umi_sparse *matrix, double shift,
                                 umi_elimination **elimination)
{
    *elimination = NULL;
    if (matrix->columns != (size_t)ordering->size ||
        matrix->start[matrix->columns] != ordering->entries)
        return umi_fail(ctx, UM_ERROR_INTERNAL, "the ordering is that of another pattern");
    umi_elimination *made = UMI_NEW(ctx, umi_elimination);
    if (!made) return UM_ERROR_MEMORY;
    made->ordering = ordering;
    made->shift = shift;
    um_status status = create(ctx, matrix, made);
    if (status != UM_OK)
        umi_elimination_destroy(ctx, made);
    else
        *elimination = made;
    return status;
}

void umi_elimination_destroy(um_context *ctx, umi_elimination *elimination)
{
    if (!elimination) return;
    umi_free(ctx, elimination->values);
    umi_free(ctx, elimination->work);
    umi_free(ctx, elimination->next);
    umi_free(ctx, elimination);
}

double umi_elimination_get_shift(const umi_elimination *elimination) { return elimination->shift; }

/* The parts of a block as kernels take them. */
typedef struct solved {
    int32_t width, height;
    const int32_t *rows;
    const double *pivots, *below, *right;
    double *x;
} solved;

static solved open_solved(const umi_elimination *e, int32_t b, double *work, int several)
{
    const umi_ordering *o = e->ordering;
    solved it = {.width = umi_block_width(o, b), .height = umi_block_height(o, b)};
    int64_t padded = umi_front_pad(it.height);
    it.rows = o->rows + o->row_start[b];
    it.pivots = e->values + o->value_start[b];
    it.below = it.pivots + it.width * it.width;
    it.right = it.below + it.width * padded;
    it.x = work + (int64_t)o->first[b] * several;
    return it;
}

void umi_elimination_solve(const umi_elimination *elimination, double *x)
{
    const umi_ordering *o = elimination->ordering;
    const umi_front_kernels *kernels = umi_front_kernels_choose();
    double *work = elimination->work, *next = elimination->next;
    for (int32_t k = 0; k < o->size; k++) work[k] = x[o->order[k]];
    for (int32_t b = 0; b < o->blocks; b++) {
        solved it = open_solved(elimination, b, work, 1);
        kernels->forward(it.width, it.height, it.pivots, it.below, it.x, next);
        for (int32_t i = 0; i < it.height; i++) work[it.rows[i]] -= next[i];
    }
    for (int32_t b = o->blocks - 1; b >= 0; b--) {
        solved it = open_solved(elimination, b, work, 1);
        for (int32_t i = 0; i < it.height; i++) next[i] = work[it.rows[i]];
        kernels->backward(it.width, it.height, it.pivots, it.right, next, it.x);
    }
    for (int32_t k = 0; k < o->size; k++) x[o->order[k]] = work[k];
}

/* Between a vector and its column of the work space, which stands row by row; columns that are left over
 * are copies of the first. */
static void take_columns(const umi_ordering *o, int count, double *const *x, double *work)
{
    const double *from[UMI_SEVERAL];
    for (int r = 0; r < UMI_SEVERAL; r++) from[r] = x[r < count ? r : 0];
    for (int32_t k = 0; k < o->size; k++, work += UMI_SEVERAL)
        for (int r = 0; r < UMI_SEVERAL; r++) work[r] = from[r][o->order[k]];
}

static void give_columns(const umi_ordering *o, int count, const double *work, double *const *x)
{
    double *to[UMI_SEVERAL];
    for (int r = 0; r < UMI_SEVERAL; r++) to[r] = x[r < count ? r : 0];
    for (int32_t k = 0; k < o->size; k++, work += UMI_SEVERAL)
        for (int r = UMI_SEVERAL - 1; r >= 0; r--) to[r][o->order[k]] = work[r];
}

static void solve_several(const umi_elimination *elimination, double *work, double *next)
{
    const umi_ordering *o = elimination->ordering;
    const umi_front_kernels *kernels = umi_front_kernels_choose();
    for (int32_t b = 0; b < o->blocks; b++) {
        solved it = open_solved(elimination, b, work, UMI_SEVERAL);
        kernels->forward_several(it.width, it.height, it.pivots, it.below, it.x, next);
        for (int32_t i = 0; i < it.height; i++)
            for (int r = 0; r < UMI_SEVERAL; r++)
                work[(int64_t)it.rows[i] * UMI_SEVERAL + r] -= next[i * UMI_SEVERAL + r];
    }
    for (int32_t b = o->blocks - 1; b >= 0; b--) {
        solved it = open_solved(elimination, b, work, UMI_SEVERAL);
        for (int32_t i = 0; i < it.height; i++)
            memcpy(next + (int64_t)i * UMI_SEVERAL, work + (int64_t)it.rows[i] * UMI_SEVERAL,
                   UMI_SEVERAL * sizeof(double));
        kernels->backward_several(it.width, it.height, it.pivots, it.right, next, it.x);
    }
}

um_status umi_elimination_solve_all(um_context *ctx, const umi_elimination *elimination, int count,
                                    double *const *x)
{
    const umi_ordering *o = elimination->ordering;
    size_t rows = (size_t)o->size, most = (size_t)umi_front_pad(o->height);
    double *work = NULL;
    if (count > 2) {
        work = UMI_NEW_ARRAY(ctx, double, (rows + most) * UMI_SEVERAL);
        if (!work) return UM_ERROR_MEMORY;
    }
    for (int first = 0; first < count; first += UMI_SEVERAL) {
        int left = umi_min(count - first, UMI_SEVERAL);
        if (left <= 2) {
            for (int r = 0; r < left; r++) umi_elimination_solve(elimination, x[first + r]);
        } else {
            take_columns(o, left, x + first, work);
            solve_several(elimination, work, work + rows * UMI_SEVERAL);
            give_columns(o, left, work, x + first);
        }
    }
    umi_free(ctx, work);
    return UM_OK;
}
