/* The map of a stage with counter-rotating terms, locked: all of the state, images in wide arithmetic,
 * a dense inverse in double or single precision. */
#ifndef UMI_FORWARD_DENSE_H
#define UMI_FORWARD_DENSE_H

#include "map/generator.h"

/* At most so many levels: an inverse keeps levels^4 numbers and costs levels^6 (64 levels: 134 MB in
 * double, 100: 400 MB in single, 470 MB in all). A trajectory takes seconds at 64 levels and, by how
 * many vectors it needs, 10 to 100 s at 100. */
enum { UMI_DENSE_LEVELS = 100 };

typedef struct umi_dense_map umi_dense_map;
typedef struct umi_dense_inverse umi_dense_inverse;

/* Whether a stage's map is of this kind. */
bool umi_is_dense(const um_model *model, size_t stage);
/* UM_ERROR_ARG for a window that is not all of the state in both planes; UM_ERROR_MEMORY. */
um_status umi_dense_map_create(um_context *ctx, const um_model *model, size_t stage,
                               const umi_layout *layout, umi_dense_map **map);
void umi_dense_map_destroy(umi_dense_map *map);
/* y = G x */
um_status umi_dense_map_apply(umi_dense_map *map, umi_wide_vector x, umi_wide_vector y);
const umi_wide_vector *umi_dense_map_get_rates(const umi_dense_map *map);

/* (G - shift)^-1, approximately. */
double umi_dense_inverse_get_bytes(const umi_dense_map *map);
um_status umi_dense_inverse_create(umi_dense_map *map, double shift, umi_dense_inverse **inverse);
void umi_dense_inverse_destroy(um_context *ctx, umi_dense_inverse *inverse);
/* Refined until |(G - shift) x - b| <= tolerance |b|; UM_ERROR_NOCONV when it stops falling before. */
um_status umi_dense_inverse_refine(umi_dense_map *map, const umi_dense_inverse *inverse,
                                   umi_wide_vector b, double tolerance, umi_wide_vector x);

#endif
