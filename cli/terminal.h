/* terminal: what the place we print to can show, and a canvas of dots for it. */
#ifndef UMASER_CLI_TERMINAL_H
#define UMASER_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

enum { TERMINAL_WIDTH_MIN = 20, TERMINAL_WIDTH_DEFAULT = 80, TERMINAL_WIDTH_MAX = 200 };

/* Columns of the terminal behind a stream: as the terminal says, else COLUMNS, else 80; held
 * within 20..200. */
int terminal_get_width(FILE *stream);

/* Whether LC_ALL, LC_CTYPE or LANG (the first that is set) names UTF-8. */
bool terminal_is_utf8(void);

/* A canvas of columns x rows characters. Each holds 2 x 4 dots in UTF-8 (braille), 1 x 3 in
 * ASCII (. - '). x grows to the right, y upwards, from 0. */
typedef struct terminal_canvas {
    int columns, rows;
    int dots_x, dots_y; /* dots in all */
    bool utf8;
    unsigned char *cells;
} terminal_canvas;

/* False if out of memory. */
bool terminal_canvas_init(terminal_canvas *canvas, int columns, int rows, bool utf8);
void terminal_canvas_clear(terminal_canvas *canvas);

/* Dots outside the canvas are left out. */
void terminal_canvas_set(terminal_canvas *canvas, int x, int y);
void terminal_canvas_line(terminal_canvas *canvas, int x0, int y0, int x1, int y1);

/* One row of characters, 0 at the top, blanks at the end left away. */
void terminal_canvas_print_row(const terminal_canvas *canvas, int row, FILE *stream);

#endif
