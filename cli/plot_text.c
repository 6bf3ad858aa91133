/* The series as characters: one panel per curve, since a terminal has no dashes to tell them. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"
#include "terminal.h"

static const char *const panel_names[PLOT_CURVES] = {"energy", "ergotropy", "incoherent ergotropy",
                                                     "purity"};

/* A number in at most `room` characters. */
static void format_short(double value, int room, char text[32])
{
    for (int digits = 4; digits >= 1; digits--) {
        snprintf(text, 32, "%.*g", digits, value);
        if ((int)strlen(text) <= room) return;
    }
}

/* A collision in few characters: 14, 1000, 1e6. */
static void format_collision(int64_t collision, char text[32])
{
    int64_t rest = collision;
    int power = 0;
    for (; rest >= 10 && rest % 10 == 0; rest /= 10) power++;
    if (power >= 4)
        snprintf(text, 32, "%" PRId64 "e%d", rest, power);
    else if (collision >= 100000)
        snprintf(text, 32, "%.2g", (double)collision);
    else
        snprintf(text, 32, "%" PRId64, collision);
}

static void get_range(const um_result *result, um_quantity quantity, double *low, double *high)
{
    *low = 0;
    *high = quantity == UM_PURITY ? 1 : 0;
    for (size_t i = 0; i < result->records; i++) {
        double y = result->series[quantity][i];
        if (y < *low) *low = y;
        if (y > *high) *high = y;
    }
    if (!(*high > *low)) *high = *low + 1;
}

static int place(double value, double low, double high, int dots)
{
    return (int)lround((value - low) / (high - low) * (dots - 1));
}

static void draw_curve(terminal_canvas *canvas, const um_result *result, const plot_axis *axis,
                       um_quantity quantity, const size_t *kept, size_t count)
{
    double low, high;
    int last_x = 0, last_y = 0;
    bool joined = false;
    get_range(result, quantity, &low, &high);
    for (size_t i = 0; i < count; i++) {
        int64_t collision = result->collision[kept[i]];
        double value = result->series[quantity][kept[i]];
        bool apart = axis->log && collision == 0;
        if (!isfinite(value)) {
            joined = false;
            continue;
        }
        int x = place(plot_axis_place(axis, result, kept[i]), axis->min, axis->max,
                      canvas->dots_x);
        int y = place(value, low, high, canvas->dots_y);
        terminal_canvas_line(canvas, joined ? last_x : x, joined ? last_y : y, x, y);
        last_x = x;
        last_y = y;
        joined = !apart;
    }
}

/* Name on the left, last value on the right if there is room. */
static void print_title(const um_result *result, um_quantity quantity, const char *name, bool utf8,
                        int width, FILE *stream)
{
    const char *unit = quantity == UM_PURITY ? "" : utf8 ? " / ħω" : " / hbar omega";
    int letters = (int)strlen(name) + (quantity == UM_PURITY ? 0 : utf8 ? 5 : 13);
    char last[48];
    snprintf(last, sizeof last, "last %.6g", result->series[quantity][result->records - 1]);
    fputs(name, stream);
    if (letters <= width) fputs(unit, stream);
    int gap = width - letters - (int)strlen(last);
    if (gap >= 2) fprintf(stream, "%*s%s", gap, "", last);
    fputc('\n', stream);
}

static void print_canvas(const terminal_canvas *canvas, double low, double high, int margin,
                         bool utf8, FILE *stream)
{
    for (int row = 0; row < canvas->rows; row++) {
        char label[32] = "";
        bool named = row == 0 || row == canvas->rows - 1;
        if (named) format_short(row ? low : high, margin - 1, label);
        fprintf(stream, "%*s%s", margin - 1, label,
                utf8 ? (named ? "┤" : "│") : (named ? "+" : "|"));
        terminal_canvas_print_row(canvas, row, stream);
        fputc('\n', stream);
    }
}

/* The axis with its decades, or its ends; collision 0 apart. */
static void print_axis(const plot_axis *axis, int columns, int margin, bool utf8, FILE *stream)
{
    char line[TERMINAL_WIDTH_MAX + 40], names[TERMINAL_WIDTH_MAX + 40];
    memset(line, '-', sizeof line);
    memset(names, ' ', sizeof names);
    int first = axis->log ? (int)axis->low : 0;
    int last = axis->log ? (int)floor(axis->max + 1e-9) : 1, end = -1;
    for (int j = first - (axis->log && axis->has_zero); j <= last; j++) {
        char text[32];
        double x = !axis->log ? (j ? axis->max : axis->min) : j < first ? axis->zero : j;
        int at = place(x, axis->min, axis->max, columns);
        line[at] = '+';
        if (axis->time)
            snprintf(text, sizeof text, "%.6g", x);
        else if (axis->log && j >= first && j >= 4)
            snprintf(text, sizeof text, "1e%d", j);
        else
            format_collision(!axis->log ? (int64_t)x : j < first ? 0 : (int64_t)pow(10, j), text);
        int wide = (int)strlen(text), start = at - wide / 2;
        if (start + wide > columns) start = columns - wide;
        if (start < 0) start = 0;
        if (start <= end) continue;
        memcpy(names + start, text, (size_t)wide);
        end = start + wide;
    }
    fprintf(stream, "%*s", margin - 1, "");
    fputs(utf8 ? "└" : "+", stream);
    for (int i = 0; i < columns; i++)
        fputs(!utf8 ? (line[i] == '+' ? "+" : "-") : line[i] == '+' ? "┴" : "─", stream);
    while (end > 0 && names[end - 1] == ' ') end--;
    fprintf(stream, "\n%*s%.*s\n", margin, "", end, names);
    char time[48];
    snprintf(time, sizeof time, utf8 ? "time / %s" : "time", axis->unit ? axis->unit : "");
    const char *title = axis->time ? time : axis->log ? "collisions (log)" : "collisions";
    int letters = (int)strlen(title), indent = margin + (columns - letters) / 2;
    if (indent + letters > margin + columns) indent = margin + columns - letters;
    fprintf(stream, "%*s%s\n", indent > 0 ? indent : 0, "", title);
}

