/* Rabi collisions of three lengths mixed. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    static const double factors[] = {0.8, 1, 1.1};
    spec.battery.frequency = 2;
    stage.atoms = (um_atoms){.q = 0.25, .c = 1, .phase = -1.2, .detuning = 0.7};
    stage.interaction.g = 0.6;
    stage.interaction.tau = 0.9;
    stage.interaction.counter_rotating = 1;
    stage.imperfections.theta_law = UM_SPREAD_SAMPLES;
    stage.imperfections.theta_samples = factors;
    stage.imperfections.theta_samples_count = 3;
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "averaged-mixture", .create = create,
                                 .energy = map_conformance_even, .price = 2.7 / 2, .excited = 0.75,
                                 .stationary = true};
    return map_conformance_main(&subject);
}
