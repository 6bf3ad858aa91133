/* The resolved configuration as YAML. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/config.h"
#include "io/expression.h"

/* A text that grows; after a failed allocation it swallows everything. */
typedef struct writer {
    um_context *ctx;
    char *text;
    size_t length, capacity;
    bool failed;
} writer;

static bool reserve(writer *w, size_t more)
{
    if (w->failed) return false;
    if (w->length + more < w->capacity) return true;
    size_t capacity = 2 * (w->capacity + more) + 128;
    char *text = umi_alloc(w->ctx, capacity, 1);
    w->failed = !text;
    if (!text) return false;
    if (w->length) memcpy(text, w->text, w->length);
    umi_free(w->ctx, w->text);
    w->text = text;
    w->capacity = capacity;
    return true;
}

static void add_bytes(writer *w, const char *bytes, size_t count)
{
    if (!reserve(w, count + 1)) return;
    memcpy(w->text + w->length, bytes, count);
    w->length += count;
    w->text[w->length] = '\0';
}

static void add(writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(writer *w, const char *format, ...)
{
    char piece[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    add_bytes(w, piece, strlen(piece));
}

/* The shortest decimal that reads back to the same double. */
static void add_number(writer *w, double value)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    add_bytes(w, text, strlen(text));
}

static void add_numbers(writer *w, const double *values, size_t count)
{
    add(w, "[");
    for (size_t i = 0; i < count; i++) {
        if (i) add(w, ", ");
        add_number(w, values[i]);
    }
    add(w, "]");
}

static void add_collisions(writer *w, const int64_t *list, size_t count)
{
    add(w, "[");
    for (size_t i = 0; i < count; i++) add(w, "%s%lld", i ? ", " : "", (long long)list[i]);
    add(w, "]");
}

/* One UTF-8 character at bytes; 0: not well formed. */
static uint32_t decode(const unsigned char *bytes, size_t *length)
{
    uint32_t first = bytes[0], code;
    *length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4) return 0;
    code = *length == 1 ? first : first & (0x7fu >> *length);
    for (size_t i = 1; i < *length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (bytes[i] & 0x3f);
    }
    return code;
}

/* A text in double quotes: what a YAML reader may not take as it is, is escaped. */
static void add_quoted(writer *w, const char *text)
{
    add(w, "\"");
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        size_t length;
        uint32_t code = decode(at, &length);
        bool plain = (code >= 0x20 && code < 0x7f && code != '"' && code != '\\') ||
                     (code >= 0xa0 && code < 0xfffe && code != 0xfeff && code != 0x2028 &&
                      code != 0x2029 && (code < 0xd800 || code > 0xdfff)) ||
                     code >= 0x10000;
        if (code == 0)
            add(w, "?"), length = 1;
        else if (plain)
            add_bytes(w, (const char *)at, length);
        else if (code == '"' || code == '\\')
            add(w, "\\%c", (int)code);
        else if (code > 0xffff)
            add(w, "\\U%08x", (unsigned)code);
        else
            add(w, "\\u%04x", (unsigned)code);
        at += length;
    }
    add(w, "\"");
}

static void add_initial(writer *w, const um_initial *initial)
{
    double pair[2] = {initial->re, initial->im};
    switch (initial->kind) {
    case UM_INITIAL_VACUUM:
        add(w, "vacuum");
        return;
    case UM_INITIAL_FOCK:
        add(w, "{fock: %d}", initial->level);
        return;
    case UM_INITIAL_COHERENT:
        add(w, "{coherent: ");
        break;
    case UM_INITIAL_THERMAL:
        add(w, "{thermal: ");
        add_number(w, initial->mean);
        add(w, "}");
        return;
    case UM_INITIAL_SQUEEZED:
        add(w, "{squeezed: ");
        pair[0] = initial->r;
        pair[1] = initial->angle;
        break;
    case UM_INITIAL_MATRIX:
        add(w, "{file: ");
        add_quoted(w, initial->file);
        if (initial->record < 0)
            add(w, ", record: last}");
        else
            add(w, ", record: %lld}", (long long)initial->record);
        return;
    }
    add_numbers(w, pair, 2);
    add(w, "}");
}

static void add_field(writer *w, const char *before, double value)
{
    add(w, "%s", before);
    add_number(w, value);
}

static void add_atoms(writer *w, const um_atoms *atoms)
{
    add_field(w, "{q: ", atoms->q);
    add_field(w, ", c: ", atoms->c);
    add_field(w, ", phase: ", atoms->phase);
    add_field(w, ", detuning: ", atoms->detuning);
    add(w, "}");
}

static void add_interaction(writer *w, const um_interaction *interaction)
{
    if (interaction->half_turns > 0)
        add(w, "{theta: {trap: %d, half_turns: %d}", interaction->trap, interaction->half_turns);
    else
        add_field(w, "{theta: ", interaction->theta);
    add_field(w, ", tau: ", interaction->tau);
    add_field(w, ", counter_rotating: ", interaction->counter_rotating);
    add(w, "}");
}

static void add_stream(writer *w, const um_stream *stream)
{
    add_field(w, "{period: ", stream->period);
    add(w, ", frame: %s, arrivals: regular, atom_probability: 1}",
        stream->frame == UM_FRAME_LAB ? "lab" : "locked");
}

