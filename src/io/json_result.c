/* The JSON summary of a run (docs/results.md). */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "io/file.h"
#include "io/json_result.h"
#include "io/netcdf.h"
#include "io/si.h"
#include "umaser/io.h"

void umi_json_count(umi_json *json, const char *key, int64_t value)
{
    if (value < 0)
        umi_json_null(json, key);
    else
        umi_json_integer(json, key, value);
}

static void put_methods(umi_json *json, const um_result *result)
{
    umi_json_open(json, "method", '[');
    for (size_t i = 0; i < result->stages_count; i++)
        umi_json_text(json, NULL, result->stages[i].forward.from < 0 ? "step" : "fast-forward");
    umi_json_close(json, ']');
}

void umi_json_texts(umi_json *json, const char *key, char *const *texts, size_t count)
{
    umi_json_open(json, key, '[');
    for (size_t i = 0; i < count; i++) umi_json_text(json, NULL, texts[i]);
    umi_json_close(json, ']');
}

static void put_forward(umi_json *json, const um_forward_summary *forward)
{
    if (forward->from < 0) {
        umi_json_null(json, "forward");
        return;
    }
    umi_json_open(json, "forward", '{');
    umi_json_integer(json, "from", forward->from);
    umi_json_integer(json, "to", forward->to);
    umi_json_integer(json, "levels", forward->levels);
    umi_json_integer(json, "orders", forward->orders);
    umi_json_integer(json, "rank", forward->rank);
    umi_json_number(json, "bound", forward->bound);
    umi_json_number(json, "truncation", forward->truncation);
    umi_json_close(json, '}');
}

static void put_ledger(umi_json *json, const um_ledger *ledger)
{
    umi_json_open(json, "ledger", '{');
    umi_json_number(json, "battery", ledger->battery);
    umi_json_number(json, "atoms", ledger->atoms);
    umi_json_number(json, "switching", ledger->switching);
    umi_json_number(json, "heat", ledger->heat);
    umi_json_number(json, "drive", ledger->drive);
    umi_json_number(json, "residual", ledger->residual);
    umi_json_number(json, "moduli", ledger->moduli);
    umi_json_close(json, '}');
}

static void put_stage(umi_json *json, const um_stage_summary *stage)
{
    static const char *const ends[] = {"open", "done", "condition"};
    umi_json_open(json, NULL, '{');
    umi_json_text(json, "kind", umi_stage_kind_get_name(stage->kind));
    umi_json_integer(json, "collisions", stage->collisions);
    umi_json_number(json, "duration", stage->duration);
    umi_json_text(json, "end", ends[stage->end]);
    umi_json_number(json, "energy_start", stage->energy_start);
    umi_json_number(json, "energy_end", stage->energy_end);
    umi_json_number(json, "ergotropy_start", stage->ergotropy_start);
    umi_json_number(json, "ergotropy_end", stage->ergotropy_end);
    if (stage->kind == UM_STAGE_DISCHARGE) {
        umi_json_number(json, "delivered_energy", stage->delivered_energy);
        umi_json_number(json, "delivered_ergotropy", stage->delivered_ergotropy);
    }
    if (stage->kind == UM_STAGE_STORE) {
        umi_json_number(json, "half_life_energy", stage->half_life_energy);
        umi_json_number(json, "half_life_ergotropy", stage->half_life_ergotropy);
    }
    put_ledger(json, &stage->ledger);
    umi_json_text(json, "method", stage->method);
    put_forward(json, &stage->forward);
    umi_json_close(json, '}');
}

static void put_stages(umi_json *json, const um_result *result)
{
    umi_json_open(json, "stages", '[');
    for (size_t i = 0; i < result->stages_count; i++) put_stage(json, &result->stages[i]);
    umi_json_close(json, ']');
}

