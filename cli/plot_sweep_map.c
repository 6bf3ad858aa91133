/* A sweep over two parameters: a map per number, with contours, traps and failed points. */
#include <math.h>
#include <string.h>

#include "plot_sweep.h"

/* cividis: the same order of lightness for every eye. */
#define PALETTE \
    "0 '#00224e', 1 '#35456c', 2 '#666970', 3 '#948e77', 4 '#c8b866', 5 '#fee838'"
enum { CONTOURS = 7, FAILED_MAX = 4000, TRAPS_MAX = 24 };

/* Gnuplot's grid: a block of lines per x. Wide numbers as their logarithm. */
static void write_grid(FILE *script, const plot_sweep *sweep, size_t column, const plot_scale *x,
                       const plot_scale *y, bool wide)
{
    fprintf(script, "$grid << EOD\n");
    for (size_t i = 0; i < x->axis->count; i++) {
        for (size_t j = 0; j < y->axis->count; j++) {
            double value = plot_sweep_value(sweep, column, i, j);
            if (wide) value = log10(value);
            fprintf(script, "%.9g %.9g ", plot_scale_place(x, i), plot_scale_place(y, j));
            if (isfinite(value))
                fprintf(script, "%.9g\n", value);
            else
                fputs("NaN\n", script);
        }
        fputc('\n', script);
    }
    fputs("EOD\n", script);
}

/* Points that failed, thinned out where they would make a black area. */
static size_t write_failed(FILE *script, const plot_sweep *sweep, const plot_scale *x, const plot_scale *y)
{
    size_t count = 0, seen = 0, all = x->axis->count * y->axis->count;
    fputs("$failed << EOD\n", script);
    for (size_t point = 0; point < all; point++) {
        size_t i = point / y->axis->count, j = point % y->axis->count;
        if (sweep->table->status[plot_sweep_point(sweep, i, j)] <= 0) continue;
        if (seen++ % (all / FAILED_MAX + 1) != 0) continue;
        fprintf(script, "%.9g %.9g\n", plot_scale_place(x, i), plot_scale_place(y, j));
        count++;
    }
    fputs("EOD\n", script);
    return count;
}

/* Half the way to the neighbours. */
static double edge(const plot_scale *scale, size_t index, int side)
{
    size_t last = scale->axis->count - 1;
    double here = plot_scale_place(scale, index);
    if (last == 0) return here + 0.5 * side;
    if (side < 0) {
        double other = index > 0 ? plot_scale_place(scale, index - 1) : 2 * here - plot_scale_place(scale, 1);
        return 0.5 * (here + other);
    }
    double other = index < last ? plot_scale_place(scale, index + 1) : 2 * here - plot_scale_place(scale, last - 1);
    return 0.5 * (here + other);
}

/* theta = pi/sqrt(n+1): no quantum climbs beyond level n of a cavity. */
static void write_traps(FILE *script, const plot_sweep *sweep, const plot_scale *x)
{
    bool angle = strcmp(x->axis->keys[0], "interaction.theta") == 0 && !x->log && !x->named;
    if (!angle || !sweep->table->config || !strstr(sweep->table->config, "kind: cavity")) return;
    double named = INFINITY;
    for (int n = 0, drawn = 0; n < 400 && drawn < TRAPS_MAX; n++) {
        double theta = acos(-1) / sqrt(n + 1.0);
        if (theta < x->low || theta > x->high) continue;
        /* White under black dashes: seen on light and on dark. */
        for (int under = 1; under >= 0; under--)
            fprintf(script,
                    "set arrow from first %.9g, graph 0 to first %.9g, graph 1 nohead front %s\n", theta,
                    theta, under ? "lw 1.4 lc rgb '#ffffff'" : "lw 0.8 dt (2,4) lc rgb '#000000'");
        if (named - theta > 0.055 * (x->high - x->low)) {
            fprintf(script, "set label '%d' at first %.9g, graph 1.035 center font ',13'\n", n, theta);
            named = theta;
        }
        drawn++;
    }
}

static void write_colours(FILE *script, double low, double high, bool wide)
{
    fprintf(script, "set palette defined (" PALETTE ")\nset cbrange [%.9g:%.9g]\n", low, high);
    fprintf(script, "set cbtics scale 0.5 font ',14'\nset format cb '%s'\n", wide ? "10^{%g}" : "%g");
    if (wide)
        fprintf(script, "set cbtics %d\n", (int)((high - low) / 6) + 1);
    else
        fputs("set cbtics autofreq\n", script);
}

