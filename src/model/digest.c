/* A digest of everything that determines a run's numbers: FNV-1a over the values. */
#include "model/model.h"

static void add_bytes(uint64_t *hash, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    for (size_t i = 0; i < size; i++) {
        *hash ^= bytes[i];
        *hash *= UINT64_C(0x100000001b3);
    }
}

static void add_number(uint64_t *hash, double value)
{
    value += 0.0; /* -0 and 0 mean the same */
    add_bytes(hash, &value, sizeof value);
}

static void add_integer(uint64_t *hash, int64_t value) { add_bytes(hash, &value, sizeof value); }

static void add_numbers(uint64_t *hash, const double *values, size_t count)
{
    for (size_t i = 0; values && i < count; i++) add_number(hash, values[i]);
}

static void add_list(uint64_t *hash, const int64_t *list, size_t count)
{
    add_integer(hash, (int64_t)count);
    for (size_t i = 0; i < count; i++) add_integer(hash, list[i]);
}

/* Only what the kind uses: the other fields mean nothing. */
static void add_initial(uint64_t *hash, const um_initial *initial)
{
    size_t elements = (size_t)initial->levels * (size_t)initial->levels;
    add_integer(hash, initial->kind);
    switch (initial->kind) {
    case UM_INITIAL_VACUUM:
        break;
    case UM_INITIAL_FOCK:
        add_integer(hash, initial->level);
        break;
    case UM_INITIAL_COHERENT:
        add_number(hash, initial->re);
        add_number(hash, initial->im);
        break;
    case UM_INITIAL_THERMAL:
        add_number(hash, initial->mean);
        break;
    case UM_INITIAL_SQUEEZED:
        add_number(hash, initial->r);
        add_number(hash, initial->angle);
        break;
    case UM_INITIAL_MATRIX:
        add_integer(hash, initial->levels);
        add_numbers(hash, initial->real, elements);
        add_numbers(hash, initial->imag, elements);
        break;
    }
}

static void add_battery(uint64_t *hash, const um_battery *battery)
{
    add_integer(hash, battery->kind);
    add_integer(hash, battery->levels);
    add_integer(hash, battery->max_levels);
    add_number(hash, battery->frequency);
    add_initial(hash, &battery->initial);
    if (battery->kind != UM_BATTERY_CUSTOM) return;
    add_numbers(hash, battery->energies, (size_t)battery->levels);
    add_numbers(hash, battery->lowering, (size_t)battery->levels);
}

static void add_interaction(uint64_t *hash, const um_interaction *interaction)
{
    add_number(hash, interaction->theta);
    add_number(hash, interaction->g);
    add_number(hash, interaction->tau);
    add_number(hash, interaction->counter_rotating);
    add_integer(hash, interaction->trap);
    add_integer(hash, interaction->half_turns);
    add_integer(hash, interaction->pulse);
    if (interaction->pulse == UM_PULSE_GAUSSIAN) add_number(hash, interaction->pulse_width);
}

static void add_environment(uint64_t *hash, const um_environment *environment)
{
    add_number(hash, environment->kappa);
    add_number(hash, environment->n_th);
    add_number(hash, environment->dephasing);
    add_integer(hash, environment->during_collision);
    add_number(hash, environment->atom_decay);
    add_number(hash, environment->atom_dephasing);
}

static void add_imperfections(uint64_t *hash, const um_imperfections *it)
{
    add_number(hash, it->theta_spread);
    add_number(hash, it->phase_spread);
    add_number(hash, it->q_spread);
    add_number(hash, it->detuning_spread);
    add_integer(hash, it->theta_law);
    add_integer(hash, (int64_t)it->theta_samples_count);
    add_numbers(hash, it->theta_samples, it->theta_samples_count);
    add_integer(hash, it->draw);
}

static void add_stage(uint64_t *hash, const um_stage *stage)
{
    add_integer(hash, stage->kind);
    add_integer(hash, stage->collisions);
    add_number(hash, stage->duration);
    add_number(hash, stage->drive_re);
    add_number(hash, stage->drive_im);
    add_integer(hash, stage->until.kind);
    if (stage->until.kind == UM_UNTIL_ENERGY || stage->until.kind == UM_UNTIL_ERGOTROPY)
        add_number(hash, stage->until.value);
    if (stage->until.kind == UM_UNTIL_PEAK) add_integer(hash, stage->until.look_ahead);
    add_number(hash, stage->atoms.q);
    add_number(hash, stage->atoms.c);
    add_number(hash, stage->atoms.phase);
    add_number(hash, stage->atoms.detuning);
    add_interaction(hash, &stage->interaction);
    add_number(hash, stage->stream.period);
    add_integer(hash, stage->stream.frame);
    add_integer(hash, stage->stream.arrivals);
    add_number(hash, stage->stream.atom_probability);
    add_environment(hash, &stage->environment);
    add_imperfections(hash, &stage->imperfections);
}

/* A seed determines nothing where nothing is drawn. */
static void add_seed(uint64_t *hash, const um_spec *spec)
{
    for (size_t i = 0; i < spec->stages_count; i++)
        if (umi_stage_is_random(&spec->stages[i])) {
            add_integer(hash, (int64_t)spec->seed);
            return;
        }
}

static void add_record(uint64_t *hash, const um_record *record)
{
    add_integer(hash, record->mode);
    add_integer(hash, record->per_decade);
    add_list(hash, record->at, record->mode == UM_RECORD_LIST ? record->at_count : 0);
    add_integer(hash, (int64_t)record->observables);
    add_list(hash, record->states, record->states_count);
    add_integer(hash, record->has_fidelity);
    if (record->has_fidelity) add_initial(hash, &record->fidelity_with);
    add_list(hash, record->wigner_at, record->wigner_count);
    if (record->wigner_count == 0) return;
    add_number(hash, record->wigner_grid.min);
    add_number(hash, record->wigner_grid.max);
    add_integer(hash, record->wigner_grid.points);
}

uint64_t umi_model_digest(const um_spec *spec)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    add_battery(&hash, &spec->battery);
    add_integer(&hash, (int64_t)spec->stages_count);
    for (size_t i = 0; i < spec->stages_count; i++) add_stage(&hash, &spec->stages[i]);
    add_seed(&hash, spec);
    add_record(&hash, &spec->record);
    add_number(&hash, spec->accuracy.truncation);
    add_number(&hash, spec->accuracy.plateau_tolerance);
    add_number(&hash, spec->accuracy.horizon);
    add_integer(&hash, spec->accuracy.method);
    return hash;
}
