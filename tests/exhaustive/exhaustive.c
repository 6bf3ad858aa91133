#include "exhaustive.h"

/* Corners and the middle: ground, excited, mixed, coherent; phases that are no multiple of pi/2. */
const um_atoms exhaustive_atoms[] = {
    {.q = 0, .c = 0, .phase = 0},        {.q = 1, .c = 0, .phase = 0},
    {.q = 0.25, .c = 1, .phase = 0},     {.q = 0.5, .c = 1, .phase = 2.5},
    {.q = 0.3, .c = 0.6, .phase = -0.7}, {.q = 0.75, .c = 0, .phase = 0.4},
    {.q = 1e-12, .c = 1, .phase = 1},
};
const int exhaustive_atoms_count = sizeof exhaustive_atoms / sizeof *exhaustive_atoms;

/* Each rate alone, all together, all large, all tiny. */
const um_environment exhaustive_baths[] = {
    {.kappa = 0.3}, {.kappa = 0.2, .n_th = 0.7}, {.dephasing = 0.4}, {.atom_decay = 0.5},
    {.atom_dephasing = 0.6},
    {.kappa = 0.1, .n_th = 0.3, .dephasing = 0.05, .atom_decay = 0.07, .atom_dephasing = 0.2},
    {.kappa = 1.5, .n_th = 1, .dephasing = 0.3, .atom_decay = 1, .atom_dephasing = 0.7},
    {.kappa = 1e-6, .n_th = 0.1, .dephasing = 1e-7, .atom_decay = 1e-6, .atom_dephasing = 1e-5},
};
const int exhaustive_baths_count = sizeof exhaustive_baths / sizeof *exhaustive_baths;

um_model *exhaustive_model(um_context *ctx, const um_battery *battery, const um_atoms *atoms,
                           const um_interaction *interaction, const um_stream *stream)
{
    um_spec spec;
    um_model *model;
    um_spec_init(&spec);
    um_stage stage = *spec.stages;
    spec.battery = *battery;
    stage.collisions = 1;
    stage.atoms = *atoms;
    stage.interaction = *interaction;
    stage.stream = *stream;
    spec.stages = &stage;
    spec.stages_count = 1;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    return model;
}

typedef struct buffers {
    int size; /* of the oracle's space */
    double *re, *im;
    oracle_complex *before, *after;
    um_state *in, *out;
} buffers;

static void compare_element(const exhaustive_case *c, const char *what, double have,
                            oracle_real want, int n, int m, bool imaginary)
{
    if (!(fabsl(have - want) <= c->tolerance))
        fail_msg("%s: %s of %s|%d><%d|: %.17g, oracle %.17Lg, differ by %.2Lg (allowed %.2g)",
                 c->label, what, imaginary ? "i" : "", n, m, have, want, have - want, c->tolerance);
}

static void compare_outcome(const exhaustive_case *c, const um_outcome *have,
                            const oracle_outcome *want, int n, int m, bool imaginary)
{
    compare_element(c, "excited", have->excited, creall(want->atom[3]), n, m, imaginary);
    oracle_real brought = n == m ? creall(c->experiment->atom[3]) : 0;
    compare_element(c, "change of excited", have->change, creall(want->atom[3]) - brought, n, m,
                    imaginary);
    compare_element(c, "Re <g|rho_q|e>", have->coherence_re, creall(want->atom[1]), n, m, imaginary);
    compare_element(c, "Im <g|rho_q|e>", have->coherence_im, cimagl(want->atom[1]), n, m, imaginary);
    if (!c->coupling) return;
    compare_element(c, "<V> at the start", have->coupling_start, want->coupling_start, n, m,
                    imaginary);
    compare_element(c, "<V> at the end", have->coupling_end, want->coupling_end, n, m, imaginary);
}

static void compare_unit(um_context *ctx, const exhaustive_case *c, buffers *b, int n, int m,
                         bool imaginary)
{
    int levels = c->levels, size = b->size;
    um_outcome have;
    oracle_outcome want;
    memset(b->re, 0, sizeof(double) * (size_t)(levels * levels));
    memset(b->im, 0, sizeof(double) * (size_t)(levels * levels));
    memset(b->before, 0, sizeof(oracle_complex) * (size_t)(size * size));
    double *part = imaginary ? b->im : b->re;
    part[n * levels + m] = 1;
    if (n != m) part[m * levels + n] = imaginary ? -1 : 1;
    for (int i = 0; i < levels; i++)
        for (int j = 0; j < levels; j++)
            b->before[i * size + j] = b->re[i * levels + j] + 1.0iL * b->im[i * levels + j];

    CHECK_OK(ctx, um_state_set_matrix(b->in, levels, b->re, b->im));
    CHECK_OK(ctx, um_map_prepare(c->map, b->in));
    CHECK_OK(ctx, um_map_apply(c->map, b->in, b->out, &have));
    um_state_get_matrix(b->out, 0, levels, b->re, b->im);
    oracle_experiment_collide(c->experiment, c->start, b->before, b->after, &want);
    oracle_gap(c->battery, c->experiment->interaction.omega, c->gap, b->after);
    for (int i = 0; i < levels; i++)
        for (int j = 0; j < levels; j++) {
            char what[64];
            snprintf(what, sizeof what, "element (%d, %d) of the image", i, j);
            oracle_complex element = b->after[i * size + j];
            compare_element(c, what, b->re[i * levels + j], creall(element), n, m, imaginary);
            compare_element(c, what, b->im[i * levels + j], cimagl(element), n, m, imaginary);
        }
    compare_outcome(c, &have, &want, n, m, imaginary);
}

void exhaustive_compare(um_context *ctx, const exhaustive_case *c)
{
    size_t count = (size_t)(c->levels * c->levels);
    buffers b = {.size = c->experiment->levels};
    b.re = calloc(2 * count, sizeof(double));
    b.im = b.re + count;
    b.before = oracle_matrix(b.size);
    b.after = oracle_matrix(b.size);
    /* Gauges other than the map's: preparing them is part of the test. */
    CHECK_OK(ctx, um_state_create(ctx, c->levels, 2, 3, 0.3, &b.in));
    CHECK_OK(ctx, um_state_create(ctx, c->levels, 1, 0, 0, &b.out));
    for (int n = 0; n < c->levels; n++)
        for (int m = n; m < c->levels; m++) {
            compare_unit(ctx, c, &b, n, m, false);
            if (n != m) compare_unit(ctx, c, &b, n, m, true);
        }
    um_state_destroy(b.in);
    um_state_destroy(b.out);
    free(b.re);
    free(b.before);
    free(b.after);
}
