/* What of a sweep is drawn, and how its parameters and numbers are named. */
#include "plot_sweep.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* More lines than this are not told apart: a map then. */
enum { LINES = 6 };

static size_t count_rows(const plot_sweep *sweep)
{
    return sweep->y < 0 ? 1 : sweep->table->axes[sweep->y].count;
}

/* Where it is shown. */
static bool is_defined(const plot_sweep *sweep, size_t column)
{
    const double *values = sweep->table->values + column * sweep->table->points;
    for (size_t i = 0; i < sweep->table->axes[sweep->x].count; i++)
        for (size_t j = 0; j < count_rows(sweep); j++)
            if (isfinite(values[plot_sweep_point(sweep, i, j)])) return true;
    return false;
}

static bool is_error(const char *name)
{
    size_t length = strlen(name);
    return length > 6 && strcmp(name + length - 6, "_error") == 0;
}

/* Those that most figures are made for, first. */
static void choose_columns(size_t most, plot_sweep *sweep)
{
    const um_sweep_table *table = sweep->table;
    static const char *const favourites[] = {"lifetime", "plateau_energy", "plateau_purity",
                                             "final_energy", "final_purity"};
    enum { FAVOURITES = sizeof favourites / sizeof *favourites };
    bool plateau = false;
    for (size_t i = 0; i < FAVOURITES + table->columns && sweep->columns < most; i++) {
        for (size_t j = 0; j < table->columns && sweep->columns < most; j++) {
            const char *name = table->names[j];
            bool wanted = i < FAVOURITES ? strcmp(name, favourites[i]) == 0 : j == i - FAVOURITES;
            if (!wanted || is_error(name) || !is_defined(sweep, j)) continue;
            /* The plateau, where there is one, says what the end of the run says. */
            if (strncmp(name, "final_", 6) == 0 && plateau) continue;
            plateau = plateau || strncmp(name, "plateau_", 8) == 0;
            bool taken = strcmp(name, "error_bound") == 0;
            for (size_t k = 0; k < sweep->columns; k++) taken = taken || sweep->column[k] == j;
            if (!taken) sweep->column[sweep->columns++] = j;
        }
    }
}

static bool find_column(const char *what, const char *input, plot_sweep *sweep)
{
    const um_sweep_table *table = sweep->table;
    for (size_t j = 0; j < table->columns; j++)
        if (strcmp(table->names[j], what) == 0) {
            sweep->column[0] = j;
            sweep->columns = 1;
            if (is_defined(sweep, j)) return true;
            fprintf(stderr, "%s: %s is defined at no point that would be shown\n", input, what);
            return false;
        }
    fprintf(stderr, "umaser: --what: found %s; this sweep has", what);
    for (size_t j = 0; j < table->columns; j++)
        fprintf(stderr, "%s %s", j ? "," : "", table->names[j]);
    fprintf(stderr, "\n");
    return false;
}

/* The longest axis below, the next one as lines or upwards; of further ones the first value. */
static void choose_axes(const um_sweep_table *table, plot_sweep *sweep)
{
    sweep->x = 0;
    sweep->y = -1;
    for (size_t i = 1; i < table->axes_count; i++)
        if (table->axes[i].count > table->axes[sweep->x].count) sweep->x = (int)i;
    for (size_t i = 0; i < table->axes_count; i++)
        if ((int)i != sweep->x && table->axes[i].count > 1 &&
            (sweep->y < 0 || table->axes[i].count > table->axes[sweep->y].count))
            sweep->y = (int)i;
    sweep->map = sweep->y >= 0 && table->axes[sweep->y].count > LINES;
    /* The first axis of a map lies below, as in its table. */
    if (sweep->map && sweep->y < sweep->x) {
        int first = sweep->y;
        sweep->y = sweep->x;
        sweep->x = first;
    }
}

bool plot_sweep_choose(const um_sweep_table *table, const char *what, const char *input,
                       plot_sweep *sweep)
{
    *sweep = (plot_sweep){.table = table};
    choose_axes(table, sweep);
    if (what) return find_column(what, input, sweep);
    choose_columns(sweep->map || sweep->y >= 0 ? 2 : PLOT_SWEEP_COLUMNS, sweep);
    if (sweep->columns == 0) fprintf(stderr, "%s: no number is defined at any point that would be shown\n", input);
    return sweep->columns > 0;
}

plot_scale plot_scale_choose(const um_sweep_axis *axis)
{
    plot_scale scale = {.axis = axis, .even = true};
    size_t last = axis->count - 1;
    const double *values = axis->values;
    for (size_t i = 0; i <= last; i++) scale.named = scale.named || !isfinite(values[i]);
    if (!scale.named && last > 1 && values[0] > 0 && values[last] > 0) {
        double ratio = values[last] / values[0];
        double middle = values[last / 2] / values[0];
        double straight = pow(ratio, (double)(last / 2) / (double)last);
        scale.log = fabs(log10(ratio)) > 1 && fabs(middle / straight - 1) < 0.2;
    }
    double first = plot_scale_place(&scale, 0), end = plot_scale_place(&scale, last);
    double step = last > 0 ? (end - first) / (double)last : 1;
    for (size_t i = 0; i <= last; i++)
        scale.even = scale.even &&
                     fabs(plot_scale_place(&scale, i) - first - (double)i * step) < 1e-3 * fabs(step);
    scale.even = scale.even && step != 0;
    scale.low = fmin(first, end);
    scale.high = fmax(first, end);
    for (size_t i = 0; i <= last; i++) {
        scale.low = fmin(scale.low, plot_scale_place(&scale, i));
        scale.high = fmax(scale.high, plot_scale_place(&scale, i));
    }
    if (scale.high <= scale.low) scale.low -= 0.5, scale.high += 0.5;
    return scale;
}