static void put_series(umi_json *json, const um_result *result)
{
    umi_json_open(json, "series", '{');
    umi_json_open(json, "stage", '[');
    for (size_t i = 0; i < result->records; i++) umi_json_integer(json, NULL, result->stage[i]);
    umi_json_close(json, ']');
    umi_json_open(json, "collision", '[');
    for (size_t i = 0; i < result->records; i++) umi_json_integer(json, NULL, result->collision[i]);
    umi_json_close(json, ']');
    umi_json_numbers(json, "time", result->time, result->records);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++)
        if (result->series[i] && i != UM_POPULATIONS)
            umi_json_numbers(json, um_quantity_get_info(i)->name, result->series[i],
                             result->records);
    if (result->populations)
        umi_json_matrix(json, um_quantity_get_info(UM_POPULATIONS)->name, result->populations,
                        result->records, (size_t)result->population_levels);
    umi_json_close(json, '}');
}

void umi_json_plateau(umi_json *json, const um_plateau *plateau)
{
    umi_json_integer(json, "charging_time", plateau->charging_time);
    umi_json_count(json, "end", plateau->end);
    umi_json_number(json, "energy", plateau->energy);
    umi_json_number(json, "ergotropy", plateau->ergotropy);
    umi_json_number(json, "purity", plateau->purity);
    umi_json_integer(json, "collision", plateau->at);
    umi_json_count(json, "passage_90", plateau->passage_90);
    umi_json_count(json, "passage_99", plateau->passage_99);
}

static void put_plateau(umi_json *json, const char *key, const um_plateau *plateau)
{
    umi_json_open(json, key, '{');
    umi_json_plateau(json, plateau);
    umi_json_close(json, '}');
}

static void put_plateaus(umi_json *json, const um_result *result)
{
    if (result->plateaus_count > 0)
        put_plateau(json, "plateau", &result->plateaus[0]);
    else
        umi_json_null(json, "plateau");
    umi_json_open(json, "plateaus", '[');
    for (size_t i = 0; i < result->plateaus_count; i++)
        put_plateau(json, NULL, &result->plateaus[i]);
    umi_json_close(json, ']');
}

static void put_maximum(umi_json *json, const char *key, const um_maximum *maximum)
{
    if (isnan(maximum->value)) {
        umi_json_null(json, key);
        return;
    }
    umi_json_open(json, key, '{');
    umi_json_number(json, "value", maximum->value);
    umi_json_integer(json, "collision", maximum->collision);
    umi_json_close(json, '}');
}

static void put_books(umi_json *json, const um_result *result)
{
    put_ledger(json, &result->ledger);
    umi_json_number(json, "delivered_energy", result->delivered_energy);
    umi_json_number(json, "delivered_ergotropy", result->delivered_ergotropy);

    const um_truncation *truncation = &result->truncation;
    umi_json_open(json, "truncation", '{');
    umi_json_integer(json, "levels", truncation->levels);
    umi_json_number(json, "top_population_max", truncation->top_population_max);
    umi_json_number(json, "error_bound", truncation->error_bound);
    umi_json_number(json, "trace_drift", truncation->trace_drift);
    umi_json_close(json, '}');
}

/* The last words, so that they know how long the rest took. */
static void put_seconds(umi_json *json, const um_result *result, double begun)
{
    const um_wall_seconds *seconds = &result->wall_seconds;
    umi_json_open(json, "wall_seconds", '{');
    umi_json_number(json, "setup", seconds->setup);
    umi_json_number(json, "collisions", seconds->collisions);
    umi_json_number(json, "observables", seconds->observables);
    umi_json_number(json, "output", seconds->output + umi_seconds() - begun);
    umi_json_close(json, '}');
}

static void put_states(umi_json *json, const um_result *result)
{
    umi_json_open(json, "states", '[');
    for (size_t i = 0; i < result->states_count; i++) {
        const um_saved_state *state = &result->states[i];
        size_t levels = (size_t)state->levels;
        umi_json_open(json, NULL, '{');
        umi_json_integer(json, "collision", state->collision);
        umi_json_matrix(json, "real", state->real, levels, levels);
        umi_json_matrix(json, "imag", state->imag, levels, levels);
        umi_json_close(json, '}');
    }
    umi_json_close(json, ']');
}

