#include "io/si.h"

#include <math.h>
#include <string.h>

static void add_column(umi_si_column *column, const char *name, const char *suffix,
                       const char *units, const double *from, double factor)
{
    *column = (umi_si_column){.units = units, .from = from, .factor = factor};
    snprintf(column->name, sizeof column->name, "%s_%s", name, suffix);
}

size_t umi_si_columns(const um_result *result, umi_si_column columns[UMI_SI_COLUMNS])
{
    const um_scale *scale = &result->scale;
    size_t count = 0;
    if (!(scale->omega > 0)) return 0;
    add_column(&columns[count++], "time", "seconds", "s", result->time, scale->second);
    for (int i = 0; i < UM_QUANTITY_COUNT; i++) {
        const um_quantity_info *info = um_quantity_get_info(i);
        const double *series = result->series[i];
        if (!series || i == UM_POPULATIONS) continue;
        if (strcmp(info->units, "omega") == 0)
            add_column(&columns[count++], info->name, "joule", "J", series, scale->joule);
        if (i == UM_ENERGY)
            add_column(&columns[count++], info->name, "ev", "eV", series,
                       scale->joule / UM_ELECTRONVOLT);
        if (strcmp(info->units, "omega/time") == 0)
            add_column(&columns[count++], info->name, "watt", "W", series,
                       scale->joule / scale->second);
    }
    return count;
}

static void put_columns(umi_json *json, const um_result *result)
{
    umi_si_column columns[UMI_SI_COLUMNS];
    size_t count = umi_si_columns(result, columns);
    for (size_t i = 0; i < count; i++) {
        umi_json_open(json, columns[i].name, '[');
        for (size_t k = 0; k < result->records; k++)
            umi_json_number(json, NULL, columns[i].from[k] * columns[i].factor);
        umi_json_close(json, ']');
    }
}

/* The time at which a collision has ended: stages are of equal periods. */
static double find_time(const um_result *result, int64_t collision)
{
    double time = 0;
    int64_t before = 0;
    for (size_t i = 0; i < result->stages_count; i++) {
        const um_stage_summary *stage = &result->stages[i];
        if (collision > before && collision <= before + stage->collisions)
            return time + stage->duration / (double)stage->collisions * (double)(collision - before);
        time += stage->duration;
        before += stage->collisions;
    }
    return NAN;
}

static void put_plateau(umi_json *json, const um_result *result)
{
    const um_scale *scale = &result->scale;
    if (result->plateaus_count == 0) {
        umi_json_null(json, "plateau");
        return;
    }
    const um_plateau *plateau = &result->plateaus[0];
    umi_json_open(json, "plateau", '{');
    umi_json_number(json, "charging_seconds",
                    find_time(result, plateau->charging_time) * scale->second);
    umi_json_number(json, "end_seconds",
                    plateau->end < 0 ? NAN : find_time(result, plateau->end) * scale->second);
    umi_json_number(json, "energy_joule", plateau->energy * scale->joule);
    umi_json_number(json, "energy_ev", plateau->energy * scale->joule / UM_ELECTRONVOLT);
    umi_json_number(json, "ergotropy_joule", plateau->ergotropy * scale->joule);
    umi_json_close(json, '}');
}

static void put_stages(umi_json *json, const um_result *result)
{
    double joule = result->scale.joule, second = result->scale.second;
    umi_json_open(json, "stages", '[');
    for (size_t i = 0; i < result->stages_count; i++) {
        const um_stage_summary *stage = &result->stages[i];
        umi_json_open(json, NULL, '{');
        umi_json_number(json, "seconds", stage->duration * second);
        umi_json_number(json, "energy_start_joule", stage->energy_start * joule);
        umi_json_number(json, "energy_end_joule", stage->energy_end * joule);
        umi_json_number(json, "ergotropy_start_joule", stage->ergotropy_start * joule);
        umi_json_number(json, "ergotropy_end_joule", stage->ergotropy_end * joule);
        if (stage->kind == UM_STAGE_STORE) {
            umi_json_number(json, "half_life_energy_seconds", stage->half_life_energy * second);
            umi_json_number(json, "half_life_ergotropy_seconds",
                            stage->half_life_ergotropy * second);
        }
        if (stage->kind == UM_STAGE_DISCHARGE) {
            umi_json_number(json, "delivered_energy_joule", stage->delivered_energy * joule);
            umi_json_number(json, "delivered_ergotropy_joule",
                            stage->delivered_ergotropy * joule);
        }
        umi_json_close(json, '}');
    }
    umi_json_close(json, ']');
}

