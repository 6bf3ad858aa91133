/* Interaction times and detunings that scatter, averaged, a truncated cavity of frequency 2. */
#include "map_conformance.h"

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.battery.frequency = 2;
    stage.atoms = (um_atoms){.q = 0.25, .c = 1, .phase = -1.2, .detuning = 0.7};
    stage.interaction.g = 1.1;
    stage.interaction.tau = 0.9;
    stage.imperfections.theta_spread = 0.05;
    stage.imperfections.detuning_spread = 0.1;
    spec.stages = &stage;
    return map_conformance_create(ctx, &spec, levels, map);
}

int main(void)
{
    const map_subject subject = {.method = "averaged-detuned", .create = create,
                                 .energy = map_conformance_even, .price = 2.7 / 2, .excited = 0.75,
                                 .stationary = true, .tuned = true, .reach = 1};
    return map_conformance_main(&subject);
}
