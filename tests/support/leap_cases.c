#include "leap_cases.h"

#include "check.h"

typedef enum start { VACUUM, SUPERPOSED, THIRD } start;

/* d_n = sqrt(n) unless kind says otherwise; levels > 0: a battery of that size, all of it. */
static const struct {
    const char *name;
    enum { ROOT, ROOT_UNEVEN, IRREGULAR, LADDER, CAVITY, CUT } kind;
    int levels;
    double theta, g, tau, detuning, lambda, q, c, phase;
    start start;
} cases[] = {
    {"pure", ROOT, 14, 1, 0, 0, 0, 0, 0.25, 1, 0, VACUUM},
    {"c = 0.9", ROOT, 14, 1, 0, 0, 0, 0, 0.25, 0.9, 0, VACUUM},
    {"c = 0", ROOT, 14, 1, 0, 0, 0, 0, 0.25, 0, 0, VACUUM},
    {"c = 0, coherent start", ROOT, 12, 1, 0, 0, 0, 0, 0.25, 0, 0.3, SUPERPOSED},
    {"phases", ROOT, 12, 1, 0, 0, 0, 0, 0.25, 0.8, 0.9, SUPERPOSED},
    {"detuned", ROOT, 12, NAN, 0.3, 3, 0.25, 0, 0.3, 0.9, 0.4, VACUUM},
    {"uneven levels", ROOT_UNEVEN, 12, NAN, 0.3, 3, 0, 0, 0.25, 1, 0, VACUUM},
    {"uneven levels, c = 0", ROOT_UNEVEN, 12, NAN, 0.3, 3, 0, 0, 0.25, 0, 0, VACUUM},
    {"irregular elements", IRREGULAR, 12, 0.9, 0, 0, 0, 0, 0.3, 1, 0, VACUUM},
    {"ladder", LADDER, 16, 0.7, 0, 0, 0, 0, 0.3, 1, 0, VACUUM},
    {"ladder, q = 0.6", LADDER, 16, 0.7, 0, 0, 0, 0, 0.6, 0.5, 0, THIRD},
    {"weak coupling", ROOT, 10, 0.02, 0, 0, 0, 0, 0.4, 0.7, 0, VACUUM},
    {"exact trap", ROOT, 14, 0.99345882657961012, 0, 0, 0, 0, 0.25, 1, 0, VACUUM},
    {"exact trap, c = 0.5, from below and above", ROOT, 14, 1.2825498301618641, 0, 0, 0, 0, 0.3,
     0.5, 0, SUPERPOSED},
    {"two exact traps, superposed", ROOT, 12, 3.1415926535897931, 0, 0, 0, 0, 0.25, 1, 0,
     SUPERPOSED},
    {"near trap", ROOT, 14, 0.99346, 0, 0, 0, 0, 0.25, 1, 0, VACUUM},
    {"near trap, c = 0", ROOT, 14, 0.99346, 0, 0, 0, 0, 0.25, 0, 0, VACUUM},
    {"q = 0", ROOT, 12, 1, 0, 0, 0, 0, 0, 0, 0, VACUUM},
    {"q = 1", ROOT, 12, 1, 0, 0, 0, 0, 1, 0, 0, THIRD},
    {"theta = 0", ROOT, 12, 0, 0, 0, 0, 0, 0.25, 1, 0, SUPERPOSED},
    {"two levels", LADDER, 2, 1, 0, 0, 0, 0, 0.3, 0.6, 0, VACUUM},
    {"cavity, trapped", CAVITY, 0, 0.99345882657961012, 0, 0, 0, 0, 0.25, 1, 0, VACUUM},
    {"cavity, cut", CUT, 14, 1, 0, 0, 0, 0, 0.25, 1, 0, VACUUM},
    {"Rabi, ladder", LADDER, 8, NAN, 0.2, 2, 0, 1, 0.3, 1, 0.2, VACUUM},
    {"Rabi, c = 0.5, detuned", LADDER, 7, NAN, 0.3, 2, 0.1, 1, 0.25, 0.5, 0, SUPERPOSED},
};

