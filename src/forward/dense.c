#include "forward/dense.h"

um_status umi_dense_map_create(um_context *ctx, const um_model *model, size_t stage,
                               const umi_layout *layout, umi_dense_map **map)
{
    (void)model, (void)stage, (void)layout;
    *map = NULL;
    return umi_fail(ctx, UM_ERROR_UNSUPPORTED, "fast-forward with counter-rotating terms: not yet");
}
void umi_dense_map_destroy(umi_dense_map *map) { (void)map; }
um_status umi_dense_map_apply(umi_dense_map *map, umi_wide_vector x, umi_wide_vector y)
{
    (void)map, (void)x, (void)y;
    return UM_ERROR_UNSUPPORTED;
}
const umi_wide_vector *umi_dense_map_get_rates(const umi_dense_map *map) { (void)map; return NULL; }
double umi_dense_inverse_get_bytes(const umi_dense_map *map) { (void)map; return 0; }
um_status umi_dense_inverse_create(umi_dense_map *map, double shift, umi_dense_inverse **inverse)
{
    (void)map, (void)shift, (void)inverse;
    return UM_ERROR_UNSUPPORTED;
}
void umi_dense_inverse_destroy(um_context *ctx, umi_dense_inverse *inverse) { (void)ctx, (void)inverse; }
um_status umi_dense_inverse_refine(umi_dense_map *map, const umi_dense_inverse *inverse,
                                   umi_wide_vector b, double tolerance, umi_wide_vector x)
{
    (void)map, (void)inverse, (void)b, (void)tolerance, (void)x;
    return UM_ERROR_UNSUPPORTED;
}
