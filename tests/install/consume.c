/* A program outside the project: one excited atom meets a vacuum, E = sin^2(1). */
#include <math.h>
#include <stdio.h>
#include <umaser/umaser.h>

static double charge_once(um_context *ctx, um_model *model)
{
    um_state *before = NULL, *after = NULL;
    um_map *map = NULL;
    double energy = NAN;
    const um_spec *spec = um_model_get_spec(model);
    if (um_map_create(ctx, model, 0, 16, &map) == UM_OK &&
        um_state_create_initial(ctx, &spec->battery.initial, &spec->battery, 16, 1e-10, &before,
                                NULL) == UM_OK &&
        um_state_create(ctx, 16, 1, 0, 0.0, &after) == UM_OK &&
        um_map_prepare(map, before) == UM_OK &&
        um_map_apply(map, before, after, NULL) == UM_OK)
        energy = um_observe_energy(after, NULL);
    um_state_destroy(after);
    um_state_destroy(before);
    um_map_destroy(map);
    return energy;
}

int main(void)
{
    um_context *ctx = NULL;
    if (um_context_create(NULL, &ctx) != UM_OK) return 1;
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    stage.interaction.theta = 1.0;
    stage.collisions = 1;
    spec.stages = &stage;
    um_model *model = NULL;
    double energy = NAN;
    if (um_model_create(ctx, &spec, &model) == UM_OK) energy = charge_once(ctx, model);
    double expected = sin(1.0) * sin(1.0);
    printf("energy %.15f, expected %.15f %s\n", energy, expected,
           um_context_get_error(ctx)->message);
    um_model_destroy(model);
    um_context_destroy(ctx);
    return fabs(energy - expected) < 1e-14 ? 0 : 1;
}
