/* The layout of a result file. */
#include "io/netcdf.h"

#include <pthread.h>

#define SCALAR(name, type, field) \
    { \
        name, NULL, NULL, type, offsetof(um_result, field) \
    }

const umi_netcdf_field umi_netcdf_scalars[] = {
    SCALAR("collisions", NC_INT64, collisions),
    SCALAR("kernel", NC_STRING, kernel),
    SCALAR("population_levels", NC_INT, population_levels),
    SCALAR("final_levels", NC_INT, final_levels),
    SCALAR("power_maximum", NC_DOUBLE, power_maximum.value),
    SCALAR("power_maximum_collision", NC_INT64, power_maximum.collision),
    SCALAR("ergotropy_power_maximum", NC_DOUBLE, ergotropy_power_maximum.value),
    SCALAR("ergotropy_power_maximum_collision", NC_INT64, ergotropy_power_maximum.collision),
    SCALAR("ledger_battery", NC_DOUBLE, ledger.battery),
    SCALAR("ledger_atoms", NC_DOUBLE, ledger.atoms),
    SCALAR("ledger_switching", NC_DOUBLE, ledger.switching),
    SCALAR("ledger_heat", NC_DOUBLE, ledger.heat),
    SCALAR("ledger_drive", NC_DOUBLE, ledger.drive),
    SCALAR("ledger_residual", NC_DOUBLE, ledger.residual),
    SCALAR("ledger_moduli", NC_DOUBLE, ledger.moduli),
    SCALAR("truncation_levels", NC_INT, truncation.levels),
    SCALAR("truncation_top_population_max", NC_DOUBLE, truncation.top_population_max),
    SCALAR("truncation_error_bound", NC_DOUBLE, truncation.error_bound),
    SCALAR("truncation_trace_drift", NC_DOUBLE, truncation.trace_drift),
    SCALAR("wall_seconds_setup", NC_DOUBLE, wall_seconds.setup),
    SCALAR("wall_seconds_collisions", NC_DOUBLE, wall_seconds.collisions),
    SCALAR("wall_seconds_observables", NC_DOUBLE, wall_seconds.observables),
    SCALAR(UMI_NETCDF_OUTPUT_NAME, NC_DOUBLE, wall_seconds.output),
    SCALAR("wigner_min", NC_DOUBLE, wigner_grid.min),
    SCALAR("wigner_max", NC_DOUBLE, wigner_grid.max),
    SCALAR("wigner_points", NC_INT, wigner_grid.points),
    {0},
};

const umi_netcdf_field umi_netcdf_delivered[] = {
    SCALAR("delivered_energy", NC_DOUBLE, delivered_energy),
    SCALAR("delivered_ergotropy", NC_DOUBLE, delivered_ergotropy),
    {0},
};

const umi_netcdf_field umi_netcdf_scale[] = {
    SCALAR("si_omega", NC_DOUBLE, scale.omega),
    SCALAR("si_second", NC_DOUBLE, scale.second),
    SCALAR("si_joule", NC_DOUBLE, scale.joule),
    {0},
};

const umi_netcdf_field umi_netcdf_plateaus[] = {
    {"plateau_charging_time", "1", "first collision of the plateau", NC_INT64,
     offsetof(um_plateau, charging_time)},
    {"plateau_end", "1", "last collision of the plateau, -1: still on at the end of the run",
     NC_INT64, offsetof(um_plateau, end)},
    {"plateau_collision", "1", "collision at which its numbers are taken", NC_INT64,
     offsetof(um_plateau, at)},
    {"plateau_energy", "omega", "energy on the plateau", NC_DOUBLE, offsetof(um_plateau, energy)},
    {"plateau_ergotropy", "omega", "ergotropy on the plateau", NC_DOUBLE,
     offsetof(um_plateau, ergotropy)},
    {"plateau_purity", "1", "purity on the plateau", NC_DOUBLE, offsetof(um_plateau, purity)},
    {"plateau_passage_90", "1", "first collision with 90 % of that energy, -1: none", NC_INT64,
     offsetof(um_plateau, passage_90)},
    {"plateau_passage_99", "1", "first collision with 99 % of that energy, -1: none", NC_INT64,
     offsetof(um_plateau, passage_99)},
    {0},
};

const umi_netcdf_field umi_netcdf_stages[] = {
    {"stage_collisions", "1", "collisions done in the stage", NC_INT64,
     offsetof(um_stage_summary, collisions)},
    {"stage_duration", "time", "model time of the stage", NC_DOUBLE,
     offsetof(um_stage_summary, duration)},
    {"stage_method", NULL, "method that stepped the stage", NC_STRING,
     offsetof(um_stage_summary, method)},
    {0},
};

