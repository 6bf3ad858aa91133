/* still: maps that move nothing from level to level, such as theta = 0. Every element of the
 * density matrix is a mode of its own, and there may be as many equal eigenvalues as elements. */
#ifndef UMI_STEADY_SPECTRUM_STILL_H
#define UMI_STEADY_SPECTRUM_STILL_H

#include "map/generator.h"
#include "steady/spectrum_list.h"

/* Whether all sines are 0. */
um_status umi_still_is(um_context *ctx, const um_model *model, size_t stage, int levels,
                       bool *still);
/* All eigenvalues of such a map. */
um_status umi_still_collect(um_context *ctx, const um_model *model, size_t stage, int levels,
                            umi_eigenvalues *list);

#endif
