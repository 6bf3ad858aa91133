/* Stages as YAML: what most of them have in common stands at the top level. */
#include <inttypes.h>
#include <math.h>

#include "io/config_format.h"

static void add_atoms(umi_text *w, const um_atoms *atoms)
{
    umi_text_add_field(w, "{q: ", atoms->q);
    umi_text_add_field(w, ", c: ", atoms->c);
    umi_text_add_field(w, ", phase: ", atoms->phase);
    umi_text_add_field(w, ", detuning: ", atoms->detuning);
    umi_text_add(w, "}");
}

static void add_interaction(umi_text *w, const um_interaction *interaction)
{
    static const char *const pulses[] = {"constant", "sine", "gaussian"};
    if (interaction->half_turns > 0)
        umi_text_add(w, "{theta: {trap: %d, half_turns: %d}", interaction->trap,
                     interaction->half_turns);
    else
        umi_text_add_field(w, "{theta: ", interaction->theta);
    umi_text_add_field(w, ", tau: ", interaction->tau);
    umi_text_add_field(w, ", counter_rotating: ", interaction->counter_rotating);
    umi_text_add(w, ", pulse: %s", pulses[interaction->pulse]);
    umi_text_add_field(w, ", pulse_width: ", interaction->pulse_width);
    umi_text_add(w, "}");
}

static void add_stream(umi_text *w, const um_stream *stream)
{
    umi_text_add_field(w, "{period: ", stream->period);
    umi_text_add(w, ", frame: %s, arrivals: %s",
                 stream->frame == UM_FRAME_LAB ? "lab" : "locked",
                 stream->arrivals == UM_ARRIVALS_POISSON ? "poisson" : "regular");
    umi_text_add_field(w, ", atom_probability: ", stream->atom_probability);
    umi_text_add(w, "}");
}

static void add_environment(umi_text *w, const um_environment *environment)
{
    umi_text_add_field(w, "{kappa: ", environment->kappa);
    umi_text_add_field(w, ", n_th: ", environment->n_th);
    umi_text_add_field(w, ", dephasing: ", environment->dephasing);
    umi_text_add(w, ", during_collision: %s", environment->during_collision ? "true" : "false");
    umi_text_add_field(w, ", atom_decay: ", environment->atom_decay);
    umi_text_add_field(w, ", atom_dephasing: ", environment->atom_dephasing);
    umi_text_add(w, "}");
}

static void add_imperfections(umi_text *w, const um_imperfections *it)
{
    static const char *const laws[] = {"gaussian", "velocity", "maxwell", "samples"};
    static const char *const draws[] = {"average", "random", "frozen"};
    umi_text_add_field(w, "{theta_spread: ", it->theta_spread);
    umi_text_add_field(w, ", phase_spread: ", it->phase_spread);
    umi_text_add_field(w, ", q_spread: ", it->q_spread);
    umi_text_add_field(w, ", detuning_spread: ", it->detuning_spread);
    umi_text_add(w, ", theta_law: %s", laws[it->theta_law]);
    if (it->theta_law == UM_SPREAD_SAMPLES) {
        umi_text_add(w, ", theta_samples: ");
        umi_text_add_numbers(w, it->theta_samples, it->theta_samples_count);
    }
    umi_text_add(w, ", draw: %s}", draws[it->draw]);
}

static bool same_number(double a, double b) { return a == b && signbit(a) == signbit(b); }

static bool same_atoms(const um_atoms *a, const um_atoms *b)
{
    return same_number(a->q, b->q) && same_number(a->c, b->c) && same_number(a->phase, b->phase) &&
           same_number(a->detuning, b->detuning);
}

static bool same_interaction(const um_interaction *a, const um_interaction *b)
{
    return same_number(a->theta, b->theta) && same_number(a->tau, b->tau) && a->trap == b->trap &&
           same_number(a->counter_rotating, b->counter_rotating) && a->half_turns == b->half_turns &&
           a->pulse == b->pulse && same_number(a->pulse_width, b->pulse_width);
}

static bool same_stream(const um_stream *a, const um_stream *b)
{
    return same_number(a->period, b->period) && a->frame == b->frame &&
           a->arrivals == b->arrivals && same_number(a->atom_probability, b->atom_probability);
}

static bool same_environment(const um_environment *a, const um_environment *b)
{
    return same_number(a->kappa, b->kappa) && same_number(a->n_th, b->n_th) &&
           same_number(a->dephasing, b->dephasing) && a->during_collision == b->during_collision &&
           same_number(a->atom_decay, b->atom_decay) &&
           same_number(a->atom_dephasing, b->atom_dephasing);
}

static bool same_imperfections(const um_imperfections *a, const um_imperfections *b)
{
    if (a->theta_samples_count != b->theta_samples_count) return false;
    for (size_t i = 0; i < a->theta_samples_count; i++)
        if (!same_number(a->theta_samples[i], b->theta_samples[i])) return false;
    return same_number(a->theta_spread, b->theta_spread) &&
           same_number(a->phase_spread, b->phase_spread) && same_number(a->q_spread, b->q_spread) &&
           same_number(a->detuning_spread, b->detuning_spread) && a->theta_law == b->theta_law &&
           a->draw == b->draw;
}