#define OF_STAGE(name, units, long_name, field) \
    { \
        name, units, long_name, NC_DOUBLE, offsetof(um_stage_summary, field) \
    }

const umi_netcdf_field umi_netcdf_protocol[] = {
    {"stage_end", "1", "0: not over, 1: all of it is done, 2: its condition was met", NC_INT,
     offsetof(um_stage_summary, end)},
    OF_STAGE("stage_energy_start", "omega", "energy of the battery at the start", energy_start),
    OF_STAGE("stage_energy_end", "omega", "energy at the end", energy_end),
    OF_STAGE("stage_ergotropy_start", "omega", "ergotropy at the start", ergotropy_start),
    OF_STAGE("stage_ergotropy_end", "omega", "ergotropy at the end", ergotropy_end),
    OF_STAGE("stage_delivered_energy", "omega", "energy that atoms carried away",
             delivered_energy),
    OF_STAGE("stage_delivered_ergotropy", "omega", "ergotropy that atoms carried away, each its own",
             delivered_ergotropy),
    OF_STAGE("stage_half_life_energy", "time", "time in which the stored energy fell to half",
             half_life_energy),
    OF_STAGE("stage_half_life_ergotropy", "time", "time in which the stored ergotropy fell to half",
             half_life_ergotropy),
    OF_STAGE("stage_ledger_battery", "omega", "change of the battery's energy", ledger.battery),
    OF_STAGE("stage_ledger_atoms", "omega", "change of the atoms' energy", ledger.atoms),
    OF_STAGE("stage_ledger_switching", "omega", "work of switching", ledger.switching),
    OF_STAGE("stage_ledger_heat", "omega", "heat from the environment", ledger.heat),
    OF_STAGE("stage_ledger_drive", "omega", "work of the drive", ledger.drive),
    OF_STAGE("stage_ledger_residual", "omega", "battery + atoms - switching - heat - drive",
             ledger.residual),
    OF_STAGE("stage_ledger_moduli", "omega", "sum of the moduli of all terms", ledger.moduli),
    {0},
};

const umi_netcdf_field umi_netcdf_forward[] = {
    {"stage_forward_from", "1", "collision from which fast-forward carried the stage, -1: none",
     NC_INT64, offsetof(um_stage_summary, forward.from)},
    {"stage_forward_to", "1", "collision to which it did", NC_INT64,
     offsetof(um_stage_summary, forward.to)},
    {"stage_forward_levels", "1", "levels it worked on", NC_INT,
     offsetof(um_stage_summary, forward.levels)},
    {"stage_forward_orders", "1", "coherence orders it worked on", NC_INT,
     offsetof(um_stage_summary, forward.orders)},
    {"stage_forward_rank", "1", "dimension of the space the trajectory was compressed to", NC_INT,
     offsetof(um_stage_summary, forward.rank)},
    {"stage_forward_bound", "1", "trace norm of what compression changed at most", NC_DOUBLE,
     offsetof(um_stage_summary, forward.bound)},
    {"stage_forward_truncation", "1",
     "largest trace-norm difference to the same with fewer levels; 0: none are missing", NC_DOUBLE,
     offsetof(um_stage_summary, forward.truncation)},
    {0},
};

const umi_netcdf_field umi_netcdf_states[] = {
    {"saved_state", "1", "collision of the saved state", NC_INT64,
     offsetof(um_saved_state, collision)},
    {"state_levels", "1", "levels of the saved state; zero beyond", NC_INT,
     offsetof(um_saved_state, levels)},
    {0},
};

const umi_netcdf_field umi_netcdf_wigners[] = {
    {"saved_wigner", "1", "collision of the saved phase-space functions", NC_INT64,
     offsetof(um_saved_wigner, collision)},
    {0},
};

size_t umi_netcdf_type_size(nc_type type)
{
    switch (type) {
    case NC_BYTE:
        return sizeof(bool);
    case NC_INT:
        return sizeof(int);
    case NC_INT64:
        return sizeof(int64_t);
    case NC_STRING:
        return sizeof(char *);
    default:
        return sizeof(double);
    }
}

const char *umi_stage_kind_get_name(um_stage_kind kind)
{
    switch (kind) {
    case UM_STAGE_CHARGE:
        return "charge";
    case UM_STAGE_STORE:
        return "store";
    case UM_STAGE_DISCHARGE:
        return "discharge";
    case UM_STAGE_DRIVE:
        return "drive";
    }
    return NULL;
}

static pthread_mutex_t libraries = PTHREAD_MUTEX_INITIALIZER;

void umi_netcdf_lock(void) { pthread_mutex_lock(&libraries); }

void umi_netcdf_unlock(void) { pthread_mutex_unlock(&libraries); }
