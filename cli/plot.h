/* plot: figures of a result, by gnuplot or as text. The parts of `umaser plot`. */
#ifndef UMASER_CLI_PLOT_H
#define UMASER_CLI_PLOT_H

#include "cli.h"

enum plot_format { PLOT_SVG, PLOT_PDF, PLOT_PNG, PLOT_TEXT, PLOT_FORMATS };
enum plot_what {
    PLOT_SERIES, PLOT_POPULATIONS, PLOT_WIGNER, PLOT_HUSIMI, PLOT_SPECTRUM, PLOT_DESIGNS,
    PLOT_SWEEP, PLOT_WHATS
};

/* Collisions as a horizontal axis: k itself, or log10 k where the records are spread over decades.
 * Collision 0 then stands by itself, left of a break in the axis. */
typedef struct plot_axis {
    bool time;       /* of the model, linear, in place of collisions: a protocol with other stages */
    double factor;   /* from the model's time to the axis */
    const char *unit;
    bool log, has_zero;
    double zero;     /* where collision 0 stands */
    double low;      /* log: the first decade */
    double min, max; /* of the frame */
} plot_axis;

/* Populations of one state, or (rows > 1) of every record. */
typedef struct plot_populations {
    size_t rows;
    int levels;           /* of a row */
    int shown;            /* levels worth showing */
    const double *values; /* rows x levels */
    double *owned;        /* what `values` points to if it was made here */
    int64_t collision;    /* of the one state */
} plot_populations;

/* A function on phase space: the Wigner or Husimi function. */
typedef struct plot_image {
    um_wigner_grid grid;
    const double *values;
    int64_t collision;
    bool diverging; /* of both signs */
    double modulus; /* largest modulus; in a film, of all its frames */
} plot_image;

/* A table of designs. */
typedef struct plot_designs {
    size_t count;
    const um_design *of;
} plot_designs;

/* What a figure is made of; what it does not need is empty. */
typedef struct plot_subject {
    const um_result *result;
    plot_populations populations;
    plot_image image;
    const um_spectrum *spectrum;
    plot_designs designs;
    const struct plot_sweep *sweep;
} plot_subject;

/* plot_data.c: what to show. The functions that can fail print why and return false. */
plot_axis plot_axis_choose(const um_result *result);
double plot_axis_map(const plot_axis *axis, int64_t collision);
/* Where a record stands. */
double plot_axis_place(const plot_axis *axis, const um_result *result, size_t record);
bool plot_has_series(const um_result *result, const char *input);
bool plot_populations_get(const um_result *result, int64_t at, const char *input,
                          plot_populations *populations);
bool plot_has_images(const um_result *result, enum plot_what what, const char *input);
/* Of one collision, or of the last that was kept; of the one with that index. */
bool plot_image_get(const um_result *result, enum plot_what what, int64_t at, const char *input,
                    plot_image *image);
bool plot_frame_get(const um_result *result, enum plot_what what, size_t index, const char *input,
                    plot_image *image);

/* The records that a figure of about `room` places across needs: ascending indices, at most
 * 10 room of them if there are many, the extremes of every quantity shown among them. The caller
 * frees; NULL if out of memory. */
size_t *plot_records_get(const um_result *result, const plot_axis *axis, int room, size_t *count);

/* The quantities a figure of the series shows, in the order in which they are drawn. */
enum { PLOT_CURVES = 4 };
extern const um_quantity plot_curves[PLOT_CURVES];

/* plot_stages.c: the stages of a protocol, shaded and (if there is room) named, on a time axis. */
void plot_stages_write(FILE *script, const um_result *result, const plot_axis *axis, bool name);
const char *plot_stage_name(um_stage_kind kind);

/* plot_script.c: what gnuplot is told. */
void plot_script_write(FILE *script, const plot_subject *subject, enum plot_what what,
                       enum plot_format format);
/* Its parts that other figures have too: the terminal; a panel's borders (of the screen); names of
 * the axes (NULL: none). */
void plot_script_terminal(FILE *script, enum plot_format format, double height);
void plot_script_panel(FILE *script, double left, double right, double low, double high);
void plot_script_names(FILE *script, const char *below, const char *left, const char *right);

/* plot_spectrum.c: relaxation times and moduli of the leading modes. */
void plot_spectrum_write(FILE *script, const um_spectrum *spectrum, enum plot_format format);
void plot_spectrum_print(const um_spectrum *spectrum, int width, bool utf8, FILE *stream);

/* plot_design.c: designs over theta. */
void plot_designs_write(FILE *script, const plot_designs *designs, enum plot_format format);
void plot_designs_print(const plot_designs *designs, int width, bool utf8, FILE *stream);

/* plot_gnuplot.c: runs gnuplot on a script (rewound) and leaves the figure in `figure` (rewound).
 * Prints what went wrong; returns an exit code. */
int plot_gnuplot_run(FILE *script, FILE *figure, enum plot_format format);

/* plot_output.c: puts a finished figure into its place. Both return an exit code and say why. */
int plot_save(FILE *figure, const char *path, bool force);
int plot_report_output(const char *path, int error);

/* plot_text.c, plot_text_state.c: the same figures in characters. False if out of memory. */
bool plot_text_series(const um_result *result, int width, bool utf8, FILE *stream);
void plot_text_plateaus(const um_result *result, int width, FILE *stream);
void plot_text_populations(const plot_populations *populations, int width, bool utf8, FILE *stream);
void plot_text_image(const plot_image *image, enum plot_what what, int width, bool utf8,
                     FILE *stream);

#endif
