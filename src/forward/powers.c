#include "forward/powers.h"

#include <math.h>

/* A contraction has no powers of this size; those of an unfinished space may. */
static const double GROWTH = 1e12;

static const umi_wide_vector *level_of(const umi_powers *p, int level)
{
    return p->column + (size_t)level * (size_t)p->rank;
}

static bool is_small(const umi_powers *p, int level)
{
    for (int j = 0; j < p->rank; j++)
        for (int i = 0; i < p->rank; i++)
            if (!(fabs(level_of(p, level)[j].hi[i]) < GROWTH)) return false;
    return true;
}

/* P' = 2 P + P P */
static void square(const umi_powers *p, int level)
{
    const umi_wide_vector *from = level_of(p, level), *to = level_of(p, level + 1);
    for (int j = 0; j < p->rank; j++) {
        umi_wide_vector_copy(to[j], from[j]);
        umi_wide_vector_scale(to[j], umi_wide_set(2));
    }
    umi_columns_multiply(p->rank, false, from, p->rank, from, to);
}

/* T' = 2 T + T P */
static void sum_up(const umi_powers *p, int level)
{
    for (int f = 0; f < p->functionals; f++) {
        umi_wide_vector from = p->row[level * p->functionals + f],
                        to = p->row[(level + 1) * p->functionals + f];
        umi_wide_project((size_t)p->rank, level_of(p, level), from, p->coefficients);
        umi_vector_gather(to, p->rank, p->coefficients);
        umi_wide_axpy(umi_wide_set(2), from, to);
    }
}

um_status umi_powers_create(um_context *ctx, int rank, const umi_wide_vector *matrix, int levels,
                            umi_powers *p)
{
    *p = (umi_powers){.ctx = ctx, .rank = rank, .levels = 1};
    UMI_TRY(umi_columns_create(ctx, rank, levels * rank, &p->column));
    p->coefficients = UMI_NEW_ARRAY(ctx, umi_wide, (size_t)rank);
    if (!p->coefficients) return UM_ERROR_MEMORY;
    for (int j = 0; j < rank; j++) {
        umi_vector_spread(matrix[j], rank, p->coefficients);
        umi_vector_gather(p->column[j], rank, p->coefficients);
    }
    return UM_OK;
}

bool umi_powers_extend(umi_powers *p)
{
    square(p, p->levels - 1);
    if (!is_small(p, p->levels)) return false;
    p->levels++;
    return true;
}

um_status umi_powers_follow(umi_powers *p, int functionals, const umi_wide_vector *functional)
{
    UMI_TRY(umi_columns_create(p->ctx, p->rank, p->levels * functionals, &p->row));
    p->functionals = functionals;
    for (int f = 0; f < functionals; f++) {
        umi_vector_spread(functional[f], p->rank, p->coefficients);
        umi_vector_gather(p->row[f], p->rank, p->coefficients);
    }
    for (int level = 0; level + 1 < p->levels; level++) sum_up(p, level);
    return UM_OK;
}

void umi_powers_free(umi_powers *p)
{
    umi_columns_free(p->ctx, p->column);
    umi_columns_free(p->ctx, p->row);
    umi_free(p->ctx, p->coefficients);
    *p = (umi_powers){0};
}

void umi_powers_step(const umi_powers *p, int level, umi_wide_vector x, umi_wide_vector y)
{
    umi_wide_vector_copy(y, x);
    umi_columns_multiply(p->rank, false, level_of(p, level), 1, &x, &y);
}

um_status umi_powers_path_create(um_context *ctx, const umi_powers *powers, umi_wide start,
                                 umi_powers_path *path)
{
    size_t levels = (size_t)powers->levels;
    *path = (umi_powers_path){.powers = powers};
    path->level = UMI_NEW_ARRAY(ctx, int, levels);
    path->share = UMI_NEW_ARRAY(ctx, double, levels);
    if (!path->level || !path->share) return UM_ERROR_MEMORY;
    UMI_TRY(umi_columns_create(ctx, powers->rank, powers->levels + 1, &path->y));
    if (powers->rank > 0) umi_wide_vector_set(path->y[0], 0, start);
    return UM_OK;
}

void umi_powers_path_free(um_context *ctx, umi_powers_path *path)
{
    umi_free(ctx, path->level);
    umi_free(ctx, path->share);
    umi_columns_free(ctx, path->y);
    *path = (umi_powers_path){0};
}

static int digits_of(int64_t count) { return __builtin_popcountll((unsigned long long)count); }

/* How many of the leading digits that are 1 two counts have in common. */
static int common_digits(int64_t a, int64_t b)
{
    int64_t differ = a ^ b;
    if (differ == 0) return digits_of(a);
    return digits_of(a >> (63 - __builtin_clzll((unsigned long long)differ)) >> 1);
}

bool umi_powers_path_go(umi_powers_path *path, int64_t count)
{
    const umi_powers *p = path->powers;
    if (count < 0 || count >> p->levels) return false;
    path->steps = common_digits(path->count, count);
    path->count = count;
    for (int i = 0, skip = path->steps, level = p->levels - 1; level >= 0; level--) {
        if (!(count >> level & 1) || i++ < skip) continue;
        umi_powers_step(p, level, path->y[i - 1], path->y[i]);
        path->level[i - 1] = level;
        path->share[i - 1] = -1;
        path->steps = i;
    }
    return true;
}

umi_wide_vector umi_powers_path_get(const umi_powers_path *path) { return path->y[path->steps]; }

void umi_powers_path_sum(const umi_powers_path *path, umi_wide *sums)
{
    const umi_powers *p = path->powers;
    for (int f = 0; f < p->functionals; f++) {
        sums[f] = umi_wide_set(0);
        for (int i = 0; i < path->steps; i++) {
            umi_wide_vector row = p->row[path->level[i] * p->functionals + f];
            sums[f] = umi_wide_add(sums[f], umi_wide_dot(row, path->y[i]));
        }
    }
}
