#define _GNU_SOURCE /* sinf128 and its like */
#include "chamber.h"

#include <stdlib.h>
#include <string.h>

chamber chamber_make(int levels, const double *lowering, double theta, double q, double c)
{
    chamber it = {.levels = levels, .gg = q, .ee = 1 - (quad)q};
    if (levels < 1 || levels > CHAMBER_LEVELS_MAX) abort();
    it.ge = c * sqrtf128(it.gg * it.ee);
    it.odds = sqrtf128(it.ee / it.gg);
    for (int n = 0; n <= levels; n++) {
        quad d = !lowering ? sqrtf128(n) : n > 0 && n < levels ? (quad)lowering[n] : 0;
        it.angle[n] = theta * d;
        it.cosine[n] = n < levels ? cosf128(it.angle[n]) : 1;
        it.sine[n] = n < levels ? sinf128(it.angle[n]) : 0;
    }
    return it;
}

void chamber_close(chamber *it, int level)
{
    it->sine[level] = 0;
    it->cosine[level] = cosf128(it->angle[level]) < 0 ? -1 : 1;
}

/* r_nm, zero outside. */
static quad at(const chamber *it, const quad *r, int n, int m)
{
    if (n < 0 || m < 0 || n >= it->levels || m >= it->levels) return 0;
    return r[n * it->levels + m];
}

void chamber_collide(const chamber *it, const quad *r, quad *after)
{
    const quad *c = it->cosine, *s = it->sine;
    for (int n = 0; n < it->levels; n++)
        for (int m = 0; m < it->levels; m++) {
            quad ground =
                c[n] * c[m] * at(it, r, n, m) + s[n + 1] * s[m + 1] * at(it, r, n + 1, m + 1);
            quad excited =
                s[n] * s[m] * at(it, r, n - 1, m - 1) + c[n + 1] * c[m + 1] * at(it, r, n, m);
            quad coherent = c[n] * s[m] * at(it, r, n, m - 1) + s[n] * c[m] * at(it, r, n - 1, m) -
                            s[n + 1] * c[m + 1] * at(it, r, n + 1, m) -
                            c[n + 1] * s[m + 1] * at(it, r, n, m + 1);
            after[n * it->levels + m] = it->gg * ground + it->ee * excited + it->ge * coherent;
        }
}

void chamber_step(const chamber *it, long collisions, quad *r)
{
    static quad after[CHAMBER_LEVELS_MAX * CHAMBER_LEVELS_MAX];
    size_t bytes = (size_t)it->levels * (size_t)it->levels * sizeof *r;
    for (long k = 0; k < collisions; k++) {
        chamber_collide(it, r, after);
        memcpy(r, after, bytes);
    }
}

quad chamber_energy(const chamber *it, const quad *r)
{
    quad sum = 0;
    for (int n = 0; n < it->levels; n++) sum += n * r[n * (it->levels + 1)];
    return sum;
}

quad chamber_population(const chamber *it, int first, int last, const quad *r)
{
    quad sum = 0;
    for (int n = first; n <= last; n++) sum += r[n * (it->levels + 1)];
    return sum;
}

quad chamber_purity(const chamber *it, const quad *r)
{
    quad sum = 0;
    for (int i = 0; i < it->levels * it->levels; i++) sum += r[i] * r[i];
    return sum;
}

/* amplitude amplitude', or its diagonal alone, normalised. */
static void fill(const chamber *it, const quad *amplitude, int coherent, quad *r)
{
    quad norm = 0;
    for (int n = 0; n < it->levels; n++) norm += amplitude[n] * amplitude[n];
    for (int n = 0; n < it->levels; n++)
        for (int m = 0; m < it->levels; m++)
            r[n * it->levels + m] = coherent || n == m ? amplitude[n] * amplitude[m] / norm : 0;
}

void chamber_cotangent(const chamber *it, int first, int last, quad *r)
{
    quad amplitude[CHAMBER_LEVELS_MAX] = {0};
    amplitude[first] = 1;
    for (int n = first + 1; n <= last; n++)
        amplitude[n] = amplitude[n - 1] * it->odds / tanf128(it->angle[n] / 2);
    fill(it, amplitude, 1, r);
}

void chamber_tangent(const chamber *it, int first, int last, quad *r)
{
    quad amplitude[CHAMBER_LEVELS_MAX] = {0};
    amplitude[first] = 1;
    for (int n = first + 1; n <= last; n++) /* +i is -i times -1 */
        amplitude[n] = -amplitude[n - 1] * it->odds * tanf128(it->angle[n] / 2);
    fill(it, amplitude, 1, r);
}

void chamber_balance(const chamber *it, int first, int last, quad *r)
{
    quad amplitude[CHAMBER_LEVELS_MAX] = {0};
    amplitude[first] = 1;
    for (int n = first + 1; n <= last; n++) amplitude[n] = amplitude[n - 1] * it->odds;
    fill(it, amplitude, 0, r);
}
