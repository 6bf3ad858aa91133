/* Eigenvalues of a positive semidefinite matrix of low rank: A = L L' by Cholesky with pivots, and L' L, as
 * small as the rank, has the eigenvalues of A. What such a factor leaves out is seen in A - L L', so that
 * nothing depends on A being what it is taken for. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linalg/linalg.h"

/* Below, nothing is gained. */
enum { ROWS_LEAST = 32 };
/* Relative to the largest element: pivots below this are rounding. */
static const double PIVOT_LEAST = 0x1p-52;
/* Relative to the trace: how far A - L L' may move an eigenvalue, which is what LAPACK moves it by. */
static const double DEFECT_MOST = 0x1p-50;
/* Part of the trace that is left after n/4 pivots if the rank may be n/2 at most: measured. */
static const double REST_MOST = 0x1p-11;

typedef struct factor {
    int planes, n, rank, most;
    size_t width;     /* doubles of a column */
    umi_scratch room; /* of all that follows */
    double *columns;  /* L; room for one more, which OpenBLAS's zgemv reads */
    double *rest;     /* diagonal of A - L L'; 0 in rows that had a pivot */
    double *open;     /* 0 in these rows, 1 in the others */
    double *row;      /* of L, conjugate */
    double *scratch;  /* n x n */
} factor;

static um_status create(um_context *ctx, int planes, int n, factor *f)
{
    *f = (factor){.planes = planes, .n = n, .most = n / 2};
    f->width = (size_t)planes * (size_t)n;
    size_t columns = f->width * ((size_t)f->most + 1), square = f->width * (size_t)n;
    UMI_TRY(umi_scratch_take(ctx, columns + square + 2 * (size_t)n + f->width, &f->room));
    f->columns = f->room.block;
    f->scratch = f->columns + columns;
    f->rest = f->scratch + square;
    f->open = f->rest + n;
    f->row = f->open + n;
    return UM_OK;
}

/* The row with the largest rest, and the sum of all rests. */
static int find_pivot(const factor *f, double *sum)
{
    int pivot = 0;
    *sum = 0;
    for (int i = 0; i < f->n; i++) {
        *sum += f->rest[i];
        if (f->rest[i] > f->rest[pivot]) pivot = i;
    }
    return pivot;
}

/* A column of A, of which the lower triangle is there. */
static void copy_column(const factor *f, const double *matrix, int pivot, double *column)
{
    size_t planes = (size_t)f->planes, at = (size_t)pivot * planes;
    for (size_t i = 0; i < (size_t)pivot; i++) {
        column[i * planes] = matrix[i * f->width + at];
        if (planes == 2) column[2 * i + 1] = -matrix[i * f->width + at + 1];
    }
    memcpy(column + at, matrix + (size_t)pivot * f->width + at, sizeof *column * (f->width - at));
}

/* column -= L (row of the pivot)'. */
static void subtract(factor *f, int pivot, double *column)
{
    int n = f->n, rank = f->rank;
    for (int j = 0; j < rank; j++)
        for (int p = 0; p < f->planes; p++) {
            double part = f->columns[(size_t)j * f->width + (size_t)(pivot * f->planes + p)];
            f->row[j * f->planes + p] = p ? -part : part;
        }
    double minus[2] = {-1, 0}, one[2] = {1, 0};
    if (f->planes == 1)
        cblas_dgemv(CblasColMajor, CblasNoTrans, n, rank, -1, f->columns, n, f->row, 1, 1, column, 1);
    else
        cblas_zgemv(CblasColMajor, CblasNoTrans, n, rank, minus, f->columns, n, f->row, 1, one, column,
                    1);
}

static void add_column(factor *f, const double *matrix, int pivot)
{
    double *column = f->columns + (size_t)f->rank * f->width;
    copy_column(f, matrix, pivot, column);
    if (f->rank > 0) subtract(f, pivot, column);
    /* The rest again, but rounded as the column is. */
    double square = column[pivot * f->planes];
    double root = sqrt(square > 0 ? square : f->rest[pivot]), inverse = 1 / root;
    if (f->planes == 1)
        for (int i = 0; i < f->n; i++) {
            column[i] *= f->open[i] * inverse;
            f->rest[i] -= column[i] * column[i];
        }
    else
        for (int i = 0; i < f->n; i++) {
            double re = column[2 * i] *= f->open[i] * inverse;
            double im = column[2 * i + 1] *= f->open[i] * inverse;
            f->rest[i] -= re * re + im * im;
        }
    column[pivot * f->planes] = root;
    if (f->planes == 2) column[pivot * 2 + 1] = 0;
    f->open[pivot] = f->rest[pivot] = 0;
    f->rank++;
}

