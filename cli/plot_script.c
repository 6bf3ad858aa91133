/* What gnuplot is told. Numbers and fixed words only: no text of the user reaches it. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"
#include "si.h"

/* Okabe and Ito's colours, told apart by everyone; dashes for print without colour. */
static const struct {
    const char *label, *colour, *dash;
} styles[PLOT_CURVES] = {{"energy", "#0072B2", "solid"},
                         {"ergotropy", "#D55E00", "(9,4)"},
                         {"incoherent part", "#009E73", "(2,3)"},
                         {"", "#000000", "solid"}};

#define SEQUENTIAL "0 '#ffffff', 1 '#d6e6f4', 2 '#9fcae1', 3 '#4a98c9', 4 '#1764ab', 5 '#08306b'"
#define DIVERGING \
    "-2 '#003c67', -1 '#0072B2', -0.4 '#9fcae1', 0 '#ffffff', 0.4 '#f5c09a', " \
    "1 '#D55E00', 2 '#7a2f00'"

/* The same figure in every format: a column of a journal is 8.6 cm wide, its letters 7.5 points. */
void plot_script_terminal(FILE *script, enum plot_format format, double height)
{
    const char *font = "enhanced font 'Helvetica,16'";
    if (format == PLOT_SVG)
        fprintf(script,
                "set terminal svg size 560,%.0f fixed %s background rgb 'white' linewidth 1.2 "
                "dashlength 0.7\n",
                560 * height, font);
    else if (format == PLOT_PDF)
        fprintf(script,
                "set terminal pdfcairo size 8.6cm,%.3fcm %s fontscale 0.41 linewidth 0.75 "
                "dashlength 0.9 pointscale 0.9\n",
                8.6 * height, font);
    else
        fprintf(script,
                "set terminal pngcairo size 1400,%.0f %s fontscale 2.2 background rgb 'white' "
                "linewidth 2.8 dashlength 0.9 pointscale 6\n",
                1400 * height, font);
    fputs("set encoding utf8\nset minussign\nset border lw 0.8\nset tics in scale 0.8,0.4 font "
          "',14'\n"
          "unset key\n",
          script);
    if (format == PLOT_SVG) fputs("set xtics offset 0,0.35\n", script);
}

static void write_collision(FILE *script, int64_t collision)
{
    int power = 0;
    int64_t rest = collision;
    for (; rest >= 10 && rest % 10 == 0; rest /= 10) power++;
    if (rest == 1 && power > 3)
        fprintf(script, "10^{%d}", power);
    else if (collision >= 10000000) {
        int order = (int)floor(log10((double)collision));
        fprintf(script, "%.3g·10^{%d}", (double)collision / pow(10, order), order);
    }
    else
        fprintf(script, "%" PRId64, collision);
}

/* Decades by hand, since collision 0 has a place of its own. */
static void write_axis(FILE *script, const plot_axis *axis, bool labels)
{
    fprintf(script, "set xrange [%.9g:%.9g]\n", axis->min, axis->max);
    if (axis->time) {
        fprintf(script, "set xtics auto\nset mxtics 2\nset format x \"%s\"\n", labels ? "%g" : "");
        return;
    }
    if (!axis->log) {
        bool few = axis->max - axis->min <= 10;
        fprintf(script, "set xtics %s\nset mxtics %d\nset format x \"%s\"\n", few ? "1" : "auto",
                few ? 1 : 2, labels ? "%.0f" : "");
        return;
    }
    fputs("set format x\nset xtics (", script);
    if (axis->has_zero) fprintf(script, "\"%s\" %.9g 0, ", labels ? "0" : "", axis->zero);
    int first = (int)axis->low, last = (int)floor(axis->max + 1e-9);
    int every = (last - first) / 8 + 1;
    for (int j = first; j <= last; j++) {
        bool named = labels && j % every == 0;
        fprintf(script, named ? j == 0 ? "\"1\"" : j == 1 ? "\"10\"" : "\"10^{%d}\"" : "\"\"", j);
        fprintf(script, " %d %d, ", j, every == 1 || j % every == 0 ? 0 : 1);
        for (int m = 2; m <= 9 && every == 1; m++)
            if (j + log10(m) < axis->max) fprintf(script, "\"\" %.6f 1, ", j + log10(m));
    }
    fprintf(script, "\"\" %.9g 1)\n", axis->max + 1);
}

