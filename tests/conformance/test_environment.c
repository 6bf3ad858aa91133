/* The environment alone: no atom, no collision. */
#include "map_conformance.h"

static const double DURATION = 0.8;

static void describe(int levels, um_spec *spec, um_stage *stage)
{
    spec->battery.kind = UM_BATTERY_LADDER;
    spec->battery.levels = levels;
    stage->interaction.theta = 1;
    stage->interaction.tau = 0.5;
    stage->stream.period = DURATION;
    stage->stream.atom_probability = 0; /* for the oracle */
    stage->environment = (um_environment){.kappa = 0.15, .n_th = 0.4, .dephasing = 0.1, .during_collision = true};
}

static um_status create(um_context *ctx, int levels, um_map **map)
{
    um_spec spec;
    um_model *model;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    describe(levels, &spec, &stage);
    spec.stages = &stage;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    um_status status = um_map_create_environment(ctx, model, 0, levels, DURATION, map);
    um_model_destroy(model);
    return status;
}

int main(void)
{
    const map_subject subject = {.method = "channel", .describe = describe, .create = create,
                                 .energy = map_conformance_even, .stationary = true, .atomless = true,
                                 .finite = true, .open = true};
    return map_conformance_main(&subject);
}
