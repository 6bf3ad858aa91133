/* Ranges of a stage: what it may hold, apart from what has to be resolved. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "model/model.h"

um_status umi_fail_stage(const umi_stage_place *place, const char *key, const char *format, ...)
{
    char path[64], message[512];
    snprintf(path, sizeof path, "stages[%zu]%s%s", place->index, *key ? "." : "", key);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return umi_fail_key(place->ctx, UM_ERROR_CONFIG, path, "%s", message);
}

#define REFUSE(key, ...) return umi_fail_stage(place, key, __VA_ARGS__)

/* A value and its key, for rows of values with the same range. */
typedef struct named {
    const char *key;
    double value;
} named;

static um_status check_atoms(const umi_stage_place *place, const um_stage *stage)
{
    const um_atoms *atoms = &stage->atoms;
    double frequency = place->battery->frequency, lambda = stage->interaction.counter_rotating;
    if (!(atoms->q >= 0 && atoms->q <= 1))
        REFUSE("atoms.q", "q = %.17g; the ground-state population must be within 0 to 1", atoms->q);
    if (!(atoms->c >= 0 && atoms->c <= 1))
        REFUSE("atoms.c", "c = %.17g; the coherence must be within 0 to 1", atoms->c);
    if (!isfinite(atoms->phase))
        REFUSE("atoms.phase", "the phase must be a finite angle in radians");
    /* Without counter-rotating terms only the difference of the frequencies acts. */
    if (!isfinite(atoms->detuning) || (lambda > 0 && !(frequency + atoms->detuning > 0)))
        REFUSE("atoms.detuning",
               "detuning %g makes the atoms' frequency %g; it must be finite, and with "
               "counter-rotating terms > %g, so that the atoms' frequency is > 0",
               atoms->detuning, frequency + atoms->detuning, -frequency);
    return UM_OK;
}

static um_status check_interaction(const umi_stage_place *place, const um_interaction *interaction)
{
    double lambda = interaction->counter_rotating;
    if (!(lambda >= 0) || !isfinite(lambda))
        REFUSE("interaction.counter_rotating",
               "lambda = %g; it must be >= 0 and finite (0: Jaynes-Cummings, 1: Rabi)", lambda);
    if ((unsigned)interaction->pulse > UM_PULSE_GAUSSIAN)
        REFUSE("interaction.pulse", "unknown pulse %d", (int)interaction->pulse);
    if (interaction->pulse == UM_PULSE_GAUSSIAN &&
        !(interaction->pulse_width >= 0.01 && interaction->pulse_width <= 10))
        REFUSE("interaction.pulse_width",
               "%g; the width of a gaussian pulse must be within 0.01 to 10 (in units of tau)",
               interaction->pulse_width);
    return UM_OK;
}

static um_status check_stream(const umi_stage_place *place, const um_stage *stage)
{
    const um_stream *stream = &stage->stream;
    if (stream->frame != UM_FRAME_LOCKED && stream->frame != UM_FRAME_LAB)
        REFUSE("stream.frame", "unknown frame %d", (int)stream->frame);
    if ((unsigned)stream->arrivals > UM_ARRIVALS_POISSON)
        REFUSE("stream.arrivals", "unknown kind of arrivals %d", (int)stream->arrivals);
    if (!(stream->atom_probability >= 0 && stream->atom_probability <= 1))
        REFUSE("stream.atom_probability", "%.17g; a probability must be within 0 to 1",
               stream->atom_probability);
    if (stream->arrivals == UM_ARRIVALS_REGULAR) return UM_OK;
    if (stage->interaction.counter_rotating > 0)
        REFUSE("stream.arrivals",
               "poisson, but with counter-rotating terms a collision depends on the time at which "
               "it starts: U(t_k) must be averaged too, which is not done; use arrivals: regular, or "
               "counter_rotating: 0");
    if (stream->frame == UM_FRAME_LAB)
        REFUSE("stream.frame", "lab, but poisson arrivals have no times known beforehand; use "
                               "frame: locked");
    return UM_OK;
}

static um_status check_environment(const umi_stage_place *place, const um_environment *environment)
{
    const named rows[] = {{"environment.kappa", environment->kappa},
                          {"environment.n_th", environment->n_th},
                          {"environment.dephasing", environment->dephasing},
                          {"environment.atom_decay", environment->atom_decay},
                          {"environment.atom_dephasing", environment->atom_dephasing}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!(rows[i].value >= 0) || !isfinite(rows[i].value))
            REFUSE(rows[i].key, "%g; it must be >= 0 and finite", rows[i].value);
    return UM_OK;
}

static um_status check_theta_law(const umi_stage_place *place, const um_imperfections *it)
{
    if ((unsigned)it->theta_law > UM_SPREAD_SAMPLES)
        REFUSE("imperfections.theta_law", "unknown law %d", (int)it->theta_law);
    if (it->theta_law >= UM_SPREAD_MAXWELL && it->theta_spread > 0)
        REFUSE("imperfections.theta_spread",
               "%g, but theta_law: %s fixes the whole distribution; take theta_spread out, or use "
               "theta_law: gaussian or velocity",
               it->theta_spread, it->theta_law == UM_SPREAD_MAXWELL ? "maxwell" : "samples");
    if (it->theta_law != UM_SPREAD_SAMPLES) return UM_OK;
    if (it->theta_samples_count == 0 || !it->theta_samples)
        REFUSE("imperfections.theta_samples",
               "theta_law: samples needs at least one sample, a factor of theta, as in [0.9, 1, 1.1]");
    for (size_t i = 0; i < it->theta_samples_count; i++)
        if (!(it->theta_samples[i] > 0) || !isfinite(it->theta_samples[i]))
            REFUSE("imperfections.theta_samples",
                   "sample %zu is %g; a sample is a factor of theta, > 0 and finite", i,
                   it->theta_samples[i]);
    return UM_OK;
}

