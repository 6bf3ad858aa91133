/* What kind of collisions a resolved stage has. */
#include "model/model.h"

const char *umi_stage_get_word(um_stage_kind kind)
{
    static const char *const words[] = {"charge", "store", "discharge", "drive"};
    return (unsigned)kind <= UM_STAGE_DRIVE ? words[kind] : "";
}

bool umi_stage_has_collisions(const um_stage *stage)
{
    return stage->kind == UM_STAGE_CHARGE || stage->kind == UM_STAGE_DISCHARGE;
}

bool umi_environment_acts(const um_environment *it) { return it->kappa > 0 || it->dephasing > 0; }

bool umi_environment_has_rates(const um_environment *it)
{
    return umi_environment_acts(it) || it->atom_decay > 0 || it->atom_dephasing > 0;
}

bool umi_environment_acts_inside(const um_environment *it, double tau)
{
    return umi_environment_has_rates(it) && it->during_collision && tau > 0;
}

bool umi_spread_acts(const um_imperfections *it)
{
    return it->theta_spread > 0 || it->theta_law >= UM_SPREAD_MAXWELL;
}

bool umi_interaction_is_spread(const um_imperfections *it)
{
    return umi_spread_acts(it) || it->detuning_spread > 0;
}

bool umi_stage_is_open_inside(const um_stage *stage)
{
    return umi_environment_acts_inside(&stage->environment, stage->interaction.tau);
}

bool umi_stage_is_open_outside(const um_stage *stage)
{
    double period = stage->kind == UM_STAGE_STORE ? stage->duration
                                                  : stage->stream.period - stage->interaction.tau;
    return umi_environment_acts(&stage->environment) && period > 0;
}

bool umi_stage_is_spread(const um_stage *stage)
{
    const um_imperfections *it = &stage->imperfections;
    return umi_interaction_is_spread(it) || it->phase_spread > 0 || it->q_spread > 0;
}

bool umi_stage_is_plain(const um_stage *stage)
{
    return !umi_stage_is_open_inside(stage) && !umi_stage_is_open_outside(stage) &&
           !umi_stage_is_spread(stage) && stage->stream.atom_probability == 1 &&
           (stage->interaction.pulse == UM_PULSE_CONSTANT ||
            stage->interaction.counter_rotating == 0) &&
           umi_stage_has_collisions(stage);
}

bool umi_stage_is_drawn(const um_stage *stage)
{
    return stage->imperfections.draw == UM_DRAW_RANDOM &&
           (umi_stage_is_spread(stage) || stage->stream.atom_probability < 1 ||
            stage->stream.arrivals == UM_ARRIVALS_POISSON);
}

bool umi_stage_is_random(const um_stage *stage)
{
    bool frozen = stage->imperfections.draw == UM_DRAW_FROZEN;
    return umi_stage_is_drawn(stage) || (frozen && umi_stage_is_spread(stage));
}

bool umi_stage_differs(const um_stage *stage)
{
    bool lab = stage->stream.frame == UM_FRAME_LAB && stage->interaction.counter_rotating > 0;
    return lab || umi_stage_is_drawn(stage);
}