/* Two strokes through the lower and the upper border, where the axis jumps from 0 to decades. */
static void write_break(FILE *script, const plot_axis *axis)
{
    if (!axis->log || !axis->has_zero) return;
    double middle = axis->zero + 0.6 * (axis->low - axis->zero);
    double wide = 0.006 * (axis->max - axis->min);
    for (int border = 0; border <= 1; border++) {
        fprintf(script,
                "set object rectangle from first %.9g, graph %g to first %.9g, graph %g front "
                "fc rgb 'white' fs solid noborder\n",
                middle - wide, border - 0.012, middle + wide, border + 0.012);
        for (int side = -1; side <= 1; side += 2)
            fprintf(script,
                    "set arrow from first %.9g, graph %g to first %.9g, graph %g nohead front "
                    "lw 0.8\n",
                    middle + side * wide - wide, border - 0.022, middle + side * wide + wide,
                    border + 0.022);
    }
}

static const char *const roman[] = {"I", "II", "III"};
enum { PLATEAUS_NAMED = 3 };

/* Shades the plateaus, draws their ends, dots the borders of stages. */
static void write_spans(FILE *script, const um_result *result, const plot_axis *axis, bool name)
{
    if (axis->time) {
        plot_stages_write(script, result, axis, name);
        return;
    }
    for (size_t i = 0; i < result->plateaus_count; i++) {
        const um_plateau *plateau = &result->plateaus[i];
        double from = plot_axis_map(axis, plateau->charging_time);
        double to = plateau->end < 0 ? axis->max : plot_axis_map(axis, plateau->end);
        fprintf(script,
                "set object rectangle from first %.9g, graph 0 to first %.9g, graph 1 behind "
                "fc rgb '#ececec' fs solid noborder\n",
                from, to);
        if (plateau->end >= 0)
            fprintf(script,
                    "set arrow from first %.9g, graph 0 to first %.9g, graph 1 nohead lw 0.8 "
                    "lc rgb '#808080'\n",
                    to, to);
        if (name && result->plateaus_count > 1 && i < PLATEAUS_NAMED)
            fprintf(script, "set label '%s' at first %.9g, graph 0.09 center font ',13'\n",
                    roman[i], 0.5 * (from + to));
    }
    for (size_t i = 1; i < result->records; i++)
        if (result->stage[i] != result->stage[i - 1]) {
            double x = plot_axis_map(axis, result->collision[i - 1]);
            fprintf(script,
                    "set arrow from first %.9g, graph 0 to first %.9g, graph 1 nohead lw 0.8 "
                    "dt (3,3) lc rgb '#808080'\n",
                    x, x);
        }
}

static void write_number(FILE *script, const char *before, double value, const char *unit)
{
    if (isfinite(value)) fprintf(script, "%s%.6g%s%s", before, value, *unit ? " " : "", unit);
}

static double largest_energy(const um_result *result)
{
    double most = 0;
    for (int c = 0; c < PLOT_CURVES - 1; c++)
        for (size_t i = 0; result->series[plot_curves[c]] && i < result->records; i++)
            most = fmax(most, fabs(result->series[plot_curves[c]][i]));
    return most;
}

/* The plateaus' numbers stand above the frame, where no curve can be. Returns the lines used. */
static int write_plateaus(FILE *script, const um_result *result, cli_unit unit, double top,
                          double line)
{
    size_t count = result->plateaus_count;
    int lines = 0;
    for (size_t i = 0; i < count && i < PLATEAUS_NAMED; i++) {
        const um_plateau *plateau = &result->plateaus[i];
        fprintf(script, "set label \"plateau%s%s: collision ", count > 1 ? " " : "",
                count > 1 ? roman[i] : "");
        write_collision(script, plateau->charging_time);
        fputs(plateau->end < 0 ? " to the end" : " to ", script);
        if (plateau->end >= 0) write_collision(script, plateau->end);
        write_number(script, ", energy ", plateau->energy * unit.factor, unit.name);
        if (count == 1) {
            fprintf(script, "\" at screen 0.135, screen %.4f font ',14'\n", top - line * lines++);
            fputs("set label \"", script);
            write_number(script, "ergotropy ", plateau->ergotropy * unit.factor, unit.name);
            write_number(script, ", purity ", plateau->purity, "");
        }
        fprintf(script, "\" at screen 0.135, screen %.4f font ',14'\n", top - line * lines++);
    }
    return lines;
}

