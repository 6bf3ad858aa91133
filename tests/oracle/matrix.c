/* Dense complex matrices in long double: product, exponential, Hermitian eigenvalues. */
#include "oracle.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

oracle_complex *oracle_matrix(int size)
{
    oracle_complex *matrix = calloc((size_t)size * (size_t)size, sizeof *matrix);
    if (!matrix) {
        fprintf(stderr, "oracle: out of memory\n");
        abort();
    }
    return matrix;
}

/* Plain product: C's own checks for infinities cost ten times as much. */
static inline oracle_complex times(oracle_complex a, oracle_complex b)
{
    oracle_real ar = creall(a), ai = cimagl(a), br = creall(b), bi = cimagl(b);
    oracle_complex product;
    __real__ product = ar * br - ai * bi;
    __imag__ product = ar * bi + ai * br;
    return product;
}

void oracle_multiply(int size, const oracle_complex *a, const oracle_complex *b,
                     oracle_complex *out)
{
    memset(out, 0, (size_t)size * (size_t)size * sizeof *out);
    for (int i = 0; i < size; i++)
        for (int k = 0; k < size; k++) {
            oracle_complex left = a[i * size + k];
            if (left == 0) continue;
            for (int j = 0; j < size; j++) out[i * size + j] += times(left, b[k * size + j]);
        }
}

void oracle_adjoint(int size, const oracle_complex *a, oracle_complex *out)
{
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) out[j * size + i] = conjl(a[i * size + j]);
}

oracle_complex oracle_trace_product(int size, const oracle_complex *a, const oracle_complex *b)
{
    oracle_complex sum = 0;
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) sum += times(a[i * size + j], b[j * size + i]);
    return sum;
}

static oracle_real row_sum_norm(int size, const oracle_complex *a)
{
    oracle_real norm = 0;
    for (int i = 0; i < size; i++) {
        oracle_real sum = 0;
        for (int j = 0; j < size; j++) sum += cabsl(a[i * size + j]);
        if (sum > norm) norm = sum;
    }
    return norm;
}

void oracle_exponential(int size, const oracle_complex *a, oracle_complex factor,
                        oracle_complex *out)
{
    enum { TERMS = 20 }; /* 2^-20 / 20! < 1e-24 */
    int squarings = 0;
    oracle_real norm = row_sum_norm(size, a) * cabsl(factor);
    while (norm > 0.5L) {
        norm /= 2;
        squarings++;
    }
    oracle_complex *scaled = oracle_matrix(size), *next = oracle_matrix(size);
    size_t count = (size_t)size * (size_t)size;
    for (size_t i = 0; i < count; i++) scaled[i] = ldexpl(1, -squarings) * times(factor, a[i]);

    /* Horner: out <- 1 + scaled out / term. */
    memset(out, 0, count * sizeof *out);
    for (int i = 0; i < size; i++) out[i * size + i] = 1;
    for (int term = TERMS; term >= 1; term--) {
        oracle_multiply(size, scaled, out, next);
        for (size_t i = 0; i < count; i++) out[i] = next[i] / term;
        for (int i = 0; i < size; i++) out[i * size + i] += 1;
    }
    for (int i = 0; i < squarings; i++) {
        oracle_multiply(size, out, out, next);
        memcpy(out, next, count * sizeof *out);
    }
    free(scaled);
    free(next);
}

/* One rotation that makes a_pq zero. */
static void rotate(int size, oracle_complex *a, int p, int q)
{
    oracle_complex apq = a[p * size + q];
    oracle_real modulus = cabsl(apq);
    if (modulus == 0) return;
    oracle_complex phase = apq / modulus;
    oracle_real difference = creall(a[q * size + q]) - creall(a[p * size + p]);
    oracle_real ratio = difference / (2 * modulus);
    oracle_real t = (ratio >= 0 ? 1 : -1) / (fabsl(ratio) + sqrtl(1 + ratio * ratio));
    oracle_real cosine = 1 / sqrtl(1 + t * t), sine = t * cosine;
    /* Columns, then rows, of the unitary with columns (c, -s conj(phase)) and (s phase, c). */
    for (int k = 0; k < size; k++) {
        oracle_complex kp = a[k * size + p], kq = a[k * size + q];
        a[k * size + p] = cosine * kp - sine * times(conjl(phase), kq);
        a[k * size + q] = sine * times(phase, kp) + cosine * kq;
    }
    for (int k = 0; k < size; k++) {
        oracle_complex pk = a[p * size + k], qk = a[q * size + k];
        a[p * size + k] = cosine * pk - sine * times(phase, qk);
        a[q * size + k] = sine * times(conjl(phase), pk) + cosine * qk;
    }
    a[p * size + q] = a[q * size + p] = 0;
}

static int descending(const void *a, const void *b)
{
    oracle_real x = *(const oracle_real *)a, y = *(const oracle_real *)b;
    return (x < y) - (x > y);
}

void oracle_eigenvalues(int size, const oracle_complex *a, oracle_real *values)
{
    enum { SWEEPS_MAX = 60 };
    const oracle_real negligible = 1e-20L;
    oracle_complex *work = oracle_matrix(size);
    memcpy(work, a, (size_t)size * (size_t)size * sizeof *work);
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        oracle_real largest = 0;
        for (int p = 0; p < size; p++)
            for (int q = p + 1; q < size; q++) {
                oracle_real modulus = cabsl(work[p * size + q]);
                if (modulus > largest) largest = modulus;
                if (modulus > negligible) rotate(size, work, p, q);
            }
        if (largest <= negligible) break;
    }
    for (int i = 0; i < size; i++) values[i] = creall(work[i * size + i]);
    qsort(values, (size_t)size, sizeof *values, descending);
    free(work);
}