static void name_span(char *span, int columns, int from, int to, char mark, const char *name)
{
    int room = to - from + 1, wide = (int)strlen(name) + 2;
    for (int x = from < 0 ? 0 : from; x <= to && x < columns; x++) span[x] = mark;
    if (room < wide + 2 || from < 0 || to >= columns) return;
    int at = from + (room - wide) / 2;
    span[at] = span[at + wide - 1] = ' ';
    memcpy(span + at + 1, name, (size_t)wide - 2);
}

static void mark_stages(const um_result *result, const plot_axis *axis, int columns, char *span)
{
    static const char marks[] = {'=', '-', '~', '|'};
    size_t next = 0;
    int from = 0;
    for (size_t i = 0; i < result->stages_count; i++) {
        um_stage_kind kind = result->stages[i].kind;
        int to = from;
        for (; next < result->records && (size_t)result->stage[next] == i; next++)
            to = place(plot_axis_place(axis, result, next), axis->min, axis->max, columns);
        if (to > from || kind == UM_STAGE_DRIVE)
            name_span(span, columns, from, to, marks[kind], plot_stage_name(kind));
        from = to;
    }
}

static void mark_plateaus(const um_result *result, const plot_axis *axis, int columns, char *span)
{
    for (size_t i = 0; i < result->plateaus_count; i++) {
        const um_plateau *plateau = &result->plateaus[i];
        double end = plateau->end < 0 ? axis->max : plot_axis_map(axis, plateau->end);
        int from =
            place(plot_axis_map(axis, plateau->charging_time), axis->min, axis->max, columns);
        name_span(span, columns, from, place(end, axis->min, axis->max, columns), '=', "plateau");
    }
}

/* The plateaus, or the stages of a protocol, as spans above the axis. */
static void print_span(const um_result *result, const plot_axis *axis, int columns, int margin,
                       bool utf8, FILE *stream)
{
    char span[TERMINAL_WIDTH_MAX + 1];
    if (result->plateaus_count == 0 && !axis->time) return;
    memset(span, ' ', sizeof span);
    if (axis->time)
        mark_stages(result, axis, columns, span);
    else
        mark_plateaus(result, axis, columns, span);
    fprintf(stream, "%*s%s", margin - 1, "", utf8 ? "│" : "|");
    int last = columns;
    while (last > 0 && span[last - 1] == ' ') last--;
    for (int i = 0; i < last; i++)
        if (span[i] == '=' && utf8)
            fputs("═", stream);
        else
            fputc(span[i], stream);
    fputc('\n', stream);
}

/* As far as a collision can be told. */
static void format_end(int64_t collision, char text[32])
{
    if (collision < 10000000)
        snprintf(text, 32, "%" PRId64, collision);
    else
        snprintf(text, 32, "%.4g", (double)collision);
}

void plot_text_plateaus(const um_result *result, int width, FILE *stream)
{
    if (result->plateaus_count == 0) fputs("no plateau\n", stream);
    for (size_t i = 0; i < result->plateaus_count; i++) {
        const um_plateau *plateau = &result->plateaus[i];
        char parts[5][48], end[32] = "the end";
        int count = 0, column = 0;
        if (plateau->end >= 0) format_end(plateau->end, end);
        snprintf(parts[count++], sizeof *parts, "plateau");
        snprintf(parts[count++], sizeof *parts, "%" PRId64 " to %s:", plateau->charging_time, end);
        const char *const names[] = {"energy", "ergotropy", "purity"};
        const double values[] = {plateau->energy, plateau->ergotropy, plateau->purity};
        for (int j = 0; j < 3; j++)
            if (isfinite(values[j]))
                snprintf(parts[count++], sizeof *parts, "%s %.6g", names[j], values[j]);
        for (int j = 0; j < count; j++) {
            int wide = (int)strlen(parts[j]), gap = j == 0 ? 0 : j < 3 ? 1 : 2;
            if (column > 0 && column + gap + wide > width) {
                fputs("\n  ", stream);
                column = 2;
                gap = 0;
            }
            fprintf(stream, "%*s%s", gap, "", parts[j]);
            column += gap + wide;
        }
        fputc('\n', stream);
    }
}

bool plot_text_series(const um_result *result, int width, bool utf8, FILE *stream)
{
    int margin = width < 40 ? 6 : 8, columns = width - margin, rows = width < 40 ? 4 : 6;
    plot_axis axis = plot_axis_choose(result);
    terminal_canvas canvas;
    size_t count, *kept = plot_records_get(result, &axis, 2 * columns, &count);
    bool done = kept != NULL;
    for (int c = 0; done && c < PLOT_CURVES; c++) {
        um_quantity quantity = plot_curves[c];
        double low, high;
        if (!result->series[quantity]) continue;
        if (!terminal_canvas_init(&canvas, columns, rows, utf8)) {
            done = false;
            break;
        }
        draw_curve(&canvas, result, &axis, quantity, kept, count);
        get_range(result, quantity, &low, &high);
        print_title(result, quantity, panel_names[c], utf8, width, stream);
        print_canvas(&canvas, low, high, margin, utf8, stream);
        terminal_canvas_clear(&canvas);
    }
    if (done) {
        print_span(result, &axis, columns, margin, utf8, stream);
        print_axis(&axis, columns, margin, utf8, stream);
        plot_text_plateaus(result, width, stream);
    }
    free(kept);
    return done;
}