static void write_series_data(FILE *script, const um_result *result, const plot_axis *axis,
                              double factor)
{
    enum { PLACES = 600 };
    size_t count, *kept = plot_records_get(result, axis, PLACES, &count);
    for (int zero = 0; zero <= 1; zero++) {
        fprintf(script, "$%s << EOD\n", zero ? "zero" : "series");
        for (size_t i = 0; i < count; i++) {
            bool apart = axis->log && result->collision[kept[i]] == 0;
            if (apart != (zero == 1)) continue;
            fprintf(script, "%.9g", plot_axis_place(axis, result, kept[i]));
            for (int c = 0; c < PLOT_CURVES; c++) {
                const double *y = result->series[plot_curves[c]];
                if (y && isfinite(y[kept[i]]))
                    fprintf(script, " %.9g", y[kept[i]] * (c < PLOT_CURVES - 1 ? factor : 1));
                else
                    fputs(" NaN", script);
            }
            fputc('\n', script);
        }
        if (zero && !(axis->log && axis->has_zero)) fputs("NaN NaN NaN NaN NaN\n", script);
        fputs("EOD\n", script);
    }
    free(kept);
}

static void write_curves(FILE *script, const um_result *result, int first, int last)
{
    bool few = result->records <= 41;
    const char *separator = "plot ";
    for (int c = first; c < last; c++) {
        if (!result->series[plot_curves[c]]) continue;
        fprintf(script,
                "%s$series using 1:%d with %s lw 2 lc rgb '%s' dt %s, "
                "$zero using 1:%d with points pt 7 ps 0.45 lc rgb '%s'",
                separator, c + 2, few ? "linespoints pt 7 ps 0.35" : "lines", styles[c].colour,
                styles[c].dash, c + 2, styles[c].colour);
        separator = ", ";
    }
    fputc('\n', script);
}

/* Gnuplot's own key moves with the font; this one stays above the frame. */
static void write_key(FILE *script, const um_result *result, double y)
{
    static const double wide[] = {0.2, 0.235, 0};
    double x = 0.135;
    for (int c = 0; c < PLOT_CURVES - 1; c++) {
        if (!result->series[plot_curves[c]]) continue;
        fprintf(script,
                "set arrow from screen %.4f, screen %.4f to screen %.4f, screen %.4f nohead lw 2 "
                "lc rgb '%s' dt %s\nset label '%s' at screen %.4f, screen %.4f font ',14'\n",
                x, y, x + 0.07, y, styles[c].colour, styles[c].dash, styles[c].label, x + 0.082, y);
        x += wide[c];
    }
}

/* From 0, or lower if some value is lower, with a little air above. */
static void write_energy_range(FILE *script, const um_result *result, double factor)
{
    double low = 0, high = 0;
    for (int c = 0; c < PLOT_CURVES - 1; c++)
        for (size_t i = 0; result->series[plot_curves[c]] && i < result->records; i++) {
            double y = result->series[plot_curves[c]][i] * factor;
            if (y < low) low = y;
            if (y > high) high = y;
        }
    double air = high > low ? 0.06 * (high - low) : 1;
    bool below = low < -1e-9 * high; /* and not by rounding */
    fprintf(script, "set yrange [%.9g:%.9g]\n", below ? low - air : 0.0, high + air);
}

void plot_script_panel(FILE *script, double left, double right, double low, double high)
{
    fprintf(script,
            "set lmargin at screen %g\nset rmargin at screen %g\nset bmargin at screen %g\n"
            "set tmargin at screen %g\nunset object\nunset arrow\n",
            left, right, low, high);
}

/* The axes' names, where every terminal puts them alike. */
void plot_script_names(FILE *script, const char *below, const char *left, const char *right)
{
    if (below) fprintf(script, "set label '%s' at graph 0.5, screen 0.032 center\n", below);
    fprintf(script, "set label '%s' at screen 0.026, graph 0.5 center rotate by 90\n", left);
    if (right)
        fprintf(script, "set label '%s' at screen 0.975, graph 0.5 center rotate by 90\n", right);
}