/* False if the rank is, or seems to become, larger than worth it. */
static bool find_factor(factor *f, const double *matrix, double *trace)
{
    double largest = 0;
    *trace = 0;
    for (int i = 0; i < f->n; i++) {
        f->rest[i] = matrix[(size_t)i * f->width + (size_t)(i * f->planes)];
        f->open[i] = 1;
        largest = fmax(largest, f->rest[i]);
        *trace += f->rest[i];
    }
    for (;;) {
        double sum;
        int pivot = find_pivot(f, &sum);
        if (!(f->rest[pivot] > PIVOT_LEAST * largest)) return true;
        if (f->rank == f->most || (f->rank == f->n / 4 && sum > REST_MOST * *trace)) return false;
        add_column(f, matrix, pivot);
    }
}

/* Frobenius norm of A - L L'. */
static double get_defect(const factor *f, const double *matrix)
{
    int n = f->n;
    memcpy(f->scratch, matrix, sizeof *matrix * f->width * (size_t)n);
    if (f->planes == 1)
        cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, n, f->rank, -1, f->columns, n, 1,
                    f->scratch, n);
    else
        cblas_zherk(CblasColMajor, CblasLower, CblasNoTrans, n, f->rank, -1, f->columns, n, 1,
                    f->scratch, n);
    double squares = 0;
    for (int j = 0; j < n; j++) {
        const double *diagonal = f->scratch + (size_t)j * f->width + (size_t)(j * f->planes);
        const double *below = diagonal + f->planes;
        squares += *diagonal * *diagonal + 2 * cblas_ddot((n - j - 1) * f->planes, below, 1, below, 1);
    }
    return sqrt(squares);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* L' L, a few rows at a time: sums of few numbers, then a sum of these, are rounded less than one long sum. */
static void fill_gram(const factor *f, double *gram)
{
    enum { ROWS = 16 };
    int rank = f->rank;
    for (int i = 0; i < f->n; i += ROWS) {
        const double *rows = f->columns + (size_t)(i * f->planes);
        int count = umi_min(ROWS, f->n - i);
        if (f->planes == 1)
            cblas_dsyrk(CblasColMajor, CblasLower, CblasTrans, rank, count, 1, rows, f->n, i > 0, gram,
                        rank);
        else
            cblas_zherk(CblasColMajor, CblasLower, CblasConjTrans, rank, count, 1, rows, f->n, i > 0,
                        gram, rank);
    }
}

/* Those of L' L, and the rests: so the sum stays the trace of A. */
static um_status take_eigenvalues(um_context *ctx, const factor *f, double *values)
{
    int count = 0;
    fill_gram(f, f->scratch);
    for (int i = 0; i < f->n; i++)
        if (f->open[i] != 0) values[count++] = f->rest[i];
    um_status status = umi_linalg_eigenvalues(ctx, f->planes, f->rank, f->scratch, values + count);
    qsort(values, (size_t)f->n, sizeof *values, ascending);
    return status;
}

um_status umi_linalg_eigenvalues_positive(um_context *ctx, int planes, int n, double *matrix,
                                          double *values)
{
    factor f;
    double trace;
    if (n < ROWS_LEAST) return umi_linalg_eigenvalues(ctx, planes, n, matrix, values);
    UMI_TRY(create(ctx, planes, n, &f));
    bool low = find_factor(&f, matrix, &trace) && f.rank > 0 &&
               get_defect(&f, matrix) <= DEFECT_MOST * trace;
    um_status status = low ? take_eigenvalues(ctx, &f, values)
                           : umi_linalg_eigenvalues(ctx, planes, n, matrix, values);
    umi_scratch_give(ctx, &f.room);
    return status;
}