double plot_scale_place(const plot_scale *scale, size_t index)
{
    if (scale->named) return (double)index;
    double value = scale->axis->values[index];
    return scale->log ? log10(value) : value;
}

enum { NAMED = 6, LETTERS = 60 }; /* texts that have room beside each other; letters of all of them */

/* Of a user's text, what can mean nothing to gnuplot. */
void plot_scale_write_text(FILE *script, const plot_scale *scale, size_t index)
{
    int room = LETTERS / (int)scale->axis->count;
    for (const char *text = scale->axis->texts[index]; *text && room > 0; text++)
        if (isalnum((unsigned char)*text) || strchr(" .,:+-/()[]", *text)) fputc(*text, script), room--;
}

static void write_names(FILE *script, const plot_scale *scale, char direction, bool labels)
{
    fprintf(script, "set %ctics noenhanced (", direction);
    for (size_t i = 0; i < scale->axis->count; i++) {
        fputs(i ? ", '" : "'", script);
        if (labels) plot_scale_write_text(script, scale, i);
        fprintf(script, "' %zu", i);
    }
    fprintf(script, ")\nset format %c\n", direction);
}

void plot_scale_tics(FILE *script, const plot_scale *scale, char direction, bool labels)
{
    if (scale->named && scale->axis->count <= NAMED) {
        write_names(script, scale, direction, labels);
        return;
    }
    if (!scale->log) {
        fprintf(script, "set %ctics auto\nset m%ctics %d\nset format %c '%s'\n", direction, direction,
                scale->named ? 1 : 2, direction, labels ? "%g" : "");
        if (scale->named) fprintf(script, "set %ctics 1\n", direction);
        return;
    }
    int first = (int)floor(scale->low), last = (int)ceil(scale->high), every = (last - first) / 7 + 1;
    fprintf(script, "set %ctics (", direction);
    for (int j = first; j <= last; j++) {
        fprintf(script, labels && j % every == 0 ? "'10^{%d}' %d, " : "'' %d, ", j, j);
        for (int k = 2; k < 10 && last - first <= 4; k++) fprintf(script, "'' %.6g 1, ", j + log10(k));
    }
    fprintf(script, ")\nset format %c\n", direction);
}