static bool collides(const um_stage *stage)
{
    return stage->kind == UM_STAGE_CHARGE || stage->kind == UM_STAGE_DISCHARGE;
}

/* What the top level shows: the first stage with atoms (a charge before a discharge, whose atoms
 * are fixed), and the first environment. */
static um_stage find_common(const um_spec *spec)
{
    const um_stage *found = NULL;
    for (size_t i = 0; i < spec->stages_count; i++) {
        const um_stage *stage = &spec->stages[i];
        bool better = !found || (!collides(found) && collides(stage)) ||
                      (found->kind == UM_STAGE_DISCHARGE && stage->kind == UM_STAGE_CHARGE);
        if (better) found = stage;
    }
    um_stage common = *found;
    for (size_t i = 0; i < spec->stages_count; i++)
        if (spec->stages[i].kind != UM_STAGE_DRIVE) {
            common.environment = spec->stages[i].environment;
            break;
        }
    return common;
}

static void add_kind(umi_text *w, const um_stage *stage)
{
    switch (stage->kind) {
    case UM_STAGE_CHARGE:
        umi_text_add(w, "charge: %" PRId64, stage->collisions);
        return;
    case UM_STAGE_STORE:
        umi_text_add_field(w, "store: ", stage->duration);
        return;
    case UM_STAGE_DISCHARGE:
        umi_text_add(w, "discharge: %" PRId64, stage->collisions);
        return;
    case UM_STAGE_DRIVE:
        umi_text_add_field(w, "drive: [", stage->drive_re);
        umi_text_add_field(w, ", ", stage->drive_im);
        umi_text_add(w, "]");
        return;
    }
}

static void add_until(umi_text *w, const um_until *until)
{
    switch (until->kind) {
    case UM_UNTIL_COUNT:
        return;
    case UM_UNTIL_ENERGY:
        umi_text_add_field(w, ", until: {energy: ", until->value);
        break;
    case UM_UNTIL_ERGOTROPY:
        umi_text_add_field(w, ", until: {ergotropy: ", until->value);
        break;
    case UM_UNTIL_PLATEAU:
        umi_text_add(w, ", until: {plateau: true");
        break;
    case UM_UNTIL_PEAK:
        umi_text_add(w, ", until: {peak: %" PRId64, until->look_ahead);
        break;
    }
    umi_text_add(w, "}");
}

/* The atoms of a discharge are what they are: of its own settings only the others count. */
static void add_own_atoms(umi_text *w, const um_stage *stage, const um_stage *common)
{
    if (stage->kind == UM_STAGE_DISCHARGE) {
        if (same_number(stage->atoms.detuning, common->atoms.detuning)) return;
        umi_text_add_field(w, ", atoms: {detuning: ", stage->atoms.detuning);
        umi_text_add(w, "}");
    } else if (!same_atoms(&stage->atoms, &common->atoms)) {
        umi_text_add(w, ", atoms: ");
        add_atoms(w, &stage->atoms);
    }
}

static void add_own_imperfections(umi_text *w, const um_stage *stage, const um_stage *common)
{
    um_imperfections expected = common->imperfections;
    if (stage->kind == UM_STAGE_DISCHARGE) expected.q_spread = expected.phase_spread = 0;
    if (same_imperfections(&stage->imperfections, &expected)) return;
    umi_text_add(w, ", imperfections: ");
    add_imperfections(w, &stage->imperfections);
}

static void add_stage(umi_text *w, const um_stage *stage, const um_stage *common)
{
    umi_text_add(w, "  - {");
    add_kind(w, stage);
    add_until(w, &stage->until);
    if (collides(stage)) {
        add_own_atoms(w, stage, common);
        if (!same_interaction(&stage->interaction, &common->interaction)) {
            umi_text_add(w, ", interaction: ");
            add_interaction(w, &stage->interaction);
        }
        if (!same_stream(&stage->stream, &common->stream)) {
            umi_text_add(w, ", stream: ");
            add_stream(w, &stage->stream);
        }
        add_own_imperfections(w, stage, common);
    }
    if (stage->kind != UM_STAGE_DRIVE &&
        !same_environment(&stage->environment, &common->environment)) {
        umi_text_add(w, ", environment: ");
        add_environment(w, &stage->environment);
    }
    umi_text_add(w, "}\n");
}

void umi_format_stages(umi_text *w, const um_spec *spec)
{
    um_stage common = find_common(spec);
    bool trap = common.interaction.half_turns > 0;
    umi_text_add(w, "atoms: ");
    add_atoms(w, &common.atoms);
    umi_text_add(w, "\ninteraction: ");
    add_interaction(w, &common.interaction);
    umi_text_add_field(w, trap ? "  # theta = " : "  # g = ",
                       trap ? common.interaction.theta : common.interaction.g);
    umi_text_add(w, "\nstream: ");
    add_stream(w, &common.stream);
    umi_text_add(w, "\nenvironment: ");
    add_environment(w, &common.environment);
    umi_text_add(w, "\nimperfections: ");
    add_imperfections(w, &common.imperfections);
    umi_text_add(w, "\nstages:\n");
    for (size_t i = 0; i < spec->stages_count; i++) add_stage(w, &spec->stages[i], &common);
}
