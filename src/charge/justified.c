/* What a run says of its model before it begins: where the description itself is in doubt. */
#include <math.h>

#include "charge/run.h"
#include "model/model.h"

/* Dissipators of cavity and atom apart follow from a master equation in which the two are weakly
 * coupled; from about a tenth of the frequency on their dressed states decay instead. */
static const double LOCAL_MAX = 0.1;

static bool is_doubtful(const um_spec *spec, const um_stage *stage)
{
    double ratio = stage->interaction.g / spec->battery.frequency;
    bool inside = umi_stage_is_open_inside(stage);
    bool beside = umi_stage_is_open_outside(stage) && stage->interaction.counter_rotating > 0;
    return (inside || beside) && isfinite(ratio) && ratio >= LOCAL_MAX;
}

um_status umi_run_warn_of_model(um_run *run)
{
    for (size_t i = 0; i < run->spec->stages_count; i++) {
        const um_stage *stage = &run->spec->stages[i];
        if (!umi_stage_has_collisions(stage) || !is_doubtful(run->spec, stage)) continue;
        UMI_TRY(umi_run_warn(run,
                             "stage %zu: at g = %.3g omega an environment that acts on battery and "
                             "atom apart is no longer justified (from 0.1 omega on their dressed "
                             "states decay): take its effect as an estimate",
                             i + 1, stage->interaction.g / run->spec->battery.frequency));
    }
    return UM_OK;
}
