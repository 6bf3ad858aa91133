/* A table of designs over theta: what they need, how fast they are, what they lose. */
#include <math.h>
#include <string.h>

#include "plot.h"

/* A mark and a colour for each number of half turns; all above the last look like it. */
static const struct {
    int point, open; /* filled and open mark */
    const char *colour, *name;
} kinds[] = {{7, 6, "#0072B2", "1 half turn"},
             {5, 4, "#D55E00", "3 half turns"},
             {9, 8, "#009E73", "5 and more"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Columns of the data, counted from 1. */
enum { THETA = 1, Q, ENERGY, RELAXATION, CHARGING, LEAK, BOUND, SLOPE };

static int get_kind(const um_design *design)
{
    int kind = (design->half_turns - 1) / 2;
    return kind < KINDS ? kind : KINDS - 1;
}

static double get_value(const um_design *design, int column)
{
    switch (column) {
    case THETA:
        return design->theta;
    case Q:
        return design->q;
    case ENERGY:
        return design->energy;
    case RELAXATION:
        return design->relaxation;
    case CHARGING:
        return design->charging_time > 0 ? (double)design->charging_time : NAN;
    case LEAK:
        return design->leak_missed > 0 ? design->leak_missed : NAN;
    case BOUND: /* where the leak itself is not known */
        return isnan(design->leak_missed) && design->leak_bound > 0 &&
                       design->leak_bound * fmax(design->relaxation, 1) < 0.1
                   ? design->leak_bound
                   : NAN;
    default:
        return design->energy_dq != 0 ? fabs(design->energy_dq) : NAN;
    }
}

static void get_range(const plot_designs *designs, int column, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < designs->count; i++) {
        double value = get_value(&designs->of[i], column);
        if (!isfinite(value)) continue;
        *low = fmin(*low, value);
        *high = fmax(*high, value);
    }
}

static bool has(const plot_designs *designs, int column)
{
    double low, high;
    get_range(designs, column, &low, &high);
    return low <= high;
}

static bool has_kind(const plot_designs *designs, int kind)
{
    for (size_t i = 0; i < designs->count; i++)
        if (get_kind(&designs->of[i]) == kind) return true;
    return false;
}

static void write_data(FILE *script, const plot_designs *designs)
{
    for (int kind = 0; kind < KINDS; kind++) {
        if (!has_kind(designs, kind)) continue;
        fprintf(script, "$kind%d << EOD\n", kind);
        for (size_t i = 0; i < designs->count; i++) {
            if (get_kind(&designs->of[i]) != kind) continue;
            for (int column = THETA; column <= SLOPE; column++) {
                double value = get_value(&designs->of[i], column);
                if (isfinite(value))
                    fprintf(script, "%.9g ", value);
                else
                    fputs("NaN ", script);
            }
            fputc('\n', script);
        }
        fputs("EOD\n", script);
    }
}

/* `second` in open marks, bounds in triangles that point down; 0: none. */
static void write_points(FILE *script, const plot_designs *designs, int first, int second)
{
    enum { DOWN = 10 };
    const char *separator = "plot ";
    for (int kind = 0; kind < KINDS; kind++) {
        if (!has_kind(designs, kind)) continue;
        for (int open = 0; open <= (second != 0); open++) {
            int mark = second == BOUND ? DOWN : kinds[kind].open;
            fprintf(script, "%s$kind%d using %d:%d with points pt %d ps 0.6 lc rgb '%s'", separator,
                    kind, THETA, open ? second : first, open ? mark : kinds[kind].point,
                    kinds[kind].colour);
            separator = ", ";
        }
    }
    fputs("\nunset label\n", script);
}

static void write_key(FILE *script, const plot_designs *designs)
{
    double x = 0.16;
    int names = 0;
    for (int kind = 0; kind < KINDS; kind++) names += has_kind(designs, kind);
    for (int kind = 0; kind < KINDS && names > 1; kind++) {
        if (!has_kind(designs, kind)) continue;
        fprintf(script,
                "set label '%s' at screen %.3f, screen 0.97 point pt %d ps 0.6 lc rgb '%s' offset "
                "1,-0.2 font ',14'\n",
                kinds[kind].name, x, kinds[kind].point, kinds[kind].colour);
        x += 0.27;
    }
}

/* Whole decades, a mark's size away from the data. */
static void write_decades(FILE *script, const plot_designs *designs, int first, int second)
{
    double low, high, other_low = INFINITY, other_high = -INFINITY;
    get_range(designs, first, &low, &high);
    if (second) get_range(designs, second, &other_low, &other_high);
    low = log10(fmin(low, other_low));
    high = log10(fmax(high, other_high));
    double room = 0.2 + 0.03 * (high - low);
    int from = (int)floor(low - room), to = (int)ceil(high + room);
    fprintf(script,
            "set logscale y\nset yrange [1e%d:1e%d]\nset ytics 1e%d,1e%d\nset mytics %d\n"
            "set format y '10^{%%T}'\n",
            from, to, from, (to - from + 3) / 4, to - from <= 4 ? 10 : 1);
}

typedef struct panel {
    int first, second; /* columns */
    const char *name, *note;
} panel;

static void write_linear(FILE *script, const plot_designs *designs, int column)
{
    double low, high;
    get_range(designs, column, &low, &high);
    fprintf(script,
            "unset logscale y\nset format y '%%g'\nset ytics auto\nset mytics 2\n"
            "set yrange [%.9g:%.9g]\n",
            low < 0 ? 1.1 * low : 0.0,
            column == Q ? 1.0
            : high > 0  ? 1.1 * high
                        : 1);
}

static int choose_panels(const plot_designs *designs, panel panels[3])
{
    double low, high;
    int count = 0;
    get_range(designs, ENERGY, &low, &high);
    bool same = high - low <= 0.05 * fabs(high);
    panels[count++] =
        same ? (panel){Q, 0, "{/:Italic q}", NULL} : (panel){ENERGY, 0, "energy / ħω", NULL};
    if (has(designs, RELAXATION) || has(designs, CHARGING))
        panels[count++] =
            (panel){RELAXATION, CHARGING, "collisions", "filled: relaxation, open: charging time"};
    if (has(designs, LEAK) || has(designs, BOUND))
        panels[count++] = (panel){LEAK, has(designs, BOUND) ? BOUND : 0, "leak per collision",
                                  has(designs, BOUND) ? "if θ is missed; triangles: less than this"
                                                      : "if θ is missed"};
    else if (has(designs, SLOPE))
        panels[count++] = (panel){SLOPE, 0, "|d{/:Italic E}/d{/:Italic q}| / ħω", NULL};
    return count;
}

void plot_designs_write(FILE *script, const plot_designs *designs, enum plot_format format)
{
    panel panels[3];
    int count = choose_panels(designs, panels);
    double height = 0.35 + 0.28 * count, gap = 0.06 / height;
    double low, high, top = 0.945, bottom = 0.12 / height - gap, step = (top - bottom) / count;
    get_range(designs, THETA, &low, &high);
    double room = high > low ? 0.05 * (high - low) : 0.05 * high;
    plot_script_terminal(script, format, height);
    write_data(script, designs);
    fprintf(script,
            "set datafile missing 'NaN'\nset multiplot\nset xrange [%.9g:%.9g]\nset mxtics 2\n",
            low - room, high + room);
    write_key(script, designs);
    for (int i = 0; i < count; i++) {
        const panel *it = &panels[i];
        plot_script_panel(script, 0.155, 0.965, top - (i + 1) * step + gap, top - i * step);
        fprintf(script, "set format x '%s'\n", i + 1 == count ? "%g" : "");
        if (it->first == Q || it->first == ENERGY)
            write_linear(script, designs, it->first);
        else
            write_decades(script, designs, it->first, it->second);
        plot_script_names(script, i + 1 == count ? "θ / rad" : NULL, it->name, NULL);
        if (it->note)
            fprintf(script, "set label '%s' at graph 0, graph 1.07 font ',13'\n", it->note);
        write_points(script, designs, it->first, it->second);
    }
    fputs("unset multiplot\n", script);
}

/* A bar for the relaxation time, in decades, from one collision on. */
void plot_designs_print(const plot_designs *designs, int width, bool utf8, FILE *stream)
{
    enum { LABEL = 44 };
    double low, high;
    get_range(designs, RELAXATION, &low, &high);
    int bars = width > LABEL + 4 ? width - LABEL : 0;
    fprintf(stream, "trap    theta        q   energy  relaxation, collisions (bar: logarithm)\n");
    for (size_t i = 0; i < designs->count; i++) {
        const um_design *design = &designs->of[i];
        fprintf(stream, "%4d %8.6f %8.6f %8.6g", design->trap, design->theta, design->q,
                design->energy);
        if (isfinite(design->relaxation)) {
            fprintf(stream, " %10.4g ", design->relaxation);
            double part = high > 1 ? log10(fmax(design->relaxation, 1)) / log10(high) : 0;
            for (int j = 0; j < (int)lround(part * bars); j++) fputs(utf8 ? "█" : "#", stream);
        }
        fputc('\n', stream);
    }
}
