#include "long_run.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* An unevaluated sum, |lo| <= ulp(hi)/2. */
typedef struct pair {
    double hi, lo;
} pair;

static inline pair quick_sum(double a, double b)
{
    double sum = a + b;
    return (pair){sum, b - (sum - a)};
}

static inline pair add(pair a, pair b)
{
    double sum = a.hi + b.hi, part = sum - a.hi;
    double error = (a.hi - (sum - part)) + (b.hi - part);
    return quick_sum(sum, error + (a.lo + b.lo));
}

static inline pair multiply(pair a, pair b)
{
    double product = a.hi * b.hi, error = fma(a.hi, b.hi, -product);
    return quick_sum(product, error + fma(a.hi, b.lo, a.lo * b.hi));
}

static pair negate(pair a) { return (pair){-a.hi, -a.lo}; }

static pair divide(pair a, double b)
{
    double first = a.hi / b, error = fma(-first, b, a.hi);
    return quick_sum(first, (error + a.lo) / b);
}

static pair square_root(double x)
{
    double root = sqrt(x);
    return x > 0 ? quick_sum(root, fma(-root, root, x) / (2 * root)) : (pair){0, 0};
}

static pair square_root_pair(pair x)
{
    double root = sqrt(x.hi);
    return x.hi > 0 ? quick_sum(root, (fma(-root, root, x.hi) + x.lo) / (2 * root)) : (pair){0, 0};
}

/* Taylor series at x / 2^HALVINGS, then the angle doubled; 1 - cos is kept, for it cancels. */
static void sine_cosine(pair x, pair *sine, pair *cosine)
{
    enum { HALVINGS = 8, TERMS = 30 };
    pair small = {ldexp(x.hi, -HALVINGS), ldexp(x.lo, -HALVINGS)};
    pair square = multiply(small, small), term = small;
    pair s = small, versine = {0, 0};
    for (int k = 2; k <= TERMS; k++) {
        term = k % 2 ? divide(multiply(term, square), (double)k * (k - 1)) : term;
        if (k % 2) s = add(s, k / 2 % 2 ? negate(term) : term);
    }
    term = (pair){1, 0};
    for (int k = 2; k <= TERMS; k += 2) {
        term = divide(multiply(term, square), (double)k * (k - 1));
        versine = add(versine, k / 2 % 2 ? term : negate(term));
    }
    for (int i = 0; i < HALVINGS; i++) { /* 1 - cos 2x = 2 sin^2 x, sin 2x = 2 sin x cos x */
        pair c = add((pair){1, 0}, negate(versine)), ss = multiply(s, s), sc = multiply(s, c);
        versine = (pair){2 * ss.hi, 2 * ss.lo};
        s = (pair){2 * sc.hi, 2 * sc.lo};
    }
    *sine = s;
    *cosine = add((pair){1, 0}, negate(versine));
}

/* The seven neighbours that one element is made of. */
enum { SAME, BELOW, ABOVE, LEFT, UP, DOWN, RIGHT, NEIGHBOURS };

struct long_run {
    int levels, rows, stride; /* rows and columns 0..rows-1 are in use; a border of zeros around */
    double *hi[2], *lo[2];    /* now, next */
    double *weight_hi[NEIGHBOURS], *weight_lo[NEIGHBOURS];
};

static size_t place(const long_run *run, int n, int m)
{
    return (size_t)(n + 1) * (size_t)run->stride + (size_t)(m + 1);
}

static void set_weights(long_run *run, pair theta, double q, double c)
{
    int levels = run->levels;
    pair *sine = calloc((size_t)levels + 1, sizeof *sine);
    pair *cosine = calloc((size_t)levels + 1, sizeof *cosine);
    if (!sine || !cosine) abort();
    for (int n = 0; n <= levels; n++)
        sine_cosine(multiply(theta, square_root(n)), &sine[n], &cosine[n]);
    sine[levels] = (pair){0, 0}; /* the top is closed */
    cosine[levels] = (pair){1, 0};
    pair gg = {q, 0}, ee = add((pair){1, 0}, (pair){-q, 0});
    pair ge = multiply((pair){c, 0}, square_root_pair(multiply(gg, ee)));
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            pair weight[NEIGHBOURS] = {
                [SAME] = add(multiply(gg, multiply(cosine[n], cosine[m])),
                             multiply(ee, multiply(cosine[n + 1], cosine[m + 1]))),
                [BELOW] = multiply(ee, multiply(sine[n], sine[m])),
                [ABOVE] = multiply(gg, multiply(sine[n + 1], sine[m + 1])),
                [LEFT] = multiply(ge, multiply(cosine[n], sine[m])),
                [UP] = multiply(ge, multiply(sine[n], cosine[m])),
                [DOWN] = negate(multiply(ge, multiply(sine[n + 1], cosine[m + 1]))),
                [RIGHT] = negate(multiply(ge, multiply(cosine[n + 1], sine[m + 1]))),
            };
            for (int i = 0; i < NEIGHBOURS; i++) {
                run->weight_hi[i][place(run, n, m)] = weight[i].hi;
                run->weight_lo[i][place(run, n, m)] = weight[i].lo;
            }
        }
    free(sine);
    free(cosine);
}

