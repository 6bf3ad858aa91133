/* One state as characters: populations as bars, functions on phase space as shades. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "plot.h"
#include "terminal.h"

static void print_bar(double length, bool utf8, FILE *stream)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int parts = (int)lround(8 * length);
    for (int i = 0; i < parts / 8; i++) fputs(utf8 ? "█" : "#", stream);
    if (utf8)
        fputs(eighths[parts % 8], stream);
    else if (parts % 8 >= 4)
        fputc('-', stream);
}

void plot_text_populations(const plot_populations *populations, int width, bool utf8, FILE *stream)
{
    enum { ROWS = 40 };
    int together = (populations->shown + ROWS - 1) / ROWS; /* levels on a line */
    int label = together > 1 ? 11 : 5;
    if (label > width / 4) label = width / 4;
    int bars = width - label - 8;
    double most = 0;
    for (int n = 0; n < populations->shown; n += together) {
        double sum = 0;
        for (int m = n; m < n + together && m < populations->levels; m++)
            sum += populations->values[m];
        if (sum > most) most = sum;
    }
    fprintf(stream, "populations%s\ncollision %" PRId64 "\n", together > 1 ? ", summed" : "",
            populations->collision);
    for (int n = 0; n < populations->shown; n += together) {
        char name[32];
        double sum = 0;
        int end = n + together < populations->levels ? n + together : populations->levels;
        for (int m = n; m < end; m++) sum += populations->values[m];
        if (together > 1 && label >= 11)
            snprintf(name, sizeof name, "%d-%d", n, end - 1);
        else
            snprintf(name, sizeof name, "%d", n);
        fprintf(stream, "%*s %6.4f ", label - 1, name, sum > 0 ? sum : 0);
        if (most > 0 && sum > 0) print_bar(bars * sum / most, utf8, stream);
        fputc('\n', stream);
    }
}

/* Mean over the points of the grid that one character covers. */
static double get_mean(const plot_image *image, int row, int rows, int column, int columns)
{
    int points = image->grid.points;
    int p0 = (int)((int64_t)row * points / rows), p1 = (int)((int64_t)(row + 1) * points / rows);
    int x0 = (int)((int64_t)column * points / columns);
    int x1 = (int)((int64_t)(column + 1) * points / columns);
    if (p1 == p0) p1 = p0 + 1;
    if (x1 == x0) x1 = x0 + 1;
    double sum = 0;
    for (int p = p0; p < p1; p++)
        for (int x = x0; x < x1; x++) sum += image->values[(size_t)p * (size_t)points + (size_t)x];
    return sum / ((p1 - p0) * (x1 - x0));
}

/* Shades from just above zero to the largest modulus; negative values have marks of their own. */
static const char *get_shade(double part, bool utf8)
{
    static const char *const positive[2][5] = {{" ", ".", "+", "#", "@"},
                                               {" ", "░", "▒", "▓", "█"}};
    static const char *const negative[2][5] = {{" ", "-", "=", "o", "O"},
                                               {" ", "╌", "═", "○", "●"}};
    double size = fabs(part);
    int shade = size < 0.02 ? 0 : size < 0.15 ? 1 : size < 0.4 ? 2 : size < 0.7 ? 3 : 4;
    return part < 0 ? negative[utf8][shade] : positive[utf8][shade];
}

void plot_text_image(const plot_image *image, enum plot_what what, int width, bool utf8,
                     FILE *stream)
{
    /* A character is about twice as high as it is wide. */
    int columns = width - 2 > 72 ? 72 : width - 2, rows = columns / 2;
    const char *name = what == PLOT_WIGNER ? "Wigner function" : "Husimi function";
    double scale = image->modulus > 0 ? 1 / image->modulus : 0;
    const char *flat = utf8 ? "─" : "-", *side = utf8 ? "│" : "|";
    fprintf(stream, "%s\ncollision %" PRId64 "\n", name, image->collision);
    for (int row = -1; row <= rows; row++) {
        bool border = row < 0 || row == rows;
        fputs(!border ? side : !utf8 ? "+" : row < 0 ? "┌" : "└", stream);
        for (int column = 0; column < columns; column++)
            fputs(border ? flat
                         : get_shade(scale * get_mean(image, rows - 1 - row, rows, column, columns),
                                     utf8),
                  stream);
        fputs(!border ? side : !utf8 ? "+" : row < 0 ? "┐" : "┘", stream);
        fputc('\n', stream);
    }
    fprintf(stream, "x, p %g to %g\nlargest %.6g\n", image->grid.min, image->grid.max,
            image->modulus);
    if (!image->diverging) return;
    for (int sign = 1; sign >= -1; sign -= 2) {
        fputs(sign > 0 ? "positive " : "negative ", stream);
        for (int shade = 0; shade < 4; shade++) {
            static const double inside[] = {0.1, 0.3, 0.5, 1};
            fputs(get_shade(sign * inside[shade], utf8), stream);
        }
        fputc('\n', stream);
    }
}