int leap_cases_count(void) { return sizeof cases / sizeof *cases; }

int leap_case_find(const char *name)
{
    for (int i = 0; i < leap_cases_count(); i++)
        if (strcmp(cases[i].name, name) == 0) return i;
    fail_msg("no case '%s'", name);
    return -1;
}

static void set_battery(int index, leap_case *it)
{
    static const double irregular[] = {0, 1.3, 0.4, 0.9, 1.6, 0.7, 2, 1.1, 0.8, 1.5, 0.6, 1};
    um_battery *battery = &it->spec.battery;
    int kind = cases[index].kind;
    if (kind == CAVITY) return;
    battery->kind = kind == LADDER ? UM_BATTERY_LADDER
                    : kind == CUT  ? UM_BATTERY_CAVITY
                                   : UM_BATTERY_CUSTOM;
    battery->levels = cases[index].levels;
    if (kind == CUT) it->spec.accuracy.truncation = 1;
    for (int n = 0; n < battery->levels; n++) {
        it->energies[n] = kind == ROOT_UNEVEN ? n + 0.013 * n * n : n;
        it->lowering[n] = kind == IRREGULAR ? irregular[n] : sqrt(n);
    }
    battery->energies = battery->kind == UM_BATTERY_CUSTOM ? it->energies : NULL;
    battery->lowering = battery->kind == UM_BATTERY_CUSTOM ? it->lowering : NULL;
}

/* (|0> + 0.5 i |1> - 0.8 |2>)/norm, not quite pure. */
static void set_superposed(leap_case *it)
{
    const double re[3] = {1, 0, -0.8}, im[3] = {0, 0.5, 0}, norm = 1 + 0.25 + 0.64;
    for (int n = 0; n < 3; n++)
        for (int m = 0; m < 3; m++) {
            double scale = (n == m ? 1 : 0.9) / norm;
            it->real[3 * n + m] = scale * (re[n] * re[m] + im[n] * im[m]);
            it->imag[3 * n + m] = scale * (im[n] * re[m] - re[n] * im[m]);
        }
    it->spec.battery.initial = (um_initial){
        .kind = UM_INITIAL_MATRIX, .levels = 3, .real = it->real, .imag = it->imag, .record = -1};
}

void leap_case_make(int index, int64_t collisions, leap_case *made)
{
    *made = (leap_case){.name = cases[index].name};
    um_spec *spec = &made->spec;
    um_spec_init(spec);
    um_stage *stage = &made->stages[0];
    *stage = spec->stages[0];
    spec->stages = made->stages;
    spec->accuracy.method = UM_METHOD_FORWARD;
    stage->collisions = collisions;
    stage->atoms = (um_atoms){cases[index].q, cases[index].c, cases[index].phase,
                              cases[index].detuning};
    stage->interaction.theta = cases[index].theta;
    stage->interaction.counter_rotating = cases[index].lambda;
    if (isnan(cases[index].theta)) {
        stage->interaction.g = cases[index].g;
        stage->interaction.tau = cases[index].tau;
    }
    set_battery(index, made);
    if (cases[index].start == SUPERPOSED) set_superposed(made);
    if (cases[index].start == THIRD)
        spec->battery.initial = (um_initial){.kind = UM_INITIAL_FOCK, .level = 3};
    made->slow = cases[index].lambda > 0;
}

um_run *leap_case_start(um_context *ctx, const um_spec *spec, um_model **model)
{
    um_run *run;
    CHECK_OK(ctx, um_model_create(ctx, spec, model));
    CHECK_OK(ctx, um_run_create(ctx, *model, &run));
    return run;
}

um_run *leap_case_run(um_context *ctx, const um_spec *spec, um_model **model)
{
    um_run *run = leap_case_start(ctx, spec, model);
    CHECK_OK(ctx, um_run_advance(run, -1, NULL, NULL));
    CHECK_OK(ctx, um_run_finish(run, true));
    return run;
}