static um_status check_imperfections(const umi_stage_place *place, const um_imperfections *it)
{
    const named rows[] = {{"imperfections.theta_spread", it->theta_spread},
                          {"imperfections.phase_spread", it->phase_spread},
                          {"imperfections.q_spread", it->q_spread},
                          {"imperfections.detuning_spread", it->detuning_spread}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!(rows[i].value >= 0) || !isfinite(rows[i].value))
            REFUSE(rows[i].key, "%g; a standard deviation must be >= 0 and finite", rows[i].value);
    if ((unsigned)it->draw > UM_DRAW_FROZEN)
        REFUSE("imperfections.draw", "unknown way of drawing %d", (int)it->draw);
    return check_theta_law(place, it);
}

static um_status check_until(const umi_stage_place *place, const um_stage *stage)
{
    const um_until *until = &stage->until;
    switch (until->kind) {
    case UM_UNTIL_COUNT:
    case UM_UNTIL_PLATEAU:
        return UM_OK;
    case UM_UNTIL_ENERGY:
        if (!isfinite(until->value)) REFUSE("until", "energy: %g; it must be finite", until->value);
        return UM_OK;
    case UM_UNTIL_ERGOTROPY:
        if (!(until->value >= 0) || !isfinite(until->value))
            REFUSE("until", "ergotropy: %g; it must be >= 0 and finite", until->value);
        return UM_OK;
    case UM_UNTIL_PEAK:
        if (stage->kind == UM_STAGE_DISCHARGE)
            REFUSE("until", "peak, but a discharge has no peak to pass; use energy, ergotropy or "
                            "plateau");
        if (until->look_ahead < 1 || until->look_ahead > UMI_COLLISIONS_MAX)
            REFUSE("until", "peak: %lld; 1 to 1e15 collisions to look ahead are allowed",
                   (long long)until->look_ahead);
        return UM_OK;
    }
    REFUSE("until", "unknown condition %d", (int)until->kind);
}

static um_status check_collisions(const umi_stage_place *place, const um_stage *stage)
{
    if (stage->collisions < 0 || stage->collisions > UMI_COLLISIONS_MAX)
        REFUSE(umi_stage_get_word(stage->kind), "%lld collisions; 0 to 1e15 are allowed",
               (long long)stage->collisions);
    UMI_TRY(check_atoms(place, stage));
    UMI_TRY(check_interaction(place, &stage->interaction));
    UMI_TRY(check_stream(place, stage));
    UMI_TRY(check_imperfections(place, &stage->imperfections));
    return check_until(place, stage);
}

/* Store and drive: nothing collides. */
static um_status check_still(const umi_stage_place *place, const um_stage *stage)
{
    const char *word = umi_stage_get_word(stage->kind);
    if (stage->collisions != 0)
        REFUSE(word, "%lld collisions; a stage of kind %s has none", (long long)stage->collisions,
               word);
    if (stage->until.kind != UM_UNTIL_COUNT)
        REFUSE("until", "only charge and discharge end on a condition");
    if (stage->kind == UM_STAGE_STORE) {
        if (!(stage->duration >= 0) || !isfinite(stage->duration))
            REFUSE("store", "%g; a duration must be >= 0 and finite", stage->duration);
        return UM_OK;
    }
    if (place->battery->kind != UM_BATTERY_CAVITY)
        REFUSE("drive", "a displacement exists in a cavity only");
    if (!isfinite(stage->drive_re) || !isfinite(stage->drive_im))
        REFUSE("drive", "[%g, %g]; both parts of a displacement must be finite", stage->drive_re,
               stage->drive_im);
    return UM_OK;
}

/* A map that differs at every collision can only be stepped. */
static um_status check_method(const umi_stage_place *place, const um_stage *stage, um_method method)
{
    if (method != UM_METHOD_FORWARD || !umi_stage_has_collisions(stage) ||
        !umi_stage_differs(stage))
        return UM_OK;
    if (umi_stage_is_drawn(stage))
        REFUSE("imperfections.draw",
               "random, where no two collisions are alike, cannot be fast-forwarded; use draw: average, "
               "or accuracy.method: auto or step");
    REFUSE("stream.frame",
           "lab, where with counter-rotating terms no two collisions are alike, cannot be "
           "fast-forwarded; use frame: locked, or accuracy.method: auto or step");
}

um_status umi_stage_check(const umi_stage_place *place, const um_stage *stage, um_method method)
{
    if ((unsigned)stage->kind > UM_STAGE_DRIVE)
        REFUSE("", "unknown kind of stage %d", (int)stage->kind);
    UMI_TRY(check_environment(place, &stage->environment));
    if (!umi_stage_has_collisions(stage)) return check_still(place, stage);
    UMI_TRY(check_collisions(place, stage));
    return check_method(place, stage, method);
}
