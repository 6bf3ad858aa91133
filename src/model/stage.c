/* What kind of collisions a resolved stage has. */
#include "model/model.h"

static bool acts_on_battery(const um_environment *environment)
{
    return environment->kappa > 0 || environment->dephasing > 0;
}

bool umi_stage_is_open_inside(const um_stage *stage)
{
    const um_environment *environment = &stage->environment;
    bool acts = acts_on_battery(environment) || environment->atom_decay > 0 ||
                environment->atom_dephasing > 0;
    return acts && environment->during_collision && stage->interaction.tau > 0;
}

bool umi_stage_is_open_outside(const um_stage *stage)
{
    double period = stage->kind == UM_STAGE_STORE ? stage->duration
                                                  : stage->stream.period - stage->interaction.tau;
    return acts_on_battery(&stage->environment) && period > 0;
}

static bool is_spread(const um_imperfections *it)
{
    return it->theta_spread > 0 || it->phase_spread > 0 || it->q_spread > 0 ||
           it->detuning_spread > 0 || it->theta_law >= UM_SPREAD_MAXWELL;
}

bool umi_stage_is_plain(const um_stage *stage)
{
    return !umi_stage_is_open_inside(stage) && !umi_stage_is_open_outside(stage) &&
           !is_spread(&stage->imperfections) && stage->stream.atom_probability == 1 &&
           stage->interaction.pulse == UM_PULSE_CONSTANT &&
           (stage->kind == UM_STAGE_CHARGE || stage->kind == UM_STAGE_DISCHARGE);
}

bool umi_stage_differs(const um_stage *stage)
{
    bool lab = stage->stream.frame == UM_FRAME_LAB && stage->interaction.counter_rotating > 0;
    bool random = stage->imperfections.draw == UM_DRAW_RANDOM &&
                  (is_spread(&stage->imperfections) || stage->stream.atom_probability < 1 ||
                   stage->stream.arrivals == UM_ARRIVALS_POISSON);
    return lab || random;
}
