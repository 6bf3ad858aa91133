/* The summary of a steady analysis for a person. */
#include <math.h>
#include <stdio.h>

#include "summary.h"

static void print_number(const char *label, double value, const char *unit)
{
    if (!isnan(value)) printf("  %-22s %.10g%s%s\n", label, value, *unit ? " " : "", unit);
}

/* 123456, then 1.2346e+15: collisions as far as they can be counted. */
static void print_collision(int64_t collision)
{
    if (collision < 10000000)
        printf("%lld", (long long)collision);
    else
        printf("%.5g", (double)collision);
}

static void print_plateau(const um_steady *steady)
{
    const um_plateau *plateau = &steady->plateau;
    if (plateau->charging_time < 0) {
        printf("no plateau (a decade of collisions at least)\n");
        return;
    }
    printf("plateau from collision ");
    print_collision(plateau->charging_time);
    printf(" to ");
    if (plateau->end < 0)
        printf("the end and beyond");
    else
        print_collision(plateau->end);
    printf(" (numbers at ");
    print_collision(plateau->at);
    printf(")\n");
    print_number("energy", plateau->energy, "omega");
    print_number("ergotropy", plateau->ergotropy, "omega");
    print_number("purity", plateau->purity, "");
    if (isinf(steady->lifetime))
        printf("  %-22s for ever\n", "lifetime");
    else if (!isnan(steady->lifetime))
        printf("  %-22s %.5g collisions\n", "lifetime", steady->lifetime);
}

/* The others, by their order in time. */
static void print_other_plateaus(const um_result *run)
{
    for (size_t i = 1; run && i < run->plateaus_count; i++) {
        const um_plateau *plateau = &run->plateaus[i];
        printf("also from ");
        print_collision(plateau->charging_time);
        printf(" to ");
        if (plateau->end < 0)
            printf("the end");
        else
            print_collision(plateau->end);
        printf(": energy %.8g omega", plateau->energy);
        if (!isnan(plateau->purity)) printf(", purity %.6g", plateau->purity);
        printf("\n");
    }
}

static void print_limit(const um_steady *steady)
{
    const um_limit *limit = &steady->limit;
    bool numbers = limit->collision >= 0;
    printf("limit: ");
    if (limit->status == UM_LIMIT_REACHED)
        printf("reached, still from collision ");
    else if (limit->status == UM_LIMIT_UNDECIDED)
        printf("undecided%s", numbers ? "; after collision " : "");
    else if (limit->level >= 0)
        printf("none, it escapes through level %d and climbs on%s", limit->level,
               numbers ? "; after collision " : "");
    else
        printf("none, it climbs on%s", numbers ? "; after collision " : "");
    if (numbers) print_collision(limit->collision);
    printf("\n");
    print_number("energy", limit->energy, "omega");
    print_number("ergotropy", limit->ergotropy, "omega");
    print_number("purity", limit->purity, "");
}

static void print_stationary(const um_stationary *stationary)
{
    if (stationary->levels == 0) return;
    printf("stationary state, the only one\n");
    print_number("energy", stationary->energy, "omega");
    print_number("ergotropy", stationary->ergotropy, "omega");
    print_number("purity", stationary->purity, "");
}

/* A number of a table, or what stands for none. */
static void print_cell(int width, int digits, double value)
{
    if (isnan(value))
        printf(" %*s", width, "-");
    else if (isinf(value))
        printf(" %*s", width, "for ever");
    else
        printf(" %*.*g", width, digits, value);
}

static void print_chambers(const um_steady *steady)
{
    if (steady->chambers_count == 0) return;
    printf("chambers\n  %-10s %-6s %11s %10s %10s %11s %10s\n", "levels", "trap", "population",
           "energy", "purity", "leak", "lifetime");
    for (size_t i = 0; i < steady->chambers_count; i++) {
        const um_chamber *chamber = &steady->chambers[i];
        char levels[32];
        snprintf(levels, sizeof levels, "%d-%d", chamber->first, chamber->last);
        printf("  %-10s %-6s", levels, chamber->exact ? "exact" : chamber->open ? "none" : "near");
        print_cell(11, 5, chamber->population);
        print_cell(10, 7, chamber->energy);
        print_cell(10, 7, chamber->purity);
        print_cell(11, 5, chamber->leak);
        print_cell(10, 5, chamber->exact ? INFINITY : chamber->leak > 0 ? 1 / chamber->leak : NAN);
        printf("\n");
    }
}

static void print_modes(const um_spectrum *spectrum)
{
    if (spectrum->count == 0) return;
    printf("leading modes of %d levels", spectrum->levels);
    if (spectrum->dropped > 0)
        printf(" (%d left out: they live on the artificial top)", spectrum->dropped);
    printf("\n  %-16s %11s %11s %5s\n", "modulus", "decay", "relaxation", "times");
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        printf("  %-16.14g", mode->modulus);
        if (mode->decay == 0 && mode->error > 0) {
            /* Not known to be exactly on the unit circle. */
            char below[16], beyond[16];
            snprintf(below, sizeof below, "<%.0e", mode->error);
            snprintf(beyond, sizeof beyond, ">%.0e", 1 / mode->error);
            printf(" %11s %11s", below, beyond);
        } else {
            print_cell(11, 5, mode->decay);
            print_cell(11, 5, mode->relaxation);
        }
        printf(" %5d\n", mode->multiplicity);
    }
}

void cli_print_steady(const um_steady *steady)
{
    print_plateau(steady);
    print_other_plateaus(steady->run);
    print_limit(steady);
    print_stationary(&steady->stationary);
    print_chambers(steady);
    print_modes(&steady->spectrum);
    if (steady->run) cli_print_stages(steady->run);
    printf("seconds: %.3g\n", steady->wall_seconds);
    for (size_t i = 0; i < steady->warnings_count; i++)
        printf("warning: %s\n", steady->warnings[i]);
}
