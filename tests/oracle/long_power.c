#define _GNU_SOURCE /* log1pf128 */
#include "long_power.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static quad *new_array(size_t count)
{
    quad *array = calloc(count ? count : 1, sizeof *array);
    if (!array) {
        fprintf(stderr, "oracle: out of memory\n");
        abort();
    }
    return array;
}

/* Elements n <= m (antisymmetric: n < m) of a matrix with r_mn = sign r_nm, row by row. */
static int to_vector(int levels, int sign, const quad *r, quad *x)
{
    int size = 0;
    for (int n = 0; n < levels; n++)
        for (int m = n + (sign < 0); m < levels; m++)
            x[size++] = (r[n * levels + m] + sign * r[m * levels + n]) / 2;
    return size;
}

static void from_vector(int levels, int sign, const quad *x, quad *r)
{
    int i = 0;
    for (int n = 0; n < levels; n++)
        for (int m = n + (sign < 0); m < levels; m++) {
            r[m * levels + n] = sign * x[i];
            r[n * levels + m] = x[i++];
        }
}

/* Row-major: column j is the image of unit vector j. */
static quad *map_matrix(const chamber *it, int sign, int size)
{
    size_t elements = (size_t)it->levels * (size_t)it->levels;
    quad *matrix = new_array((size_t)size * (size_t)size), *x = new_array((size_t)size);
    quad *before = new_array(elements), *after = new_array(elements);
    for (int j = 0; j < size; j++) {
        memset(before, 0, elements * sizeof *before);
        x[j] = 1;
        from_vector(it->levels, sign, x, before);
        x[j] = 0;
        chamber_collide(it, before, after);
        quad *image = new_array((size_t)size);
        to_vector(it->levels, sign, after, image);
        for (int i = 0; i < size; i++) matrix[i * size + j] = image[i];
        free(image);
    }
    free(x);
    free(before);
    free(after);
    return matrix;
}

static void square(int size, quad **matrix)
{
    quad *a = *matrix, *product = new_array((size_t)size * (size_t)size);
    for (int i = 0; i < size; i++)
        for (int k = 0; k < size; k++) {
            quad factor = a[i * size + k];
            if (factor == 0) continue;
            for (int j = 0; j < size; j++) product[i * size + j] += factor * a[k * size + j];
        }
    free(a);
    *matrix = product;
}

static void apply(int size, const quad *matrix, quad *x)
{
    quad *image = new_array((size_t)size);
    for (int i = 0; i < size; i++)
        for (int j = 0; j < size; j++) image[i] += matrix[i * size + j] * x[j];
    memcpy(x, image, (size_t)size * sizeof *x);
    free(image);
}

/* The part with r_mn = sign r_nm of every r. */
static void advance_part(const chamber *it, int sign, size_t count, const int64_t *collisions,
                         quad **x)
{
    int size = it->levels * (it->levels + sign) / 2;
    int64_t longest = 0;
    for (size_t i = 0; i < count; i++)
        if (collisions[i] > longest) longest = collisions[i];
    quad *matrix = map_matrix(it, sign, size);
    for (int bit = 0; longest >> bit; bit++) {
        for (size_t i = 0; i < count; i++)
            if (collisions[i] >> bit & 1) apply(size, matrix, x[i]);
        if (longest >> (bit + 1)) square(size, &matrix);
    }
    free(matrix);
}

static bool is_zero(size_t size, const quad *x)
{
    for (size_t i = 0; i < size; i++)
        if (x[i] != 0) return false;
    return true;
}

void long_power_advance(const chamber *it, size_t count, const int64_t *collisions, quad *const *r)
{
    size_t elements = (size_t)it->levels * (size_t)it->levels;
    quad **part[2] = {calloc(count, sizeof(quad *)), calloc(count, sizeof(quad *))};
    quad *whole = new_array(elements);
    if (!part[0] || !part[1]) abort();
    for (int p = 0; p < 2; p++) {
        int sign = p ? -1 : 1, size = it->levels * (it->levels + sign) / 2;
        bool empty = true;
        for (size_t i = 0; i < count; i++) {
            part[p][i] = new_array(elements);
            to_vector(it->levels, sign, r[i], part[p][i]);
            empty = empty && is_zero((size_t)size, part[p][i]);
        }
        if (!empty) advance_part(it, sign, count, collisions, part[p]);
    }
    for (size_t i = 0; i < count; i++) {
        memset(r[i], 0, elements * sizeof(quad));
        for (int p = 0; p < 2; p++) {
            memset(whole, 0, elements * sizeof *whole);
            from_vector(it->levels, p ? -1 : 1, part[p][i], whole);
            for (size_t j = 0; j < elements; j++) r[i][j] += whole[j];
            free(part[p][i]);
        }
    }
    free(whole);
    free(part[0]);
    free(part[1]);
}

long_leak long_power_leak(const chamber *it, int boundary, int doublings)
{
    size_t elements = (size_t)it->levels * (size_t)it->levels;
    int64_t k = INT64_C(1) << doublings, collisions[4] = {k, 2 * k, k, 2 * k};
    quad *r[4], below[4];
    for (int i = 0; i < 4; i++) r[i] = new_array(elements);
    r[0][0] = r[1][0] = r[2][elements - 1] = r[3][elements - 1] = 1;
    long_power_advance(it, 4, collisions, r);
    for (int i = 0; i < 4; i++) {
        below[i] = chamber_population(it, 0, boundary - 1, r[i]);
        free(r[i]);
    }
    /* below(2k) = limit + f (below(k) - limit), the same f and limit for both starts */
    quad lost = below[0] - below[1], gained = below[3] - below[2];
    quad share = (lost + gained) / (below[0] - below[2]); /* 1 - f */
    quad sum = -log1pf128(-share) / k, limit = below[0] - lost / share;
    return (long_leak){(double)(sum * (1 - limit)), (double)(sum * limit), (double)sum};
}