static void put_ledger(umi_json *json, const um_result *result)
{
    const um_ledger *ledger = &result->ledger;
    double joule = result->scale.joule;
    umi_json_open(json, "ledger_joule", '{');
    umi_json_number(json, "battery", ledger->battery * joule);
    umi_json_number(json, "atoms", ledger->atoms * joule);
    umi_json_number(json, "switching", ledger->switching * joule);
    umi_json_number(json, "heat", ledger->heat * joule);
    umi_json_number(json, "drive", ledger->drive * joule);
    umi_json_number(json, "residual", ledger->residual * joule);
    umi_json_close(json, '}');
}

void umi_json_si(umi_json *json, const um_result *result)
{
    const um_scale *scale = &result->scale;
    if (!(scale->omega > 0)) return;
    umi_json_open(json, "si", '{');
    umi_json_number(json, "omega", scale->omega);
    umi_json_number(json, "second", scale->second);
    umi_json_number(json, "joule", scale->joule);
    put_stages(json, result);
    put_columns(json, result);
    if (!isnan(result->delivered_energy)) {
        umi_json_number(json, "delivered_energy_joule", result->delivered_energy * scale->joule);
        umi_json_number(json, "delivered_ergotropy_joule",
                        result->delivered_ergotropy * scale->joule);
    }
    put_plateau(json, result);
    umi_json_number(json, "power_maximum_watt",
                    result->power_maximum.value * scale->joule / scale->second);
    put_ledger(json, result);
    umi_json_close(json, '}');
}

static void put_state(umi_json *json, const char *key, double energy, double ergotropy,
                      double joule)
{
    umi_json_open(json, key, '{');
    umi_json_number(json, "energy_joule", energy * joule);
    umi_json_number(json, "energy_ev", energy * joule / UM_ELECTRONVOLT);
    umi_json_number(json, "ergotropy_joule", ergotropy * joule);
    umi_json_close(json, '}');
}

/* Collisions become seconds by the period of the one stage that is repeated. */
void umi_json_si_steady(umi_json *json, const um_steady *steady)
{
    const um_result *run = steady->run;
    if (!run || !(run->scale.omega > 0) || run->stages_count == 0) return;
    const um_scale *scale = &run->scale;
    const um_stage_summary *stage = &run->stages[0];
    double period = stage->collisions > 0 ? stage->duration / (double)stage->collisions : NAN;
    bool has_plateau = steady->plateau.charging_time >= 0;
    umi_json_open(json, "si", '{');
    umi_json_number(json, "omega", scale->omega);
    umi_json_number(json, "second", scale->second);
    umi_json_number(json, "joule", scale->joule);
    umi_json_number(json, "period_seconds", period * scale->second);
    umi_json_number(json, "charging_seconds",
                    has_plateau ? (double)steady->plateau.charging_time * period * scale->second
                                : NAN);
    umi_json_number(json, "lifetime_seconds", steady->lifetime * period * scale->second);
    put_state(json, "plateau", steady->plateau.energy, steady->plateau.ergotropy, scale->joule);
    put_state(json, "limit", steady->limit.energy, steady->limit.ergotropy, scale->joule);
    put_state(json, "stationary", steady->stationary.energy, steady->stationary.ergotropy,
              scale->joule);
    umi_json_close(json, '}');
}

um_status umi_netcdf_define_si(umi_netcdf_writer *w)
{
    umi_si_column columns[UMI_SI_COLUMNS];
    size_t count = umi_si_columns(w->result, columns), records = w->result->records;
    if (count > 0) umi_netcdf_put_scalars(w, umi_netcdf_scale, w->result);
    if (records == 0) return UM_OK;
    for (size_t i = 0; i < count; i++) {
        double *values = UMI_NEW_ARRAY(w->ctx, double, records);
        if (!values) return UM_ERROR_MEMORY;
        for (size_t k = 0; k < records; k++) values[k] = columns[i].from[k] * columns[i].factor;
        int variable = umi_netcdf_define_variable(w, columns[i].name, columns[i].units,
                                                  "the same in SI units", NC_DOUBLE, 1, &w->record);
        umi_netcdf_add_item(w, variable, values, values);
    }
    return UM_OK;
}
