#define _GNU_SOURCE /* strcasestr */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int clamp_width(long width)
{
    return width < TERMINAL_WIDTH_MIN   ? TERMINAL_WIDTH_MIN
           : width > TERMINAL_WIDTH_MAX ? TERMINAL_WIDTH_MAX
                                        : (int)width;
}

int terminal_get_width(FILE *stream)
{
    struct winsize size;
    int descriptor = fileno(stream);
    if (descriptor >= 0 && isatty(descriptor) && ioctl(descriptor, TIOCGWINSZ, &size) == 0 &&
        size.ws_col > 0)
        return clamp_width(size.ws_col);
    const char *columns = getenv("COLUMNS");
    char *end;
    long width = columns ? strtol(columns, &end, 10) : 0;
    return columns && end != columns && !*end && width > 0 ? clamp_width(width)
                                                           : TERMINAL_WIDTH_DEFAULT;
}

bool terminal_is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

bool terminal_canvas_init(terminal_canvas *canvas, int columns, int rows, bool utf8)
{
    *canvas = (terminal_canvas){.columns = columns,
                                .rows = rows,
                                .utf8 = utf8,
                                .dots_x = utf8 ? 2 * columns : columns,
                                .dots_y = (utf8 ? 4 : 3) * rows,
                                .cells = calloc((size_t)columns * (size_t)rows, 1)};
    return canvas->cells != NULL;
}

void terminal_canvas_clear(terminal_canvas *canvas)
{
    free(canvas->cells);
    *canvas = (terminal_canvas){0};
}

void terminal_canvas_set(terminal_canvas *canvas, int x, int y)
{
    /* Bits of a braille cell, from its top row down, left and right. */
    static const unsigned char braille[4][2] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || y < 0 || x >= canvas->dots_x || y >= canvas->dots_y) return;
    int down = canvas->dots_y - 1 - y, high = canvas->utf8 ? 4 : 3, wide = canvas->utf8 ? 2 : 1;
    unsigned char *cell = &canvas->cells[down / high * canvas->columns + x / wide];
    *cell |= canvas->utf8 ? braille[down % 4][x % 2] : (unsigned char)(1u << down % 3);
}

void terminal_canvas_line(terminal_canvas *canvas, int x0, int y0, int x1, int y1)
{
    int dx = abs(x1 - x0), dy = abs(y1 - y0), steps = dx > dy ? dx : dy;
    if (steps == 0) terminal_canvas_set(canvas, x0, y0);
    for (int i = 0; steps > 0 && i <= steps; i++) {
        double t = (double)i / steps;
        terminal_canvas_set(canvas, x0 + (int)(t * (x1 - x0) + (x1 >= x0 ? 0.5 : -0.5)),
                            y0 + (int)(t * (y1 - y0) + (y1 >= y0 ? 0.5 : -0.5)));
    }
}

void terminal_canvas_print_row(const terminal_canvas *canvas, int row, FILE *stream)
{
    /* ASCII: bit 0 the upper third, bit 2 the lower. */
    static const char ascii[8] = {' ', '\'', '-', '\'', '.', ':', '.', '|'};
    const unsigned char *cells = &canvas->cells[row * canvas->columns];
    int last = canvas->columns;
    while (last > 0 && !cells[last - 1]) last--;
    for (int i = 0; i < last; i++) {
        if (!canvas->utf8)
            fputc(ascii[cells[i] & 7], stream);
        else if (!cells[i])
            fputc(' ', stream);
        else /* U+2800 + bits */
            fprintf(stream, "\xe2%c%c", 0xa0 + (cells[i] >> 6), 0x80 + (cells[i] & 0x3f));
    }
}
