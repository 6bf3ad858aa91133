#include "forward/distance.h"

#include <math.h>
#include <string.h>

#include "forward/krylov_columns.h"

struct umi_forward_pair {
    um_context *ctx;
    umi_forward *large, *small;
    umi_wide_vector *product; /* C by columns, one for each vector of the small space */
    umi_wide *coefficients;
    umi_wide_vector *image; /* C z */
};

/* A vector of the small space as one of the large space. */
static void embed(umi_wide_vector x, const size_t *place, umi_wide_vector y)
{
    for (size_t i = 0; i < x.size; i++) {
        if (place[i] == UMI_FORWARD_NOWHERE) continue; /* counts in |z| alone */
        y.hi[place[i]] = x.hi[i];
        y.lo[place[i]] = x.lo[i];
    }
}

static um_status fill(umi_forward_pair *p, const size_t *place)
{
    const umi_wide_vector *v = umi_forward_get_basis(p->large),
                          *w = umi_forward_get_basis(p->small);
    int rank = umi_forward_rank(p->large), columns = umi_forward_rank(p->small);
    UMI_TRY(umi_columns_create(p->ctx, rank, columns, &p->product));
    UMI_TRY(umi_columns_create(p->ctx, rank, 1, &p->image));
    p->coefficients = UMI_NEW_ARRAY(p->ctx, umi_wide, (size_t)umi_max(rank, columns));
    if (!p->coefficients) return UM_ERROR_MEMORY;
    if (rank == 0) return UM_OK;
    umi_wide_vector embedded;
    UMI_TRY(umi_wide_vector_create(p->ctx, v->size, &embedded));
    for (int j = 0; j < columns; j++) {
        embed(w[j], place, embedded);
        umi_wide_project((size_t)rank, v, embedded, p->coefficients);
        umi_vector_gather(p->product[j], rank, p->coefficients);
    }
    umi_wide_vector_free(p->ctx, &embedded);
    return UM_OK;
}

um_status umi_forward_pair_create(um_context *ctx, umi_forward *large, umi_forward *small,
                                  const size_t *place, umi_forward_pair **pair)
{
    *pair = NULL;
    umi_forward_pair *made = UMI_NEW(ctx, umi_forward_pair);
    if (!made) return UM_ERROR_MEMORY;
    made->ctx = ctx;
    made->large = large;
    made->small = small;
    um_status status = fill(made, place);
    if (status == UM_OK)
        *pair = made;
    else
        umi_forward_pair_destroy(made);
    return status;
}

void umi_forward_pair_destroy(umi_forward_pair *p)
{
    if (!p) return;
    umi_columns_free(p->ctx, p->product);
    umi_columns_free(p->ctx, p->image);
    umi_free(p->ctx, p->coefficients);
    umi_free(p->ctx, p);
}

double umi_forward_pair_distance(umi_forward_pair *p, int64_t collisions)
{
    umi_wide_vector y, z, image = p->image[0];
    if (!umi_forward_coordinates(p->large, collisions, &y) ||
        !umi_forward_coordinates(p->small, collisions, &z))
        return NAN;
    memset(image.hi, 0, image.size * sizeof(double));
    memset(image.lo, 0, image.size * sizeof(double));
    umi_vector_spread(z, umi_forward_rank(p->small), p->coefficients);
    umi_wide_combine((size_t)umi_forward_rank(p->small), p->product, p->coefficients, 1, image);
    umi_wide twice = umi_wide_scale(umi_wide_dot(y, image), 2);
    umi_wide square = umi_wide_add(umi_wide_dot(y, y), umi_wide_dot(z, z));
    return sqrt(fmax(umi_wide_get(umi_wide_subtract(square, twice)), 0));
}
