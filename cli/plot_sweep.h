/* Figures of a sweep: lines over one parameter, a map over two. */
#ifndef UMASER_CLI_PLOT_SWEEP_H
#define UMASER_CLI_PLOT_SWEEP_H

#include "plot.h"

enum { PLOT_SWEEP_COLUMNS = 3 };

typedef struct plot_sweep {
    const um_sweep_table *table;
    int x, y; /* axes; y = -1: there is one alone */
    bool map; /* a map over both; false: a line for each value of y */
    size_t columns;
    size_t column[PLOT_SWEEP_COLUMNS]; /* of the table */
} plot_sweep;

/* What to draw: `what` names a column, NULL chooses. Prints why not and returns false. */
bool plot_sweep_choose(const um_sweep_table *table, const char *what, const char *input,
                       plot_sweep *sweep);

/* One direction of a figure: positions are values, their logarithms, or numbers of values that
 * are no numbers. */
typedef struct plot_scale {
    const um_sweep_axis *axis;
    bool log, named;
    bool even; /* equal steps */
    double low, high; /* of positions */
} plot_scale;
plot_scale plot_scale_choose(const um_sweep_axis *axis);
double plot_scale_place(const plot_scale *scale, size_t index);
void plot_scale_tics(FILE *script, const plot_scale *scale, char direction, bool labels);
/* A value that is no number, as a text in quotes may have it; of few values alone. */
void plot_scale_write_text(FILE *script, const plot_scale *scale, size_t index);
/* "θ", "q", ...: the letter of a quantity, or its key. */
const char *plot_scale_name(const plot_scale *scale);

size_t plot_sweep_point(const plot_sweep *sweep, size_t i, size_t j);
double plot_sweep_value(const plot_sweep *sweep, size_t column, size_t i, size_t j);
/* The column of standard errors beside it; NULL: none. */
const double *plot_sweep_error(const plot_sweep *sweep, size_t column);
/* Whether all values > 0 and they span more than two decades. */
bool plot_sweep_is_wide(const plot_sweep *sweep, size_t column, double *low, double *high);
/* "plateau energy / ħω" */
void plot_sweep_label(const plot_sweep *sweep, size_t column, char label[96]);

void plot_sweep_write(FILE *script, const plot_sweep *sweep, enum plot_format format);
/* What of the sweep is not varied in the figure. */
void plot_sweep_write_fixed(FILE *script, const plot_sweep *sweep);
void plot_sweep_write_lines(FILE *script, const plot_sweep *sweep, enum plot_format format);
void plot_sweep_write_map(FILE *script, const plot_sweep *sweep, enum plot_format format);
void plot_sweep_print(const plot_sweep *sweep, int width, bool utf8, FILE *stream);

#endif
