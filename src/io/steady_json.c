/* The JSON summary of `umaser steady` (docs/results.md). */
#include <math.h>

#include "io/json_result.h"
#include "io/si.h"
#include "umaser/io.h"

/* An eigenvalue that occurs several times stands several times. */
static void put_repeated(umi_json *json, const char *key, const um_spectrum *spectrum,
                         bool relaxation)
{
    umi_json_open(json, key, '[');
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        for (int k = 0; k < mode->multiplicity; k++)
            umi_json_number(json, NULL, relaxation ? mode->relaxation : mode->modulus);
    }
    umi_json_close(json, ']');
}

static void put_spectrum(umi_json *json, const um_spectrum *spectrum)
{
    put_repeated(json, "eigenvalue_moduli", spectrum, false);
    put_repeated(json, "relaxation_collisions", spectrum, true);
    umi_json_open(json, "spectrum", '{');
    umi_json_integer(json, "levels", spectrum->levels);
    umi_json_integer(json, "eigenvalues", spectrum->eigenvalues);
    umi_json_integer(json, "dropped", spectrum->dropped);
    umi_json_open(json, "modes", '[');
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        umi_json_open(json, NULL, '{');
        umi_json_number(json, "re", mode->re);
        umi_json_number(json, "im", mode->im);
        umi_json_number(json, "modulus", mode->modulus);
        umi_json_number(json, "decay", mode->decay);
        umi_json_number(json, "relaxation", mode->relaxation);
        umi_json_number(json, "error", mode->error);
        umi_json_integer(json, "multiplicity", mode->multiplicity);
        umi_json_close(json, '}');
    }
    umi_json_close(json, ']');
    umi_json_close(json, '}');
}

static void put_plateau(umi_json *json, const um_steady *steady)
{
    if (steady->plateau.charging_time < 0) {
        umi_json_null(json, "plateau");
        return;
    }
    umi_json_open(json, "plateau", '{');
    umi_json_plateau(json, &steady->plateau);
    umi_json_number(json, "lifetime", steady->lifetime);
    umi_json_boolean(json, "exact", isinf(steady->lifetime));
    umi_json_count(json, "band_exit", steady->band_exit);
    umi_json_close(json, '}');
}

static void put_limit(umi_json *json, const um_limit *limit)
{
    umi_json_open(json, "limit", '{');
    umi_json_text(json, "status", um_limit_status_get_name(limit->status));
    umi_json_number(json, "energy", limit->energy);
    umi_json_number(json, "ergotropy", limit->ergotropy);
    umi_json_number(json, "purity", limit->purity);
    umi_json_count(json, "collision", limit->collision);
    umi_json_count(json, "level", limit->level);
    umi_json_close(json, '}');
}

static void put_stationary(umi_json *json, const um_stationary *stationary)
{
    if (stationary->levels == 0) {
        umi_json_null(json, "stationary");
        return;
    }
    umi_json_open(json, "stationary", '{');
    umi_json_number(json, "energy", stationary->energy);
    umi_json_number(json, "ergotropy", stationary->ergotropy);
    umi_json_number(json, "purity", stationary->purity);
    umi_json_numbers(json, "populations", stationary->populations, (size_t)stationary->levels);
    umi_json_close(json, '}');
}

static void put_chambers(umi_json *json, const um_steady *steady)
{
    umi_json_open(json, "chambers", '[');
    for (size_t i = 0; i < steady->chambers_count; i++) {
        const um_chamber *chamber = &steady->chambers[i];
        umi_json_open(json, NULL, '{');
        umi_json_integer(json, "first", chamber->first);
        umi_json_integer(json, "last", chamber->last);
        umi_json_boolean(json, "exact", chamber->exact);
        umi_json_boolean(json, "open", chamber->open);
        umi_json_number(json, "population", chamber->population);
        umi_json_number(json, "energy", chamber->energy);
        umi_json_number(json, "ergotropy", chamber->ergotropy);
        umi_json_number(json, "purity", chamber->purity);
        umi_json_number(json, "leak_per_collision", chamber->leak);
        umi_json_number(json, "leak_down", chamber->down);
        umi_json_number(json, "leak_error", chamber->leak_error);
        umi_json_number(json, "relaxation", chamber->relaxation);
        umi_json_text(json, "method", chamber->method);
        umi_json_numbers(json, "populations", chamber->populations, (size_t)chamber->levels);
        umi_json_close(json, '}');
    }
    umi_json_close(json, ']');
}

static void put_steady(umi_json *json, const um_steady *steady)
{
    put_spectrum(json, &steady->spectrum);
    put_plateau(json, steady);
    put_limit(json, &steady->limit);
    put_stationary(json, &steady->stationary);
    put_chambers(json, steady);
    umi_json_texts(json, "warnings", steady->warnings, steady->warnings_count);
    umi_json_number(json, "wall_seconds", steady->wall_seconds);
    if (!steady->run) return;
    umi_json_open(json, "run", '{');
    umi_json_text(json, "status", um_status_get_name(steady->run->status));
    umi_json_result(json, steady->run);
    umi_json_close(json, '}');
}

um_status um_steady_write_json(um_context *ctx, const um_steady *steady, const um_error *error,
                               int exit_code, FILE *stream)
{
    umi_json_summary summary;
    umi_json *json = umi_json_begin(&summary, stream, error, UM_OK, exit_code);
    if (steady) put_steady(json, steady);
    if (steady) umi_json_si_steady(json, steady);
    return umi_json_end(ctx, &summary);
}