const char *plot_scale_name(const plot_scale *scale)
{
    static const char *const names[][2] = {
        {"interaction.theta", "θ / rad"},
        {"interaction.g", "{/:Italic g} / ω"},
        {"interaction.tau", "τ ω"},
        {"interaction.counter_rotating", "λ"},
        {"atoms.q", "ground-state population {/:Italic q}"},
        {"atoms.c", "coherence {/:Italic c}"},
        {"atoms.phase", "phase / rad"},
        {"atoms.detuning", "detuning / ω"},
        {"battery.levels", "levels"},
        {"battery.initial", "initial state"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (scale->axis->keys_count > 0 && strcmp(scale->axis->keys[0], names[i][0]) == 0)
            return names[i][1];
    if (scale->named) return scale->axis->count <= NAMED ? "" : "value, from 0";
    return "parameter";
}

/* Points of further axes: their first value. */
size_t plot_sweep_point(const plot_sweep *sweep, size_t i, size_t j)
{
    size_t point = 0;
    for (size_t k = 0; k < sweep->table->axes_count; k++) {
        size_t at = (int)k == sweep->x ? i : (int)k == sweep->y ? j : 0;
        point = point * sweep->table->axes[k].count + at;
    }
    return point;
}

double plot_sweep_value(const plot_sweep *sweep, size_t column, size_t i, size_t j)
{
    return sweep->table->values[sweep->column[column] * sweep->table->points +
                                plot_sweep_point(sweep, i, j)];
}

const double *plot_sweep_error(const plot_sweep *sweep, size_t column)
{
    const um_sweep_table *table = sweep->table;
    char name[128];
    snprintf(name, sizeof name, "%s_error", table->names[sweep->column[column]]);
    for (size_t j = 0; j < table->columns; j++)
        if (strcmp(table->names[j], name) == 0) return table->values + j * table->points;
    return NULL;
}

bool plot_sweep_is_wide(const plot_sweep *sweep, size_t column, double *low, double *high)
{
    const double *errors = sweep->map ? NULL : plot_sweep_error(sweep, column); /* bands have room */
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < sweep->table->axes[sweep->x].count; i++)
        for (size_t j = 0; j < count_rows(sweep); j++) {
            double value = plot_sweep_value(sweep, column, i, j);
            if (!isfinite(value)) continue;
            double error = errors ? errors[plot_sweep_point(sweep, i, j)] : 0;
            if (!isfinite(error)) error = 0;
            *low = fmin(*low, value - error);
            *high = fmax(*high, value + error);
        }
    return *low > 0 && *high > 100 * *low;
}

void plot_sweep_label(const plot_sweep *sweep, size_t column, char label[96])
{
    const char *name = sweep->table->names[sweep->column[column]];
    const char *units = sweep->table->units[sweep->column[column]];
    const char *shown = strcmp(units, "omega") == 0        ? " / ħω"
                        : strcmp(units, "omega/time") == 0 ? " / ħω^2"
                        : strcmp(units, "collisions") == 0 ? " / collisions"
                                                           : "";
    snprintf(label, 96, "%.60s%s", name, shown);
    for (char *c = label; *c; c++)
        if (*c == '_') *c = ' ';
}

/* Further axes stand still; that is said above. */
void plot_sweep_write_fixed(FILE *script, const plot_sweep *sweep)
{
    const um_sweep_table *table = sweep->table;
    const char *between = "set label '";
    bool any = false;
    for (size_t k = 0; k < table->axes_count; k++) {
        if ((int)k == sweep->x || (int)k == sweep->y) continue;
        plot_scale scale = plot_scale_choose(&table->axes[k]);
        fprintf(script, "%s%s ", between, plot_scale_name(&scale));
        if (scale.named)
            fputs("the first value", script);
        else
            fprintf(script, "= %.4g", table->axes[k].values[0]);
        between = ", ";
        any = true;
    }
    if (any) fputs("' at screen 0.985, screen 0.985 right font ',11'\n", script);
}

void plot_sweep_write(FILE *script, const plot_sweep *sweep, enum plot_format format)
{
    if (sweep->map)
        plot_sweep_write_map(script, sweep, format);
    else
        plot_sweep_write_lines(script, sweep, format);
}

/* At most `width` bytes, whole characters. */
static void print_cut(FILE *stream, const char *text, int width)
{
    size_t length = strlen(text);
    if (length > (size_t)width) {
        length = (size_t)width;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) length--;
    }
    fprintf(stream, "%.*s", (int)length, text);
}

static void show_value(const um_sweep_axis *axis, size_t index, char text[64])
{
    if (isfinite(axis->values[index]))
        snprintf(text, 64, "%.6g", axis->values[index]);
    else
        snprintf(text, 64, "%.63s", axis->texts[index]);
}

enum { MARGIN = 12 };

static void print_row(const plot_sweep *sweep, size_t column, size_t j, int room, const char *const shades[5],
                      double low, double high, FILE *stream)
{
    char label[64] = "";
    size_t count = sweep->table->axes[sweep->x].count;
    if (sweep->y >= 0) show_value(&sweep->table->axes[sweep->y], j, label);
    size_t length = strlen(label);
    fprintf(stream, "%*s", length < MARGIN - 2 ? (int)(MARGIN - 2 - length) : 0, "");
    print_cut(stream, label, MARGIN - 2);
    fputs(" |", stream);
    for (int place = 0; place < room; place++) {
        double value = plot_sweep_value(sweep, column, (size_t)place * count / (size_t)room, j);
        int shade = isfinite(value) && high > low ? (int)(5 * (value - low) / (high - low)) : 0;
        fputs(isfinite(value) ? shades[shade > 4 ? 4 : shade] : " ", stream);
    }
    fputc('\n', stream);
}

/* A line of numbers; of a map its coarse relief. */
void plot_sweep_print(const plot_sweep *sweep, int width, bool utf8, FILE *stream)
{
    static const char *const shades[2][5] = {{".", ":", "o", "O", "#"}, {"·", "░", "▒", "▓", "█"}};
    const um_sweep_axis *x = &sweep->table->axes[sweep->x];
    size_t rows = count_rows(sweep), shown = rows < 40 ? rows : 40;
    int room = width - MARGIN < (int)x->count ? width - MARGIN : (int)x->count;
    char first[64], last[64], line[512];
    show_value(x, 0, first);
    show_value(x, x->count - 1, last);
    for (size_t column = 0; column < sweep->columns; column++) {
        double low, high;
        plot_sweep_is_wide(sweep, column, &low, &high);
        snprintf(line, sizeof line, "%.200s", sweep->table->names[sweep->column[column]]);
        print_cut(stream, line, width);
        snprintf(line, sizeof line, "\n%s %.4g to %s %.4g", shades[utf8][0], low, shades[utf8][4], high);
        print_cut(stream, line, width + 1);
        fputc('\n', stream);
        for (size_t row = shown; row-- > 0;)
            print_row(sweep, column, shown > 1 ? row * (rows - 1) / (shown - 1) : 0, room, shades[utf8],
                      low, high, stream);
        snprintf(line, sizeof line, "%*s%s ... %s: %.200s", width >= 40 ? MARGIN : 0, "", first, last,
                 x->keys[0]);
        print_cut(stream, line, width);
        fputc('\n', stream);
    }
}
