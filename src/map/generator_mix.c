#include "map/generator_mix.h"

#include <math.h>

#include "linalg/sparse_build.h"
#include "map/ensemble.h"
#include "map/generator_table.h"
#include "map/joint.h"

/* As many as the map itself may be made of. */
enum { MEMBERS_MAX = 1024 };

/* A pulse has no closed means. */
bool umi_collision_is_mixed(const umi_collision *it)
{
    return umi_collision_is_table(it) &&
           (umi_collision_gap_scatters(it) || (!umi_joint_acts(it) && !umi_collision_is_summed(it)));
}

/* sum += weight one */
static um_status add(um_context *ctx, double weight, const umi_generator *one, umi_generator *sum)
{
    umi_sparse added = {0};
    um_status status = umi_sparse_add(ctx, umi_wide_set(1), &sum->matrix, umi_wide_set(weight),
                                      &one->matrix, &added);
    if (status != UM_OK) {
        umi_sparse_free(ctx, &added);
        return status;
    }
    umi_sparse_free(ctx, &sum->matrix);
    sum->matrix = added;
    for (int i = 0; i < UMI_RATES; i++) umi_wide_axpy(umi_wide_set(weight), one->rate[i], sum->rate[i]);
    sum->edge = fmax(sum->edge, one->edge);
    return UM_OK;
}

static void scale(double weight, umi_generator *one)
{
    umi_sparse *matrix = &one->matrix;
    for (int64_t e = 0; e < matrix->start[matrix->rows]; e++) {
        umi_wide value = umi_wide_scale((umi_wide){matrix->hi[e], matrix->lo[e]}, weight);
        matrix->hi[e] = value.hi;
        matrix->lo[e] = value.lo;
    }
    for (int i = 0; i < UMI_RATES; i++) umi_wide_vector_scale(one->rate[i], umi_wide_set(weight));
}

static um_status add_all(um_context *ctx, const umi_collision *it, const umi_ensemble *ensemble,
                         const umi_layout *layout, umi_generator *sum)
{
    double weight;
    for (int i = 0; i < umi_ensemble_size(ensemble); i++) {
        umi_generator one;
        umi_collision member = umi_ensemble_get(ensemble, it, i, &weight);
        if (i == 0) {
            UMI_TRY(umi_generator_create_one(ctx, &member, layout, sum));
            scale(weight, sum);
            continue;
        }
        UMI_TRY(umi_generator_create_one(ctx, &member, layout, &one));
        um_status status = add(ctx, weight, &one, sum);
        umi_generator_free(ctx, &one);
        UMI_TRY(status);
    }
    return layout->skew ? UM_OK : umi_sparse_mend(ctx, (size_t)layout->levels, 1e-20, &sum->matrix);
}

um_status umi_generator_mix(um_context *ctx, const umi_collision *it, const umi_layout *layout,
                            umi_generator *generator)
{
    umi_ensemble ensemble;
    *generator = (umi_generator){.layout = *layout};
    UMI_TRY(umi_ensemble_create(ctx, it, MEMBERS_MAX, &ensemble));
    um_status status = add_all(ctx, it, &ensemble, layout, generator);
    umi_ensemble_free(ctx, &ensemble);
    if (status != UM_OK) umi_generator_free(ctx, generator);
    return status;
}