long_run *long_run_create(int levels, double theta, double q, double c)
{
    long_run *run = calloc(1, sizeof *run);
    if (!run) return NULL;
    run->levels = levels;
    run->stride = levels + 2;
    size_t count = (size_t)run->stride * (size_t)run->stride;
    double **arrays[2 * NEIGHBOURS + 4] = {&run->hi[0], &run->hi[1], &run->lo[0], &run->lo[1]};
    for (int i = 0; i < NEIGHBOURS; i++) {
        arrays[4 + 2 * i] = &run->weight_hi[i];
        arrays[5 + 2 * i] = &run->weight_lo[i];
    }
    for (int i = 0; i < 2 * NEIGHBOURS + 4; i++)
        if (!(*arrays[i] = calloc(count, sizeof(double)))) {
            long_run_destroy(run);
            return NULL;
        }
    set_weights(run, (pair){theta, 0}, q, c);
    run->hi[0][place(run, 0, 0)] = 1;
    run->rows = 1;
    return run;
}

void long_run_destroy(long_run *run)
{
    if (!run) return;
    for (int i = 0; i < 2; i++) {
        free(run->hi[i]);
        free(run->lo[i]);
    }
    for (int i = 0; i < NEIGHBOURS; i++) {
        free(run->weight_hi[i]);
        free(run->weight_lo[i]);
    }
    free(run);
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define CLONES __attribute__((target_clones("default", "fma"))) /* fma in hardware */
#else
#define CLONES
#endif

/* Row n, columns 0..last of the next state. */
CLONES static void step_row(long_run *run, int n, int last)
{
    size_t stride = (size_t)run->stride, row = place(run, n, 0);
    const size_t neighbour[NEIGHBOURS] = {
        [SAME] = row,     [BELOW] = row - stride - 1, [ABOVE] = row + stride + 1, [LEFT] = row - 1,
        [UP] = row - stride, [DOWN] = row + stride,   [RIGHT] = row + 1};
    double *restrict out_hi = run->hi[1] + row, *restrict out_lo = run->lo[1] + row;
    for (int m = 0; m <= last; m++) out_hi[m] = out_lo[m] = 0;
    for (int i = 0; i < NEIGHBOURS; i++) {
        const double *hi = run->hi[0] + neighbour[i], *lo = run->lo[0] + neighbour[i];
        const double *weight_hi = run->weight_hi[i] + row, *weight_lo = run->weight_lo[i] + row;
        for (int m = 0; m <= last; m++) {
            /* add(out, multiply(weight, now)), without pairs so that it becomes vector code. */
            double product = weight_hi[m] * hi[m];
            double rest = fma(weight_hi[m], hi[m], -product) +
                          fma(weight_hi[m], lo[m], weight_lo[m] * hi[m]);
            double sum = out_hi[m] + product, part = sum - out_hi[m];
            double error = (out_hi[m] - (sum - part)) + (product - part);
            error += out_lo[m] + rest;
            out_hi[m] = sum + error;
            out_lo[m] = error - (out_hi[m] - sum);
        }
    }
}

/* Whether everything in the last row is negligible. */
static int last_row_is_empty(const long_run *run)
{
    const double *row = run->hi[0] + place(run, run->rows - 1, 0);
    for (int m = 0; m < run->rows; m++)
        if (fabs(row[m]) > 1e-26) return 0;
    return 1;
}

static void clear_last_row(long_run *run)
{
    int last = run->rows - 1;
    for (int m = 0; m < run->rows; m++)
        for (int plane = 0; plane < 2; plane++) {
            run->hi[plane][place(run, last, m)] = run->lo[plane][place(run, last, m)] = 0;
            run->hi[plane][place(run, m, last)] = run->lo[plane][place(run, m, last)] = 0;
        }
    run->rows--;
}

/* One collision: the lower triangle, and of the upper one the diagonal next to it, which the
 * stencil reads. */
static void step(long_run *run)
{
    if (run->rows < run->levels) run->rows++;
    for (int n = 0; n < run->rows; n++) {
        step_row(run, n, n);
        if (n == 0) continue;
        run->hi[1][place(run, n - 1, n)] = run->hi[1][place(run, n, n - 1)];
        run->lo[1][place(run, n - 1, n)] = run->lo[1][place(run, n, n - 1)];
    }
    double *hi = run->hi[0], *lo = run->lo[0];
    run->hi[0] = run->hi[1];
    run->lo[0] = run->lo[1];
    run->hi[1] = hi;
    run->lo[1] = lo;
    while (run->rows > 1 && last_row_is_empty(run)) clear_last_row(run);
}

void long_run_advance(long_run *run, long collisions)
{
    for (long k = 0; k < collisions; k++) step(run);
}

double long_run_get(const long_run *run, int n, int m)
{
    if (n < 0 || m < 0 || n >= run->levels || m >= run->levels) return 0;
    return n >= m ? run->hi[0][place(run, n, m)] : run->hi[0][place(run, m, n)];
}

double long_run_energy(const long_run *run)
{
    double sum = 0;
    for (int n = 0; n < run->rows; n++) sum += n * long_run_get(run, n, n);
    return sum;
}

double long_run_purity(const long_run *run)
{
    double sum = 0;
    for (int n = 0; n < run->rows; n++)
        for (int m = 0; m < run->rows; m++) sum += long_run_get(run, n, m) * long_run_get(run, n, m);
    return sum;
}

double long_run_trace_error(const long_run *run)
{
    pair sum = {-1, 0};
    for (int n = 0; n < run->rows; n++)
        sum = add(sum, (pair){run->hi[0][place(run, n, n)], run->lo[0][place(run, n, n)]});
    return sum.hi + sum.lo;
}

int long_run_rows(const long_run *run) { return run->rows; }
