/* The library, through runs of its C interface, against the golden cases: once in the space the
 * reference used, once with the space left to the library. */
#include "check.h"
#include "golden_cases.h"

#define TOLERANCE 1e-9

typedef struct plan {
    um_stage stage;
    um_spec spec;
    int64_t at[3 * GOLDEN_POINTS_MAX], corner_after;
    size_t count;
} plan;

static void add_collision(plan *p, int collision)
{
    size_t i = p->count;
    for (size_t j = 0; j < p->count; j++)
        if (p->at[j] == collision) return;
    for (; i > 0 && p->at[i - 1] > collision; i--) p->at[i] = p->at[i - 1];
    p->at[i] = collision;
    p->count++;
}

static void describe_initial(const golden_case *the_case, um_initial *initial)
{
    switch (the_case->initial) {
    case GOLDEN_VACUUM: initial->kind = UM_INITIAL_VACUUM; break;
    case GOLDEN_COHERENT:
        initial->kind = UM_INITIAL_COHERENT;
        initial->re = the_case->initial_parameter;
        break;
    case GOLDEN_THERMAL:
        initial->kind = UM_INITIAL_THERMAL;
        initial->mean = the_case->initial_parameter;
        break;
    }
}

/* Open cases tell the time between collisions, or the rate at which atoms come. */
static void describe_open(const golden_case *the_case, um_stage *stage)
{
    if (!the_case->open) return;
    bool poisson = !isnan(the_case->rate);
    stage->interaction.theta = the_case->theta;
    stage->stream.arrivals = poisson ? UM_ARRIVALS_POISSON : UM_ARRIVALS_REGULAR;
    stage->stream.period = the_case->tau + (poisson ? 1 / the_case->rate : the_case->gap);
    stage->stream.atom_probability = the_case->atom_probability;
    stage->environment = (um_environment){
        .kappa = the_case->kappa,
        .n_th = the_case->n_th,
        .dephasing = the_case->dephasing,
        .during_collision = the_case->during,
        .atom_decay = the_case->atom_decay,
        .atom_dephasing = the_case->atom_dephasing,
    };
    stage->imperfections.theta_spread = the_case->theta_spread;
}

/* Collisions: those of `after`, and with `all` those of the outgoing atoms and the corner too. */
static void describe(const golden_case *the_case, bool all, plan *p)
{
    memset(p, 0, sizeof *p);
    um_spec_init(&p->spec);
    p->stage = p->spec.stages[0];
    p->spec.stages = &p->stage;
    p->spec.battery.kind = the_case->ladder ? UM_BATTERY_LADDER : UM_BATTERY_CAVITY;
    p->spec.battery.frequency = the_case->omega;
    describe_initial(the_case, &p->spec.battery.initial);
    p->stage.atoms = (um_atoms){the_case->q, the_case->c, the_case->phi, the_case->detuning};
    p->stage.interaction.g = the_case->g;
    p->stage.interaction.tau = the_case->tau;
    p->stage.interaction.counter_rotating = the_case->counter_rotating;
    if (!the_case->open) p->stage.stream.frame = isnan(the_case->period) ? UM_FRAME_LOCKED : UM_FRAME_LAB;
    if (!the_case->open) p->stage.stream.period = the_case->period;
    describe_open(the_case, &p->stage);
    for (int i = 0; i < the_case->points; i++) add_collision(p, the_case->after[i].collision);
    if (all) {
        for (int i = 0; i < the_case->atoms; i++) add_collision(p, the_case->outgoing[i].collision);
        if (the_case->corner_after) add_collision(p, the_case->corner_after);
    }
    p->stage.collisions = p->at[p->count - 1];
    p->corner_after = the_case->corner_after;
    p->spec.record.mode = UM_RECORD_LIST;
    p->spec.record.at = p->at;
    p->spec.record.at_count = p->count;
    if (all && the_case->corner_after) {
        p->spec.record.states = &p->corner_after;
        p->spec.record.states_count = 1;
    }
}

static double recorded(const um_result *result, um_quantity quantity, int collision)
{
    for (size_t i = 0; i < result->records; i++)
        if (result->collision[i] == collision) return result->series[quantity][i];
    fail_msg("collision %d is not recorded", collision);
    return NAN;
}

static void compare_numbers(const um_result *result, const golden_numbers *want)
{
    int k = want->collision;
    CHECK_CLOSE(recorded(result, UM_ENERGY, k), want->energy, TOLERANCE);
    CHECK_CLOSE(recorded(result, UM_ENERGY_VARIANCE, k), want->variance, TOLERANCE);
    CHECK_CLOSE(recorded(result, UM_ERGOTROPY, k), want->ergotropy, TOLERANCE);
    CHECK_CLOSE(recorded(result, UM_ERGOTROPY_INCOHERENT, k), want->ergotropy_incoherent, TOLERANCE);
    CHECK_CLOSE(recorded(result, UM_PURITY, k), want->purity, TOLERANCE);
    CHECK_CLOSE(recorded(result, UM_ENTROPY, k), want->entropy, TOLERANCE);
    CHECK_CLOSE(recorded(result, UM_COHERENCE_L1, k), want->l1_coherence, TOLERANCE);
    CHECK_CLOSE(recorded(result, UM_MANDEL_Q, k), want->mandel_q, TOLERANCE);
}

