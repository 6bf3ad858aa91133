#include "plain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OPERATORS = 4 };

struct plain {
    int levels, count;
    int step[OPERATORS];      /* of the second diagonal: K_{n,n} = same[n], K_{n,n-step} = other[n] */
    double *same[OPERATORS], *other[OPERATORS];
    double *row, *memory;
};

/* What the atom's pure state x|g> + y|e> of this weight does: it leaves in g, or in e. */
static void add_operators(plain *it, double theta, double weight, double x, double y)
{
    if (weight <= 0) return;
    int levels = it->levels, to_g = it->count++, to_e = it->count++;
    it->step[to_g] = 1;
    it->step[to_e] = -1;
    for (int n = 0; n < levels; n++) {
        double here = theta * sqrt(n), above = n + 1 < levels ? theta * sqrt(n + 1) : 0;
        it->same[to_g][n] = sqrt(weight) * x * cos(here);
        it->other[to_g][n] = sqrt(weight) * y * sin(here);
        it->same[to_e][n] = sqrt(weight) * y * cos(above);
        it->other[to_e][n] = -sqrt(weight) * x * sin(above);
    }
}

plain *plain_create(int levels, double theta, double q, double c)
{
    size_t size = (size_t)levels;
    plain *it = calloc(1, sizeof *it);
    double *next = it ? calloc((2 * OPERATORS + 1) * size + 2, sizeof *next) : NULL;
    if (!next) {
        free(it);
        return NULL;
    }
    it->levels = levels;
    it->memory = next;
    for (int i = 0; i < OPERATORS; i++) {
        it->same[i] = next;
        it->other[i] = next + size;
        next += 2 * size;
    }
    it->row = next + 1; /* a zero on each side */
    /* Eigenstates of [[q, s], [s, 1-q]]; c = 1 has one alone. */
    double s = c * sqrt(q * (1 - q)), half = 0.5 - q, spread = hypot(half, s);
    double angle = 0.5 * atan2(s, -half);
    double small = c == 1 ? 0 : 0.5 - spread;
    add_operators(it, theta, 1 - small, cos(angle), sin(angle));
    add_operators(it, theta, small, -sin(angle), cos(angle));
    return it;
}

void plain_destroy(plain *it)
{
    if (it) free(it->memory);
    free(it);
}

void plain_collide(const plain *it, const double *in, double *out)
{
    const int levels = it->levels;
    const size_t stride = (size_t)levels;
    for (int n = 0; n < levels; n++) {
        double *restrict to = out + (size_t)n * stride, *restrict row = it->row;
        memset(to, 0, stride * sizeof *to);
        for (int i = 0; i < it->count; i++) {
            const int step = it->step[i], from = n - step;
            const double same = it->same[i][n], other = from < 0 || from >= levels ? 0 : it->other[i][n];
            const double *restrict here = in + (size_t)n * stride;
            const double *restrict there = in + (size_t)(from < 0 || from >= levels ? n : from) * stride;
            for (int m = 0; m < levels; m++) row[m] = same * here[m] + other * there[m];
            for (int m = 0; m < levels; m++)
                to[m] += row[m] * it->same[i][m] + row[m - step] * it->other[i][m];
        }
    }
}
