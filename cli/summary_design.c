/* The table of designs for a person. */
#include <math.h>
#include <stdio.h>

#include "summary_design.h"

/* "-" where it is not known; fewer digits where they would not fit. */
static void print_cell(int width, const char *format, double value, FILE *stream)
{
    char text[32] = "-";
    if (!isnan(value) && snprintf(text, sizeof text, format, value) > width)
        snprintf(text, sizeof text, "%.1e", value);
    fprintf(stream, " %*s", width, text);
}

/* Where the leak is not known, a power of ten it is below, if that leaves a plateau. */
static void print_leak(const um_design *design, FILE *stream)
{
    char text[32] = "-";
    if (!isnan(design->leak_missed))
        snprintf(text, sizeof text, "%.1e", design->leak_missed);
    else if (design->leak_bound > 0 && design->leak_bound * fmax(design->relaxation, 1) < 0.1)
        snprintf(text, sizeof text, "<1e%.0f", ceil(log10(design->leak_bound)));
    fprintf(stream, " %8s", text);
}

static void print_angle(const um_design *design, bool cavity, FILE *stream)
{
    char text[48], turns[16] = "";
    if (design->half_turns > 1) snprintf(turns, sizeof turns, "%d ", design->half_turns);
    snprintf(text, sizeof text, cavity ? "%spi/sqrt(%d)" : "%spi/|d_%d|", turns, design->trap + 1);
    fprintf(stream, " %-14s", text);
}

static void print_row(const um_design *design, const um_design_options *options, FILE *stream)
{
    bool cavity = options->battery.kind == UM_BATTERY_CAVITY;
    bool energy = options->target == UM_DESIGN_ENERGY;
    double charged = design->charging_time < 0 ? NAN : (double)design->charging_time;
    fprintf(stream, "%4d %8.6f", design->trap, design->theta);
    print_angle(design, cavity, stream);
    print_cell(8, design->q < 1e-3 ? "%.3g" : "%.6f", design->q, stream);
    print_cell(8, "%.6g", energy ? design->energy : design->ergotropy, stream);
    print_cell(9, "%.4g", design->relaxation, stream);
    print_cell(9, charged < 1e9 ? "%.0f" : "%.4g", charged, stream);
    print_leak(design, stream);
    print_cell(8, "%#.4g", design->energy_dq, stream);
    print_cell(8, "%#.4g", energy ? design->energy_dc : design->ergotropy_dc, stream);
    print_cell(7, "%#.3g", design->purity_dc, stream);
    fputc('\n', stream);
}

static void print_notes(const um_design *first, const um_design_options *options, FILE *stream)
{
    bool energy = options->target == UM_DESIGN_ENERGY;
    const char *name = energy ? "E" : "W";
    double shift = energy ? first->ergotropy - first->energy : first->energy - first->ergotropy;
    fprintf(stream, "\nCoherent atoms, c = 1: every plateau is pure (purity 1), %s = %s",
            energy ? "ergotropy" : "energy", energy ? "energy" : "ergotropy");
    if (fabs(shift) > 1e-12) fprintf(stream, " %+g", shift);
    fprintf(stream,
            ".\n"
            "relax    collisions in which the slowest mode inside falls to 1/e\n"
            "charged  first collision of the plateau from vacuum (within 2 %% from then on)\n"
            "leak     population lost per collision if theta is %g %% off, the worse side;\n"
            "         0 on the trap; -: no plateau is left, or not known\n"
            "d%s/dq    slopes: what errors of q and c do to %s and purity P\n",
            100 * options->theta_error, name, energy ? "energy E" : "ergotropy W");
}

void cli_print_designs(const um_design *designs, size_t count, const um_design_options *options,
                       FILE *stream)
{
    bool energy = options->target == UM_DESIGN_ENERGY;
    fprintf(stream,
            "trap theta                          q %8s     relax   charged     leak %8s "
            "%8s   dP/dc\n",
            energy ? "energy" : "ergotr.", energy ? "dE/dq" : "dW/dq", energy ? "dE/dc" : "dW/dc");
    fprintf(stream,
            "                                         omega    collis.   collis.  /collis.  "
            "  omega    omega\n");
    for (size_t i = 0; i < count; i++) print_row(&designs[i], options, stream);
    print_notes(&designs[0], options, stream);
}