/* Points at which the reference's top level mattered were left out of `after`. */
static bool has_numbers(const golden_case *the_case, int collision)
{
    for (int i = 0; i < the_case->points; i++)
        if (the_case->after[i].collision == collision) return true;
    return false;
}

static void compare_all(const golden_case *the_case, const um_result *result)
{
    for (int i = 0; i < the_case->atoms; i++) {
        const golden_atom *want = &the_case->outgoing[i];
        int k = want->collision;
        /* Counter-rotating collisions end differently at the top: the library pads. */
        if (the_case->counter_rotating != 0 && !has_numbers(the_case, k)) continue;
        CHECK_CLOSE(recorded(result, UM_ATOM_EXCITED, k), want->excited, TOLERANCE);
        CHECK_CLOSE(recorded(result, UM_ATOM_COHERENCE_RE, k), want->ge_re, TOLERANCE);
        CHECK_CLOSE(recorded(result, UM_ATOM_COHERENCE_IM, k), want->ge_im, TOLERANCE);
    }
    /* The reference's top population is that of the last level, here the larger of the last two. */
    for (int i = 0; i < the_case->points; i++) {
        double top = recorded(result, UM_TOP_POPULATION, the_case->after[i].collision);
        if (!(top >= the_case->after[i].top_population - TOLERANCE))
            fail_msg("top population %g, at least %g", top, the_case->after[i].top_population);
        if (!(the_case->ladder && the_case->levels < 20)) CHECK_AT_MOST(top, 1e-8);
    }
    if (!the_case->corner_after) return;
    assert_int_equal(result->states_count, 1);
    const um_saved_state *state = &result->states[0];
    assert_int_equal(state->collision, the_case->corner_after);
    for (int n = 0; n < GOLDEN_CORNER; n++)
        for (int m = 0; m < GOLDEN_CORNER; m++) {
            int at = n * state->levels + m, from = n * GOLDEN_CORNER + m;
            CHECK_CLOSE(state->real[at], the_case->corner_re[from], TOLERANCE);
            CHECK_CLOSE(state->imag[at], the_case->corner_im[from], TOLERANCE);
        }
}

/* The ledger closes and the trace stays, up to what truncation cost where its guard is off. */
static void check_books(const um_result *result)
{
    double lost = result->truncation.error_bound;
    CHECK_AT_MOST(fabs(result->ledger.residual),
                  1e-12 * (1 + result->ledger.moduli) + lost * result->truncation.levels);
    CHECK_AT_MOST(fabs(result->truncation.trace_drift),
                  1e-16 * (double)result->collisions + lost);
}

static void run_case(um_context *ctx, const golden_case *the_case, bool automatic)
{
    plan p;
    um_model *model;
    um_run *run;
    describe(the_case, !automatic, &p);
    p.spec.battery.levels = automatic ? UM_LEVELS_AUTO : the_case->levels;
    p.spec.accuracy.truncation = automatic ? 1e-10 : 1;
    CHECK_OK(ctx, um_model_create(ctx, &p.spec, &model));
    CHECK_OK(ctx, um_run_create(ctx, model, &run));
    CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(run, false));
    const um_result *result = um_run_get_result(run);
    for (int i = 0; i < the_case->points; i++) {
        /* Against a larger space only where the reference's own was large enough. */
        if (automatic && the_case->after[i].top_population > 1e-14) continue;
        compare_numbers(result, &the_case->after[i]);
    }
    if (!automatic) compare_all(the_case, result);
    check_books(result);
    um_run_destroy(run);
    um_model_destroy(model);
}

static void run_all(bool automatic)
{
    static golden_case cases[32];
    um_context *ctx;
    assert_int_equal(um_context_create(NULL, &ctx), UM_OK);
    int count = golden_read(cases, 32);
    assert_int_equal(count, 22);
    for (int i = 0; i < count; i++) {
        /* There the finite ladder is the system. */
        if (automatic && strcmp(cases[i].name, "ladder-bounded") == 0) continue;
        print_message("%s\n", cases[i].name);
        run_case(ctx, &cases[i], automatic);
    }
    assert_int_equal(um_context_get_blocks(ctx), 0);
    um_context_destroy(ctx);
}

static void golden_levels(void **unused)
{
    (void)unused;
    run_all(false);
}

static void automatic_levels(void **unused)
{
    (void)unused;
    run_all(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(golden_levels),
                                       cmocka_unit_test(automatic_levels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
