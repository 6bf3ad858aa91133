/* Stages of a protocol on a time axis. */
#include <string.h>

#include "plot.h"

const char *plot_stage_name(um_stage_kind kind)
{
    static const char *const names[] = {"charge", "store", "discharge", "drive"};
    return names[kind];
}

/* Light enough for every curve to be seen on it. */
static const char *const shades[] = {"#e8f1fa", "#f1f1f1", "#fdeee2", "#000000"};

static void shade(FILE *script, double from, double to, um_stage_kind kind)
{
    fprintf(script,
            "set object rectangle from first %.9g, graph 0 to first %.9g, graph 1 behind "
            "fc rgb '%s' fs solid noborder\n",
            from, to, shades[kind]);
}

static void draw_line(FILE *script, double x, const char *dash)
{
    fprintf(script,
            "set arrow from first %.9g, graph 0 to first %.9g, graph 1 nohead lw 0.8 dt %s "
            "lc rgb '#808080'\n",
            x, x, dash);
}

/* A stage begins at the last record before it, and ends at its own last one. */
void plot_stages_write(FILE *script, const um_result *result, const plot_axis *axis, bool name)
{
    double from = axis->min, span = axis->max - axis->min;
    size_t next = 0;
    for (size_t i = 0; i < result->stages_count; i++) {
        um_stage_kind kind = result->stages[i].kind;
        double to = from;
        for (; next < result->records && (size_t)result->stage[next] == i; next++)
            to = plot_axis_place(axis, result, next);
        if (kind == UM_STAGE_DRIVE)
            draw_line(script, to, "(6,3)");
        else if (to > from)
            shade(script, from, to, kind);
        if (from > axis->min) draw_line(script, from, "(3,3)");
        const char *text = plot_stage_name(kind);
        bool room = to - from > 0.015 * (double)strlen(text) * span;
        if (name && room)
            fprintf(script, "set label '%s' at first %.9g, graph 1.035 center font ',13'\n", text,
                    (from + to) / 2);
        from = to;
    }
}
