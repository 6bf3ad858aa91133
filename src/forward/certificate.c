#include "forward/certificate.h"

#include <math.h>
#include <string.h>

static const umi_wide_vector *factor_of(const umi_certificate *c, int level)
{
    return c->column + (size_t)level * (size_t)c->powers->rank;
}

/* |R y| */
static double length_of(const umi_powers *p, const umi_wide_vector *factor, umi_wide_vector y,
                        umi_wide_vector image)
{
    umi_wide_vector_clear(image);
    umi_vector_spread(y, p->rank, p->coefficients);
    umi_wide_combine((size_t)p->rank, factor, p->coefficients, 1, image);
    return umi_vector_length(image);
}

/* |C y| of a triangle C */
static double length_under(const umi_powers *p, const umi_wide_vector *triangle, umi_wide_vector y,
                           umi_wide_vector image)
{
    umi_wide_vector_clear(image);
    umi_columns_multiply(p->rank, true, triangle, 1, &y, &image);
    return umi_vector_length(image);
}

/* The first element alone is not zero. */
static void set_start(umi_wide_vector y, umi_wide start)
{
    umi_wide_vector_clear(y);
    umi_wide_vector_set(y, 0, start);
}

/* C_{level + 1}; `stack` has the rows of two factors, the triangle below. */
static void extend(umi_certificate *c, int level, umi_wide_vector *stack)
{
    const umi_powers *p = c->powers;
    const umi_wide_vector *factor = factor_of(c, level);
    size_t stride = factor->size;
    for (int j = 0; j < p->rank; j++) {
        umi_wide_vector upper = {stride, stack[j].hi, stack[j].lo},
                        lower = {stride, stack[j].hi + stride, stack[j].lo + stride};
        umi_wide_vector_copy(upper, factor[j]);
        umi_wide_vector_copy(lower, factor[j]);
    }
    umi_columns_multiply(p->rank, true, factor, p->rank, p->column + level * p->rank, stack);
    umi_columns_factor(p->rank, (int)stride, stack,
                       c->column + (level + 1) * p->rank, 0);
}

static um_status fill(umi_certificate *c, int rows, const umi_wide_vector *factor)
{
    const umi_powers *p = c->powers;
    umi_wide_vector *stack;
    int stride = (int)c->column->size;
    UMI_TRY(umi_columns_create(c->ctx, umi_max(rows, 2 * stride), p->rank, &stack));
    for (int j = 0; j < p->rank; j++) {
        memcpy(stack[j].hi, factor[j].hi, (size_t)rows * sizeof(double));
        memcpy(stack[j].lo, factor[j].lo, (size_t)rows * sizeof(double));
    }
    umi_columns_factor(p->rank, (int)stack->size, stack, c->column, 0);
    umi_columns_free(c->ctx, stack);
    UMI_TRY(umi_columns_create(c->ctx, 2 * stride, p->rank, &stack));
    umi_wide_vector y = c->work[0], image = c->work[1];
    c->total[0] = length_under(p, c->column, c->start, image);
    for (int level = 0; level + 1 < p->levels; level++) {
        umi_powers_step(p, level, c->start, y);
        c->total[level + 1] = c->total[level] + sqrt(ldexp(1, level)) *
                                                    length_under(p, factor_of(c, level), y, image);
        extend(c, level, stack);
    }
    umi_columns_free(c->ctx, stack);
    return UM_OK;
}

um_status umi_certificate_create(um_context *ctx, const umi_powers *powers, int rows,
                                 const umi_wide_vector *factor, umi_wide start, umi_certificate *c)
{
    *c = (umi_certificate){.ctx = ctx, .powers = powers};
    UMI_TRY(umi_columns_create(ctx, powers->rank, powers->rank * powers->levels, &c->column));
    UMI_TRY(umi_columns_create(ctx, powers->rank, 2, &c->work));
    UMI_TRY(umi_wide_vector_create(ctx, c->work[0].size, &c->start));
    c->total = UMI_NEW_ARRAY(ctx, double, (size_t)powers->levels);
    if (!c->total) return UM_ERROR_MEMORY;
    set_start(c->start, start);
    return fill(c, rows, factor);
}

void umi_certificate_free(umi_certificate *c)
{
    umi_columns_free(c->ctx, c->column);
    umi_columns_free(c->ctx, c->work);
    umi_wide_vector_free(c->ctx, &c->start);
    umi_free(c->ctx, c->total);
    *c = (umi_certificate){0};
}

double umi_certificate_bound(const umi_certificate *c, const umi_powers_path *path)
{
    double sum = path->steps > 0 ? c->total[path->level[0]] : 0;
    for (int i = 1; i < path->steps; i++) {
        int level = path->level[i];
        double *share = &path->share[i];
        if (*share < 0)
            *share = sqrt(ldexp(1, level)) *
                     length_under(c->powers, factor_of(c, level), path->y[i], c->work[1]);
        sum += *share;
    }
    return sum;
}

/* The first elements alone. */
static double length_inside(umi_wide_vector image, int inside)
{
    image.size = (size_t)inside;
    return umi_vector_length(image);
}

typedef struct samples {
    umi_wide_vector *y; /* the start; after 2^level collisions; that and the next one's sum, difference */
    umi_wide_vector *image;
} samples;

static void add_level(const umi_powers *p, int level, const umi_survey_request *r,
                      const samples *at, umi_survey *survey, double *most)
{
    umi_wide_vector now = at->y[1], sum = at->y[2], difference = at->y[3], image = at->image[0];
    umi_powers_step(p, level, at->y[0], now);
    umi_powers_step(p, 0, now, difference); /* M y - y = H y */
    umi_wide_vector_copy(sum, difference);
    umi_wide_axpy(umi_wide_set(1), now, sum);
    umi_wide_axpy(umi_wide_set(-1), now, difference);
    double steady = length_of(p, r->factor, sum, image) / 2;
    survey->inside += ldexp(length_inside(image, r->inside) / 2, level);
    double alternating = length_of(p, r->factor, difference, image) / 2;
    survey->inside += ldexp(length_inside(image, r->inside) / 2, level);
    survey->steady += ldexp(steady, level);
    survey->alternating += ldexp(alternating, level);
    double part = ldexp(steady + alternating, level);
    if (part > *most) *most = part, survey->worst = level;
    survey->total += part;
}

static void look(umi_powers *p, const umi_survey_request *r, const samples *at, umi_survey *survey)
{
    double most = 0;
    set_start(at->y[0], r->start);
    for (int level = 0;; level++) {
        add_level(p, level, r, at, survey, &most);
        bool over = level > r->hasty && survey->worst == level && survey->total > r->enough;
        if (over || level + 1 == r->levels) return;
        if (!umi_powers_extend(p)) break;
    }
    survey->total = INFINITY;
}

um_status umi_survey_take(um_context *ctx, umi_powers *powers, const umi_survey_request *request,
                          umi_survey *survey)
{
    samples at = {0};
    *survey = (umi_survey){.rank = powers->rank};
    um_status status = umi_columns_create(ctx, powers->rank, 4, &at.y);
    if (status == UM_OK) status = umi_columns_create(ctx, request->rows, 1, &at.image);
    if (status == UM_OK) look(powers, request, &at, survey);
    umi_columns_free(ctx, at.y);
    umi_columns_free(ctx, at.image);
    return status;
}
