/* The resolved configuration as YAML. */
#include <inttypes.h>

#include "io/config_format.h"
#include "io/file.h"

void umi_text_add_numbers(umi_text *w, const double *values, size_t count)
{
    umi_text_add(w, "[");
    for (size_t i = 0; i < count; i++) {
        if (i) umi_text_add(w, ", ");
        umi_text_add_number(w, values[i]);
    }
    umi_text_add(w, "]");
}

void umi_text_add_field(umi_text *w, const char *before, double value)
{
    umi_text_add(w, "%s", before);
    umi_text_add_number(w, value);
}

static void add_collisions(umi_text *w, const int64_t *list, size_t count)
{
    umi_text_add(w, "[");
    for (size_t i = 0; i < count; i++) umi_text_add(w, "%s%lld", i ? ", " : "", (long long)list[i]);
    umi_text_add(w, "]");
}

static void add_initial(umi_text *w, const um_initial *initial)
{
    double pair[2] = {initial->re, initial->im};
    switch (initial->kind) {
    case UM_INITIAL_VACUUM:
        umi_text_add(w, "vacuum");
        return;
    case UM_INITIAL_FOCK:
        umi_text_add(w, "{fock: %d}", initial->level);
        return;
    case UM_INITIAL_COHERENT:
        umi_text_add(w, "{coherent: ");
        break;
    case UM_INITIAL_THERMAL:
        umi_text_add(w, "{thermal: ");
        umi_text_add_number(w, initial->mean);
        umi_text_add(w, "}");
        return;
    case UM_INITIAL_SQUEEZED:
        umi_text_add(w, "{squeezed: ");
        pair[0] = initial->r;
        pair[1] = initial->angle;
        break;
    case UM_INITIAL_MATRIX:
        umi_text_add(w, "{file: ");
        umi_text_add_quoted(w, initial->file);
        if (initial->record < 0)
            umi_text_add(w, ", record: last}");
        else
            umi_text_add(w, ", record: %lld}", (long long)initial->record);
        return;
    }
    umi_text_add_numbers(w, pair, 2);
    umi_text_add(w, "}");
}

static void add_battery(umi_text *w, const um_battery *battery)
{
    static const char *const kinds[] = {"cavity", "ladder", "custom"};
    umi_text_add(w, "battery:\n  kind: %s\n  levels: ", kinds[battery->kind]);
    if (battery->levels == UM_LEVELS_AUTO)
        umi_text_add(w, "auto\n");
    else
        umi_text_add(w, "%d\n", battery->levels);
    umi_text_add(w, "  max_levels: %d\n", battery->max_levels);
    umi_text_add_field(w, "  frequency: ", battery->frequency);
    umi_text_add(w, "\n  initial: ");
    add_initial(w, &battery->initial);
    if (battery->kind == UM_BATTERY_CUSTOM) {
        umi_text_add(w, "\n  energies: ");
        umi_text_add_numbers(w, battery->energies, (size_t)battery->levels);
        umi_text_add(w, "\n  lowering: ");
        umi_text_add_numbers(w, battery->lowering, (size_t)battery->levels);
    }
    umi_text_add(w, "\n");
}

static void add_observables(umi_text *w, uint64_t set)
{
    const char *before = set ? "[" : "default  # ";
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        const um_quantity_info *info = um_quantity_get_info(i);
        if (set ? !(set & UM_QUANTITY_BIT(i)) : !info->by_default) continue;
        umi_text_add(w, "%s%s", before, info->name);
        before = ", ";
    }
    if (set) umi_text_add(w, "]");
}

static void add_record(umi_text *w, const um_record *record)
{
    umi_text_add(w, "record:\n  at: ");
    if (record->mode == UM_RECORD_LIST)
        add_collisions(w, record->at, record->at_count);
    else
        umi_text_add(w, "%s", record->mode == UM_RECORD_EVERY ? "every" : "log");
    umi_text_add(w, "\n  per_decade: %d\n  observables: ", record->per_decade);
    add_observables(w, record->observables);
    umi_text_add(w, "\n  states: ");
    add_collisions(w, record->states, record->states_count);
    if (record->has_fidelity) {
        umi_text_add(w, "\n  fidelity_with: ");
        add_initial(w, &record->fidelity_with);
    }
    if (record->wigner_grid.points > 0) {
        umi_text_add(w, "\n  wigner: {at: ");
        add_collisions(w, record->wigner_at, record->wigner_count);
        umi_text_add_field(w, ", grid: [", record->wigner_grid.min);
        umi_text_add_field(w, ", ", record->wigner_grid.max);
        umi_text_add(w, ", %d]}", record->wigner_grid.points);
    }
    umi_text_add(w, "\n");
}

static void add_all(umi_text *w, const um_spec *spec)
{
    static const char *const methods[] = {"auto", "step", "fast-forward"};
    umi_text_add(w, "title: ");
    umi_text_add_quoted(w, spec->title ? spec->title : "");
    umi_text_add(w, "\nunits: natural\n");
    if (spec->omega_si > 0) {
        umi_text_add_field(w, "omega_si: ", spec->omega_si);
        umi_text_add(w, "\n");
    }
    umi_text_add(w, "seed: %" PRIu64 "\n", spec->seed);
    add_battery(w, &spec->battery);
    umi_format_stages(w, spec);
    add_record(w, &spec->record);
    umi_text_add_field(w, "accuracy: {truncation: ", spec->accuracy.truncation);
    umi_text_add_field(w, ", plateau_tolerance: ", spec->accuracy.plateau_tolerance);
    umi_text_add_field(w, ", horizon: ", spec->accuracy.horizon);
    umi_text_add(w, ", method: %s}\n", methods[spec->accuracy.method]);
}

static bool has_no_file(const um_initial *initial)
{
    return initial->kind == UM_INITIAL_MATRIX && !initial->file;
}

um_status um_config_format(um_context *ctx, const um_model *model, char **text)
{
    const um_spec *spec = um_model_get_spec(model);
    *text = NULL;
    if (has_no_file(&spec->battery.initial) || has_no_file(&spec->record.fidelity_with))
        return umi_fail(ctx, UM_ERROR_ARG,
                        "a state given as a matrix has no form in YAML; write it "
                        "to a result file and name that");
    umi_text w = {.ctx = ctx};
    umi_c_locale locale = umi_c_locale_enter();
    add_all(&w, spec);
    umi_c_locale_leave(locale);
    if (w.failed) {
        umi_free(ctx, w.text);
        return UM_ERROR_MEMORY;
    }
    *text = w.text;
    return UM_OK;
}

void um_text_destroy(um_context *ctx, char *text) { umi_free(ctx, text); }
