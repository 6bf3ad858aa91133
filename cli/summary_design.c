/* The table of designs for a person. */
#include <math.h>
#include <stdio.h>

#include "summary_design.h"

/* Four digits or more in so many columns; "-" where it is not known. */
static void print_cell(int width, int digits, double value, FILE *stream)
{
    if (isnan(value))
        fprintf(stream, " %*s", width, "-");
    else
        fprintf(stream, " %*.*g", width, digits, value);
}

static void print_angle(const um_design *design, bool cavity, FILE *stream)
{
    char text[48], turns[16] = "";
    if (design->half_turns > 1) snprintf(turns, sizeof turns, "%d ", design->half_turns);
    snprintf(text, sizeof text, cavity ? "%spi/sqrt(%d)" : "%spi/|d_%d|", turns, design->trap + 1);
    fprintf(stream, " %-15s", text);
}

void cli_print_designs(const um_design *designs, size_t count, const um_design_options *options,
                       FILE *stream)
{
    bool cavity = !options || options->battery.kind == UM_BATTERY_CAVITY;
    fprintf(stream, "trap    theta                        q   energy    relax  charged     leak"
                    "    dE/dq    dE/dc    dP/dc\n");
    for (size_t i = 0; i < count; i++) {
        const um_design *design = &designs[i];
        fprintf(stream, "%4d %8.6f", design->trap, design->theta);
        print_angle(design, cavity, stream);
        print_cell(8, 6, design->q, stream);
        print_cell(8, 6, design->energy, stream);
        print_cell(8, 4, design->relaxation, stream);
        print_cell(8, 7, design->charging_time < 0 ? NAN : (double)design->charging_time, stream);
        print_cell(8, 2, design->leak_missed, stream);
        print_cell(8, 4, design->energy_dq, stream);
        print_cell(8, 4, design->energy_dc, stream);
        print_cell(8, 4, design->purity_dc, stream);
        fputc('\n', stream);
    }
    double ground = designs[0].energy - designs[0].ergotropy;
    fprintf(stream, "Coherent atoms, c = 1. Every plateau is pure (purity 1), ergotropy = energy");
    if (fabs(ground) > 1e-12) fprintf(stream, " %+g", -ground);
    fprintf(
        stream,
        ".\n"
        "relax: collisions in which the slowest mode inside falls to 1/e; charged: first\n"
        "collision of the 2 %% plateau from vacuum; dE/dq, dE/dc, dP/dc: what errors of q and c\n"
        "do to energy and purity.\n");
    if (options)
        fprintf(stream,
                "leak: population lost per collision if theta is missed by %g %% (the worse "
                "side); 0 on the trap.\n",
                100 * options->theta_error);
}