static void write_contours(FILE *script, double low, double high)
{
    fprintf(script,
            "set contour base\nunset surface\nset cntrparam levels incremental %.9g,%.9g,%.9g\n"
            "set format xy '%%g'\nset table $contours\nsplot $grid using 1:2:3\nunset table\nunset contour\nset surface\n",
            low + (high - low) / (CONTOURS + 1), (high - low) / (CONTOURS + 1), high);
}

static void write_boxes(FILE *script, const plot_sweep *sweep, size_t column, const plot_scale *x,
                        const plot_scale *y, bool wide)
{
    fputs("$boxes << EOD\n", script);
    for (size_t i = 0; i < x->axis->count; i++)
        for (size_t j = 0; j < y->axis->count; j++) {
            double value = plot_sweep_value(sweep, column, i, j);
            if (wide) value = log10(value);
            if (!isfinite(value)) continue;
            fprintf(script, "%.9g %.9g %.9g %.9g %.9g %.9g %.9g\n", plot_scale_place(x, i),
                    plot_scale_place(y, j), edge(x, i, -1), edge(x, i, 1), edge(y, j, -1),
                    edge(y, j, 1), value);
        }
    fputs("EOD\n", script);
}

static void write_panel(FILE *script, const plot_sweep *sweep, size_t column, const plot_scale *x,
                        const plot_scale *y, bool last)
{
    double low, high;
    char label[96];
    bool wide = plot_sweep_is_wide(sweep, column, &low, &high), even = x->even && y->even;
    plot_sweep_label(sweep, column, label);
    write_grid(script, sweep, column, x, y, wide);
    if (!even) write_boxes(script, sweep, column, x, y, wide);
    size_t failed = write_failed(script, sweep, x, y);
    if (wide) low = log10(low), high = log10(high);
    if (!(high > low)) high = low + 1;
    write_colours(script, low, high, wide);
    if (even) write_contours(script, low, high);
    write_traps(script, sweep, x);
    plot_scale_tics(script, x, 'x', last);
    plot_scale_tics(script, y, 'y', true);
    plot_script_names(script, last ? plot_scale_name(x) : NULL, plot_scale_name(y), NULL);
    fprintf(script,
            "set label '%s' at graph 1.255, graph 0.5 center rotate font ',15'\nset object 1 rectangle from graph 0,0 to graph 1,1 behind "
            "fc rgb '#d9d9d9' fs solid noborder\n",
            label);
    fprintf(script, even ? "plot $grid using 1:2:3 with image"
                         : "plot $boxes using 1:2:3:4:5:6:7 with boxxyerror fs solid noborder lc palette");
    /* Between values far apart contours would be guesses. */
    if (even) fputs(", $contours using 1:2 with lines lw 0.7 lc rgb '#000000'", script);
    if (failed > 0) fputs(", $failed using 1:2 with points pt 2 ps 0.35 lw 0.8 lc rgb '#D55E00'", script);
    fputs("\nunset label\nunset arrow\nunset object\n", script);
}

void plot_sweep_write_map(FILE *script, const plot_sweep *sweep, enum plot_format format)
{
    plot_scale x = plot_scale_choose(&sweep->table->axes[sweep->x]);
    plot_scale y = plot_scale_choose(&sweep->table->axes[sweep->y]);
    double count = (double)sweep->columns, height = 0.12 + 0.6 * count;
    double top = 1 - 0.045 / height, bottom = 0.13 / height, gap = 0.075 / height;
    double step = (top - bottom + gap) / count;
    plot_script_terminal(script, format, height);
    plot_sweep_write_fixed(script, sweep);
    fprintf(script, "set multiplot\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n",
            edge(&x, 0, -1), edge(&x, x.axis->count - 1, 1), edge(&y, 0, -1),
            edge(&y, y.axis->count - 1, 1));
    for (size_t k = 0; k < sweep->columns; k++) {
        plot_script_panel(script, 0.14, 0.8, top - (double)(k + 1) * step + gap, top - (double)k * step);
        write_panel(script, sweep, k, &x, &y, k + 1 == sweep->columns);
    }
    fputs("unset multiplot\n", script);
}
