/* The kernels of Kraus operators, compiled once per instruction set. */
#include "map/kernels/kraus.h"

#include "linalg/kernels/lanes.h"

enum { ROWS = UMI_KRAUS_ROWS, COLUMNS = UMI_KRAUS_COLUMNS, LANES = UMI_KERNEL_LANES };
/* Columns of a strip: two vectors, so that a tile and what it is made of fit into 16 registers. */
enum { WIDTH = 2 * LANES };

#define INLINE static inline __attribute__((always_inline))

typedef struct tile {
    lanes of[ROWS][2];
} tile;

/* sum += rows panel of one plane; `wide` vectors of columns. */
INLINE void add_plane(int count, const double *rows, const double *panel, int wide, tile *sum)
{
    tile s = *sum;
    for (int j = 0; j < count; j++, rows += ROWS, panel += COLUMNS) {
        const lanes x = load(panel), y = wide > 1 ? load(panel + LANES) : x;
        for (int r = 0; r < ROWS; r++) {
            const lanes b = fill(rows[r]);
            s.of[r][0] += b * x;
            if (wide > 1) s.of[r][1] += b * y;
        }
    }
    *sum = s;
}

INLINE void add_term(const umi_kraus_term *term, int column, int wide, tile plane[3])
{
    for (int p = 0; p < 3; p++)
        add_plane(term->count, term->rows + (size_t)p * term->rows_pitch,
                  term->panel + (size_t)p * term->panel_pitch + column, wide, &plane[p]);
}

/* to[column][row] = from[row][column] of ROWS x ROWS elements. */
#if defined(__AVX__)
typedef double quad __attribute__((vector_size(4 * sizeof(double)), may_alias));
typedef double quad_unaligned __attribute__((vector_size(4 * sizeof(double)), aligned(8), may_alias));
typedef long long quad_index __attribute__((vector_size(4 * sizeof(long long))));

/* By hand, as compilers do it element by element. */
INLINE void turn_square(const double *from, double *to)
{
    const quad_index low = {0, 4, 2, 6}, high = {1, 5, 3, 7}, left = {0, 1, 4, 5}, right = {2, 3, 6, 7};
    quad a[ROWS], b[ROWS];
    for (int r = 0; r < ROWS; r++) a[r] = *(const quad_unaligned *)(from + r * WIDTH);
    b[0] = __builtin_shuffle(a[0], a[1], low);
    b[1] = __builtin_shuffle(a[0], a[1], high);
    b[2] = __builtin_shuffle(a[2], a[3], low);
    b[3] = __builtin_shuffle(a[2], a[3], high);
    *(quad_unaligned *)to = __builtin_shuffle(b[0], b[2], left);
    *(quad_unaligned *)(to + COLUMNS) = __builtin_shuffle(b[1], b[3], left);
    *(quad_unaligned *)(to + 2 * COLUMNS) = __builtin_shuffle(b[0], b[2], right);
    *(quad_unaligned *)(to + 3 * COLUMNS) = __builtin_shuffle(b[1], b[3], right);
}
#else
INLINE void turn_square(const double *from, double *to)
{
    for (int c = 0; c < ROWS; c++)
        for (int r = 0; r < ROWS; r++) to[c * COLUMNS + r] = from[r * WIDTH + c];
}
#endif

INLINE void left_strip(const umi_kraus_term *term, int column, int wide, size_t pitch, double *to)
{
    tile p[3] = {{{{{0}}}}};
    double flat[3][ROWS][WIDTH];
    add_term(term, column, wide, p);
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < wide; v++) {
            lanes re = p[0].of[r][v] - p[1].of[r][v];
            lanes im = p[0].of[r][v] + p[1].of[r][v] - p[2].of[r][v];
            store(&flat[0][r][v * LANES], re);
            store(&flat[1][r][v * LANES], im);
            store(&flat[2][r][v * LANES], re + im);
        }
    for (int plane = 0; plane < 3; plane++)
        for (int c = 0; c < wide * LANES; c += ROWS)
            turn_square(&flat[plane][0][c], to + (size_t)plane * pitch + (size_t)(column + c) * COLUMNS);
}

/* What is left over for one vector, if a square fits into it. */
enum { NARROW = LANES < ROWS ? 0 : LANES };

static void left(const umi_kraus_term *term, int columns, size_t pitch, double *to)
{
    int column = 0;
    for (; column + NARROW < columns; column += WIDTH) left_strip(term, column, 2, pitch, to);
    if (column < columns) left_strip(term, column, 1, pitch, to);
}

INLINE void right_strip(int count, const umi_kraus_term *term, int column, int wide, double *re, double *im)
{
    tile p[3] = {{{{{0}}}}};
    for (int a = 0; a < count; a++) add_term(&term[a], column, wide, p);
    for (int r = 0; r < ROWS; r++)
        for (int v = 0; v < wide; v++) {
            int at = r * COLUMNS + column + v * LANES;
            store(re + at, p[0].of[r][v] - p[1].of[r][v]);
            store(im + at, p[2].of[r][v] - (p[0].of[r][v] + p[1].of[r][v]));
        }
}

static void right(int count, const umi_kraus_term *term, int begin, int end, double *re, double *im)
{
    int column = begin / WIDTH * WIDTH;
    if (NARROW && column + NARROW <= begin) column += NARROW;
    for (; column + NARROW < end; column += WIDTH) right_strip(count, term, column, 2, re, im);
    if (column < end) right_strip(count, term, column, 1, re, im);
}

static void dots(int count, const double *panel, size_t pitch, const double *re, const double *im,
                 size_t stride, double *sum_re, double *sum_im)
{
    for (int column = 0; column < COLUMNS; column += LANES) {
        lanes sr = {0}, si = {0};
        for (int j = 0; j < count; j++) {
            const lanes x = load(panel + j * COLUMNS + column);
            const lanes y = load(panel + pitch + (size_t)(j * COLUMNS + column));
            const lanes b = load(re + (size_t)j * stride + column);
            const lanes c = load(im + (size_t)j * stride + column);
            sr += x * b - y * c;
            si -= x * c + y * b;
        }
        store(sum_re + column, sr);
        store(sum_im + column, si);
    }
}

extern const umi_kraus_kernels UMI_NAME(umi_kraus_kernels, UMI_KERNEL_PATH);
const umi_kraus_kernels UMI_NAME(umi_kraus_kernels, UMI_KERNEL_PATH) = {
    .name = UMI_PATH_TEXT(UMI_KERNEL_PATH), .left = left, .right = right, .dots = dots};
