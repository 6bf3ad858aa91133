/* A sweep over one parameter: a panel per number, a line per value of a second parameter. */
#include <math.h>

#include "plot_sweep.h"

enum { COLOURS = 6 };
static const char *const colours[COLOURS] = {"#0072B2", "#D55E00", "#009E73",
                                             "#CC79A7", "#56B4E9", "#000000"};
static const char *const dashes[COLOURS] = {"solid", "(9,4)", "(2,3)", "(9,3,2,3)", "(5,3)", "solid"};

static size_t count_lines(const plot_sweep *sweep)
{
    return sweep->y < 0 ? 1 : sweep->table->axes[sweep->y].count;
}

static void write_number(FILE *script, double value)
{
    if (isfinite(value))
        fprintf(script, " %.9g", value);
    else
        fputs(" NaN", script);
}

/* One block per line: place, then per column value, and the ends of its error. */
static void write_data(FILE *script, const plot_sweep *sweep, const plot_scale *x)
{
    for (size_t j = 0; j < count_lines(sweep); j++) {
        fprintf(script, "$line%zu << EOD\n", j);
        for (size_t i = 0; i < x->axis->count; i++) {
            fprintf(script, "%.9g", plot_scale_place(x, i));
            for (size_t k = 0; k < sweep->columns; k++) {
                const double *errors = plot_sweep_error(sweep, k);
                double value = plot_sweep_value(sweep, k, i, j);
                double error = errors ? errors[plot_sweep_point(sweep, i, j)] : 0;
                write_number(script, value);
                write_number(script, value - error);
                write_number(script, value + error);
            }
            fprintf(script, " %d\n", sweep->table->status[plot_sweep_point(sweep, i, j)] > 0);
        }
        fputs("EOD\n", script);
    }
}

static void write_key(FILE *script, const plot_sweep *sweep)
{
    if (sweep->y < 0) return;
    plot_scale y = plot_scale_choose(&sweep->table->axes[sweep->y]);
    double place = 0.155;
    size_t lines = count_lines(sweep);
    fprintf(script, "set label '%s' at screen 0.155, screen 0.975 font ',14'\n", plot_scale_name(&y));
    for (size_t j = 0; j < lines; j++, place += 0.8 / (double)lines) {
        fputs("set label '", script);
        if (y.named)
            plot_scale_write_text(script, &y, j);
        else
            fprintf(script, "%.4g", y.axis->values[j]);
        fprintf(script,
                "' noenhanced at screen %.3f, screen 0.925 offset 3.2,0 font ',%d'\n"
                "set arrow from screen %.3f, screen 0.925 to screen %.3f, screen 0.925 nohead lw 2 lc "
                "rgb '%s' dt %s\n",
                place, y.named ? 11 : 14, place, place + 0.045, colours[j % COLOURS], dashes[j % COLOURS]);
    }
}

static void write_range(FILE *script, const plot_sweep *sweep, size_t column)
{
    double low, high;
    if (plot_sweep_is_wide(sweep, column, &low, &high)) {
        int from = (int)floor(log10(low) - 0.1), to = (int)ceil(log10(high) + 0.1);
        fprintf(script,
                "set logscale y\nset yrange [1e%d:1e%d]\nset ytics 1e%d,1e%d\nset mytics %d\n"
                "set format y '10^{%%T}'\n",
                from, to, from, (to - from) / 5 + 1, to - from <= 5 ? 10 : 1);
        return;
    }
    double room = high > low ? 0.06 * (high - low) : 0.05 * fabs(high) + 1e-9;
    if (low >= 0 && low < 0.4 * high) low = room > 0 ? room : 0;
    fprintf(script,
            "unset logscale y\nset yrange [%.9g:%.9g]\nset ytics auto\nset mytics 2\nset format y "
            "'%%g'\n",
            low - room, high + room);
}

/* Bands first, so that no line is hidden; failed points as crosses at the foot. */
static void write_curves(FILE *script, const plot_sweep *sweep, size_t column)
{
    bool few = sweep->table->axes[sweep->x].count <= 100;
    int value = 2 + 3 * (int)column, failed = 2 + 3 * (int)sweep->columns;
    const char *separator = "plot ";
    for (size_t j = 0; j < count_lines(sweep) && plot_sweep_error(sweep, column); j++) {
        fprintf(script, "%s$line%zu using 1:%d:%d with filledcurves fs transparent solid 0.25 noborder lc rgb '%s'",
                separator, j, value + 1, value + 2, colours[j % COLOURS]);
        separator = ", ";
    }
    for (size_t j = 0; j < count_lines(sweep); j++) {
        fprintf(script, "%s$line%zu using 1:%d with %s lw 2 lc rgb '%s' dt %s%s", separator, j, value,
                few ? "linespoints" : "lines", colours[j % COLOURS], dashes[j % COLOURS],
                few ? " pt 7 ps 0.2" : "");
        separator = ", ";
        fprintf(script,
                ", $line%zu using 1:($%d > 0 ? 0.03 : NaN) axes x1y2 with points pt 2 ps 0.6 lc rgb "
                "'#666666'",
                j, failed);
    }
    fputs("\nunset label\nunset arrow\n", script);
}

void plot_sweep_write_lines(FILE *script, const plot_sweep *sweep, enum plot_format format)
{
    plot_scale x = plot_scale_choose(&sweep->table->axes[sweep->x]);
    double count = (double)sweep->columns, height = 0.3 + 0.34 * count;
    double top = sweep->y < 0 ? 0.965 : 0.88, bottom = 0.13 / height, gap = 0.04 / height;
    double step = (top - bottom + gap) / count;
    double margin = x.named ? 0.5 : 0.02 * (x.high - x.low);
    plot_script_terminal(script, format, height);
    plot_sweep_write_fixed(script, sweep);
    write_data(script, sweep, &x);
    fprintf(script, "set multiplot\nset y2range [0:1]\nset xrange [%.9g:%.9g]\n",
            x.low - margin, x.high + margin);
    for (size_t k = 0; k < sweep->columns; k++) {
        bool last = k + 1 == sweep->columns;
        char label[96];
        plot_sweep_label(sweep, k, label);
        plot_script_panel(script, 0.155, 0.965, top - (double)(k + 1) * step + gap,
                          top - (double)k * step);
        if (k == 0) write_key(script, sweep);
        plot_scale_tics(script, &x, 'x', last);
        write_range(script, sweep, k);
        plot_script_names(script, last ? plot_scale_name(&x) : NULL, label, NULL);
        write_curves(script, sweep, k);
    }
    fputs("unset multiplot\n", script);
}