static void put_wigners(umi_json *json, const um_result *result)
{
    if (result->wigners_count == 0) return;
    const um_wigner_grid *grid = &result->wigner_grid;
    size_t points = (size_t)grid->points;
    umi_json_open(json, "wigner", '[');
    for (size_t i = 0; i < result->wigners_count; i++) {
        const um_saved_wigner *saved = &result->wigners[i];
        umi_json_open(json, NULL, '{');
        umi_json_integer(json, "collision", saved->collision);
        umi_json_number(json, "min", grid->min);
        umi_json_number(json, "max", grid->max);
        umi_json_integer(json, "points", grid->points);
        umi_json_matrix(json, "wigner", saved->wigner, points, points);
        if (saved->husimi) umi_json_matrix(json, "husimi", saved->husimi, points, points);
        umi_json_close(json, '}');
    }
    umi_json_close(json, ']');
}

static const char *text_or_null(const char *text) { return text[0] ? text : NULL; }

void umi_json_error(umi_json *json, const um_error *error, int exit_code)
{
    umi_json_open(json, "error", '{');
    umi_json_integer(json, "code", exit_code);
    umi_json_text(json, "file", text_or_null(error->file));
    umi_json_text(json, "key", text_or_null(error->key));
    umi_json_count(json, "line", error->line);
    umi_json_count(json, "level", error->level);
    umi_json_count(json, "collision", error->collision);
    umi_json_text(json, "message", error->message);
    umi_json_close(json, '}');
}

void umi_json_result(umi_json *json, const um_result *result)
{
    double begun = umi_seconds();
    char digest[UMI_DIGEST_ROOM];
    snprintf(digest, sizeof digest, "%016" PRIx64, result->digest);
    umi_json_text(json, "kernel", result->kernel);
    umi_json_text(json, "digest", digest);
    umi_json_integer(json, "collisions", result->collisions);
    put_methods(json, result);
    umi_json_texts(json, "warnings", result->warnings, result->warnings_count);
    put_stages(json, result);
    put_series(json, result);
    if (result->final_populations)
        umi_json_numbers(json, "final_populations", result->final_populations,
                         (size_t)result->final_levels);
    put_plateaus(json, result);
    put_maximum(json, "power_maximum", &result->power_maximum);
    put_maximum(json, "ergotropy_power_maximum", &result->ergotropy_power_maximum);
    put_books(json, result);
    umi_json_si(json, result);
    put_states(json, result);
    put_wigners(json, result);
    put_seconds(json, result, begun);
}

umi_json *umi_json_begin(umi_json_summary *summary, FILE *stream, const um_error *error,
                         um_status status, int exit_code)
{
    umi_json *json = &summary->json;
    *summary = (umi_json_summary){.json = {.stream = stream}, .locale = umi_c_locale_enter()};
    umi_json_open(json, NULL, '{');
    umi_json_text(json, "umaser", UM_VERSION);
    umi_json_text(json, "status", um_status_get_name(error ? error->status : status));
    if (error) umi_json_error(json, error, exit_code);
    return json;
}

um_status umi_json_end(um_context *ctx, umi_json_summary *summary)
{
    umi_json_close(&summary->json, '}');
    umi_json_finish(&summary->json);
    umi_c_locale_leave(summary->locale);
    if (!summary->json.error) return UM_OK;
    return umi_fail(ctx, UM_ERROR_IO, "the JSON summary cannot be written: %s",
                    strerror(summary->json.error));
}

um_status um_result_write_json(um_context *ctx, const um_result *result, const um_error *error,
                               int exit_code, FILE *stream)
{
    umi_json_summary summary;
    umi_json *json =
        umi_json_begin(&summary, stream, error, result ? result->status : UM_OK, exit_code);
    if (result) umi_json_result(json, result);
    return umi_json_end(ctx, &summary);
}