static void add_battery(writer *w, const um_battery *battery)
{
    static const char *const kinds[] = {"cavity", "ladder", "custom"};
    add(w, "battery:\n  kind: %s\n  levels: ", kinds[battery->kind]);
    if (battery->levels == UM_LEVELS_AUTO)
        add(w, "auto\n");
    else
        add(w, "%d\n", battery->levels);
    add(w, "  max_levels: %d\n", battery->max_levels);
    add_field(w, "  frequency: ", battery->frequency);
    add(w, "\n  initial: ");
    add_initial(w, &battery->initial);
    if (battery->kind == UM_BATTERY_CUSTOM) {
        add(w, "\n  energies: ");
        add_numbers(w, battery->energies, (size_t)battery->levels);
        add(w, "\n  lowering: ");
        add_numbers(w, battery->lowering, (size_t)battery->levels);
    }
    add(w, "\n");
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
           same_number(a->counter_rotating, b->counter_rotating) && a->half_turns == b->half_turns;
}

static bool same_stream(const um_stream *a, const um_stream *b)
{
    return same_number(a->period, b->period) && a->frame == b->frame;
}

/* The first stage's settings stand at the top level; the others name what differs. */
static void add_stages(writer *w, const um_spec *spec)
{
    const um_stage *first = &spec->stages[0];
    add(w, "atoms: ");
    add_atoms(w, &first->atoms);
    add(w, "\ninteraction: ");
    add_interaction(w, &first->interaction);
    add_field(w, first->interaction.half_turns > 0 ? "  # theta = " : "  # g = ",
              first->interaction.half_turns > 0 ? first->interaction.theta : first->interaction.g);
    add(w, "\nstream: ");
    add_stream(w, &first->stream);
    add(w,
        "\nenvironment: {kappa: 0, n_th: 0, dephasing: 0, during_collision: true, atom_decay: 0, "
        "atom_dephasing: 0}\n"
        "imperfections: {theta_spread: 0, phase_spread: 0, q_spread: 0}\nstages:\n");
    for (size_t i = 0; i < spec->stages_count; i++) {
        const um_stage *stage = &spec->stages[i];
        add(w, "  - {charge: %lld", (long long)stage->collisions);
        if (!same_atoms(&stage->atoms, &first->atoms)) {
            add(w, ", atoms: ");
            add_atoms(w, &stage->atoms);
        }
        if (!same_interaction(&stage->interaction, &first->interaction)) {
            add(w, ", interaction: ");
            add_interaction(w, &stage->interaction);
        }
        if (!same_stream(&stage->stream, &first->stream)) {
            add(w, ", stream: ");
            add_stream(w, &stage->stream);
        }
        add(w, "}\n");
    }
}

#define QUANTITY_NAME(id, name, units, long_name, by_default) name,
#define QUANTITY_DEFAULT(id, name, units, long_name, by_default) by_default,
static const char *const names[] = {UM_QUANTITY_LIST(QUANTITY_NAME)};
static const bool defaults[] = {UM_QUANTITY_LIST(QUANTITY_DEFAULT)};

static void add_observables(writer *w, uint64_t set)
{
    const char *before = set ? "[" : "default  # ";
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        if (set ? !(set & UM_QUANTITY_BIT(i)) : !defaults[i]) continue;
        add(w, "%s%s", before, names[i]);
        before = ", ";
    }
    if (set) add(w, "]");
}

static void add_record(writer *w, const um_record *record)
{
    add(w, "record:\n  at: ");
    if (record->mode == UM_RECORD_LIST)
        add_collisions(w, record->at, record->at_count);
    else
        add(w, "%s", record->mode == UM_RECORD_EVERY ? "every" : "log");
    add(w, "\n  per_decade: %d\n  observables: ", record->per_decade);
    add_observables(w, record->observables);
    add(w, "\n  states: ");
    add_collisions(w, record->states, record->states_count);
    if (record->has_fidelity) {
        add(w, "\n  fidelity_with: ");
        add_initial(w, &record->fidelity_with);
    }
    if (record->wigner_grid.points > 0) {
        add(w, "\n  wigner: {at: ");
        add_collisions(w, record->wigner_at, record->wigner_count);
        add_field(w, ", grid: [", record->wigner_grid.min);
        add_field(w, ", ", record->wigner_grid.max);
        add(w, ", %d]}", record->wigner_grid.points);
    }
    add(w, "\n");
}

static void add_all(writer *w, const um_spec *spec)
{
    static const char *const methods[] = {"auto", "step", "fast-forward"};
    add(w, "title: ");
    add_quoted(w, spec->title ? spec->title : "");
    add(w, "\nunits: natural\n");
    add_battery(w, &spec->battery);
    add_stages(w, spec);
    add_record(w, &spec->record);
    add_field(w, "accuracy: {truncation: ", spec->accuracy.truncation);
    add_field(w, ", plateau_tolerance: ", spec->accuracy.plateau_tolerance);
    add_field(w, ", horizon: ", spec->accuracy.horizon);
    add(w, ", method: %s}\n", methods[spec->accuracy.method]);
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
    writer w = {.ctx = ctx};
    locale_t earlier = umi_locale_enter();
    add_all(&w, spec);
    umi_locale_leave(earlier);
    if (w.failed) {
        umi_free(ctx, w.text);
        return UM_ERROR_MEMORY;
    }
    *text = w.text;
    return UM_OK;
}

void um_text_destroy(um_context *ctx, char *text) { umi_free(ctx, text); }