static void write_series(FILE *script, const um_result *result, enum plot_format format)
{
    bool purity = result->series[UM_PURITY] != NULL, energy = false;
    for (int c = 0; c < PLOT_CURVES - 1; c++)
        if (result->series[plot_curves[c]]) energy = true;
    plot_axis axis = plot_axis_choose(result);
    plot_script_terminal(script, format, 0.9);
    cli_unit unit = cli_choose_energy_unit(&result->scale, largest_energy(result));
    char name[32];
    snprintf(name, sizeof name, "energy / %s", unit.name);
    write_series_data(script, result, &axis, unit.factor);
    fputs("set datafile missing 'NaN'\nset multiplot\n", script);
    int lines = axis.time ? 1 : write_plateaus(script, result, unit, 0.965, 0.048);
    double top = 0.99 - 0.048 * lines - (energy ? 0.06 : 0.01), split = purity ? 0.34 : 0.12;
    char time[48];
    snprintf(time, sizeof time, "time / %s", axis.unit ? axis.unit : "");
    const char *below = axis.time ? time : "collisions";
    if (energy) {
        plot_script_panel(script, 0.135, 0.965, split, top);
        write_axis(script, &axis, !purity);
        write_spans(script, result, &axis, true);
        write_break(script, &axis);
        write_key(script, result, top + (axis.time ? 0.075 : 0.035));
        write_energy_range(script, result, unit.factor);
        plot_script_names(script, purity ? NULL : below, name, NULL);
        fputs("set mytics 2\n", script);
        write_curves(script, result, 0, PLOT_CURVES - 1);
        fputs("unset label\n", script);
    }
    if (purity) {
        plot_script_panel(script, 0.135, 0.965, 0.12, energy ? split - 0.025 : top);
        write_axis(script, &axis, true);
        plot_script_names(script, below, "purity", NULL);
        write_spans(script, result, &axis, !energy);
        write_break(script, &axis);
        fputs("set yrange [0:1.08]\nset ytics 0.5\nset mytics 5\n", script);
        write_curves(script, result, PLOT_CURVES - 1, PLOT_CURVES);
    }
    fputs("unset multiplot\n", script);
}

static void write_collision_label(FILE *script, int64_t collision, double y)
{
    fputs("set label \"collision ", script);
    write_collision(script, collision);
    fprintf(script, "\" at graph 0, graph %g font ',14'\n", y);
}

static void write_bars(FILE *script, const plot_populations *populations, enum plot_format format)
{
    plot_script_terminal(script, format, 0.62);
    fputs("$bars << EOD\n", script);
    double most = 0;
    for (int n = 0; n < populations->shown; n++) {
        fprintf(script, "%d %.9g\n", n, populations->values[n]);
        if (populations->values[n] > most) most = populations->values[n];
    }
    fprintf(script, "EOD\nset xrange [-0.8:%g]\nset yrange [0:%.9g]\nset tics nomirror\n",
            populations->shown - 0.2, most > 0 ? 1.06 * most : 1.0);
    fputs("set lmargin at screen 0.155\nset rmargin at screen 0.97\nset bmargin at screen 0.175\n"
          "set tmargin at screen 0.91\nset style fill solid noborder\nset boxwidth 0.75\n"
          "set xtics out\nset mytics 2\n",
          script);
    plot_script_names(script, "level", "population", NULL);
    write_collision_label(script, populations->collision, 1.055);
    fprintf(script, "plot $bars using 1:2 with %s lc rgb '#0072B2'\n",
            populations->shown > 200 ? "fillsteps" : "boxes");
}

/* Populations of every record, resampled to equal steps of the axis (an image has those only). */
static void write_map_data(FILE *script, const um_result *result, const plot_axis *axis,
                           const plot_populations *populations, int columns, int repeat)
{
    double step = (axis->max - axis->min) / columns;
    fputs("$map << EOD\n", script);
    for (int row = 0; row < populations->shown * repeat; row++) {
        int n = row / repeat;
        size_t record = 0;
        for (int i = 0; i < columns; i++) {
            double x = axis->min + (i + 0.5) * step;
            while (record + 1 < populations->rows &&
                   fabs(plot_axis_place(axis, result, record + 1) - x) <=
                       fabs(plot_axis_place(axis, result, record) - x))
                record++;
            double p = populations->values[record * (size_t)populations->levels + (size_t)n];
            bool gap = axis->log && axis->has_zero && x > 2 * axis->zero - axis->min &&
                       x < axis->low - 0.5 * step;
            if (gap)
                fputs("NaN ", script);
            else
                fprintf(script, "%.4f ", p > 1e-6 ? log10(p) : -6.0);
        }
        fputc('\n', script);
    }
    fputs("EOD\n", script);
}

