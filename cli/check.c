/* umaser check: the resolved configuration, what an atom brings, where the climb is trapped. */
#include <float.h>
#include <math.h>
#include <stdio.h>

#include "model.h"
#include "si.h"

enum { TRAPS = 5 };

typedef struct trap {
    int level, half_turns;
} trap;

static bool has_atoms(const um_stage *stage)
{
    return stage->kind == UM_STAGE_CHARGE || stage->kind == UM_STAGE_DISCHARGE;
}

static bool is_resonant(const um_battery *battery, const um_stage *stage)
{
    return battery->kind != UM_BATTERY_CUSTOM && stage->atoms.detuning == 0 &&
           stage->interaction.counter_rotating == 0 && stage->interaction.theta > 0;
}

/* Levels n with sin(theta d_(n+1)) = 0 up to rounding: no quantum climbs beyond them. */
static int find_traps(const um_battery *battery, const um_stage *stage, trap traps[TRAPS])
{
    if (!is_resonant(battery, stage)) return 0;
    int last = battery->levels == UM_LEVELS_AUTO ? battery->max_levels : battery->levels, count = 0;
    if (battery->kind == UM_BATTERY_LADDER) last = 2; /* every level is like the first */
    for (int n = 0; n < last - 1 && count < TRAPS; n++) {
        long double d = battery->kind == UM_BATTERY_CAVITY ? sqrtl((long double)n + 1) : 1;
        long double turns = stage->interaction.theta * d / acosl(-1);
        long double whole = roundl(turns);
        if (whole < 1 || whole > 1e6L || fabsl(turns - whole) > 8 * DBL_EPSILON * whole) continue;
        traps[count++] = (trap){n, (int)whole};
    }
    return count;
}

static void print_traps(const trap *traps, int count, size_t stage)
{
    if (count == 0) return;
    printf("# stage %zu: exact traps: no quantum climbs beyond level", stage);
    for (int k = 0; k < count; k++)
        printf("%s %d (half turns: %d)", k ? "," : "", traps[k].level, traps[k].half_turns);
    printf("%s\n", count == TRAPS ? ", ..." : "");
}

static void print_comments(const um_spec *spec)
{
    double frequency = spec->battery.frequency;
    cli_print_si_comments(spec);
    for (size_t i = 0; i < spec->stages_count; i++) {
        const um_stage *stage = &spec->stages[i];
        trap traps[TRAPS];
        if (!has_atoms(stage)) continue;
        printf("# stage %zu: an atom brings the energy %.10g and the ergotropy %.10g (in omega); "
               "omega_q = %.10g\n",
               i, um_atoms_get_energy(&stage->atoms, frequency),
               um_atoms_get_ergotropy(&stage->atoms, frequency), frequency + stage->atoms.detuning);
        print_traps(traps, find_traps(&spec->battery, stage, traps), i);
    }
}

static void print_json_text(const char *text)
{
    putchar('"');
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\')
            printf("\\%c", *at);
        else if (*at == '\n')
            printf("\\n");
        else if (*at < 0x20)
            printf("\\u%04x", *at);
        else
            putchar(*at);
    }
    putchar('"');
}

static void print_json(const um_spec *spec, const char *text)
{
    double frequency = spec->battery.frequency;
    printf("{\"status\": \"done\", \"config\": ");
    print_json_text(text);
    printf(", \"atoms\": [");
    bool first = true;
    for (size_t i = 0; i < spec->stages_count; i++) {
        const um_stage *stage = &spec->stages[i];
        trap traps[TRAPS];
        if (!has_atoms(stage)) continue;
        int count = find_traps(&spec->battery, stage, traps);
        printf("%s{\"stage\": %zu, \"energy\": %.17g, \"ergotropy\": %.17g, \"omega_q\": %.17g, "
               "\"traps\": [",
               first ? "" : ", ", i, um_atoms_get_energy(&stage->atoms, frequency),
               um_atoms_get_ergotropy(&stage->atoms, frequency), frequency + stage->atoms.detuning);
        for (int k = 0; k < count; k++)
            printf("%s{\"level\": %d, \"half_turns\": %d}", k ? ", " : "", traps[k].level,
                   traps[k].half_turns);
        printf("]}");
        first = false;
    }
    printf("]}\n");
}

int cli_check(um_context *ctx, const cli_options *options)
{
    cli_model it;
    um_run *run = NULL;
    um_status status = cli_model_open(ctx, options, &it);
    if (status == UM_OK) status = um_run_create(ctx, it.model, &run); /* what only a run can tell */
    int code = CLI_DONE;
    if (status != UM_OK) {
        if (it.config) um_config_locate_error(ctx, it.config);
        code = cli_report(ctx, options, NULL);
    } else if (options->json) {
        print_json(um_model_get_spec(it.model), it.text);
    } else {
        fputs(it.text, stdout);
        print_comments(um_model_get_spec(it.model));
    }
    um_run_destroy(run);
    cli_model_close(ctx, &it);
    return code;
}