static void write_map(FILE *script, const um_result *result, const plot_populations *populations,
                      enum plot_format format)
{
    enum { COLUMNS = 400 };
    plot_axis axis = plot_axis_choose(result);
    double step = (axis.max - axis.min) / COLUMNS;
    char time[48];
    snprintf(time, sizeof time, "time / %s", axis.unit ? axis.unit : "");
    /* Viewers smooth images: several rows a level keep the levels apart. */
    int repeat = populations->shown < 300 ? 300 / populations->shown : 1;
    plot_script_terminal(script, format, 0.7);
    write_map_data(script, result, &axis, populations, COLUMNS, repeat);
    fputs("set datafile missing 'NaN'\n", script);
    plot_script_panel(script, 0.13, 0.775, 0.155, 0.955);
    write_axis(script, &axis, true);
    write_break(script, &axis);
    plot_script_names(script, axis.time ? time : "collisions", "level", "population");
    fprintf(script,
            "set yrange [-0.5:%g]\nset tics out nomirror\n"
            "set palette defined (" SEQUENTIAL ")\nset cbrange [-6:0]\nset cbtics 1\n"
            "set format cb '10^{%%.0f}'\n"
            "set colorbox user origin screen 0.80, screen 0.155 size screen 0.03, screen 0.8\n"
            "plot $map matrix using (%.9g + $1 * %.9g):(($2 + 0.5) / %d - 0.5):3 with image\n",
            populations->shown - 0.5, axis.min + 0.5 * step, step, repeat);
}

static void write_image(FILE *script, const plot_image *image, enum plot_what what,
                        enum plot_format format)
{
    int points = image->grid.points;
    double step = (image->grid.max - image->grid.min) / (points - 1);
    double modulus = image->modulus > 0 ? image->modulus : 1;
    plot_script_terminal(script, format, 0.82);
    fputs("$image << EOD\n", script);
    for (int p = 0; p < points; p++)
        for (int x = 0; x < points; x++) {
            double value = image->values[(size_t)p * (size_t)points + (size_t)x];
            if (isfinite(value))
                fprintf(script, "%.6g", value);
            else
                fputs("NaN", script);
            fputc(x + 1 < points ? ' ' : '\n', script);
        }
    fprintf(script, "EOD\nset xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n", image->grid.min,
            image->grid.max, image->grid.min, image->grid.max);
    plot_script_names(script, "{/:Italic x}", "{/:Italic p}",
                what == PLOT_WIGNER ? "Wigner function" : "Husimi function");
    /* 0.66 of the width and of 0.82 the height are equal lengths. */
    plot_script_panel(script, 0.125, 0.785, 0.135, 0.135 + 0.66 / 0.82);
    fprintf(script,
            "set tics out nomirror\nset mxtics 2\nset mytics 2\n"
            "set palette defined (%s)\nset cbrange [%.6g:%.6g]\n"
            "set colorbox user origin screen 0.81, screen 0.135 size screen 0.03, screen %.6f\n",
            image->diverging ? DIVERGING : SEQUENTIAL, image->diverging ? -modulus : 0.0, modulus,
            0.66 / 0.82);
    write_collision_label(script, image->collision, 1.04);
    fprintf(script, "plot $image matrix using (%.9g + $1 * %.9g):(%.9g + $2 * %.9g):3 with image\n",
            image->grid.min, step, image->grid.min, step);
}

void plot_script_write(FILE *script, const plot_subject *subject, enum plot_what what,
                       enum plot_format format)
{
    if (what == PLOT_SERIES)
        write_series(script, subject->result, format);
    else if (what == PLOT_SPECTRUM)
        plot_spectrum_write(script, subject->spectrum, format);
    else if (what == PLOT_DESIGNS)
        plot_designs_write(script, &subject->designs, format);
    else if (what == PLOT_POPULATIONS && subject->populations.rows > 1)
        write_map(script, subject->result, &subject->populations, format);
    else if (what == PLOT_POPULATIONS)
        write_bars(script, &subject->populations, format);
    else
        write_image(script, &subject->image, what, format);
}
