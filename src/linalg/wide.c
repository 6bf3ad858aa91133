/* Wide scalars and vectors: what is not inline, and long vectors in blocks. */
#include "linalg/wide.h"

#include <string.h>

#include "linalg/kernels/linalg_kernels.h"

/* A block of high and low parts (16 kB) stays in the nearest cache while a basis passes. Products read
 * more than they write, and end with a sum over what runs side by side. */
enum { BLOCK = 1024, BLOCK_OF_PRODUCTS = 2048, ALIGNMENT = 8, UNTIDY = 64 };

umi_wide umi_wide_divide(umi_wide a, umi_wide b)
{
    double first = a.hi / b.hi;
    umi_wide rest = umi_wide_subtract(a, umi_wide_scale(b, first));
    double second = rest.hi / b.hi;
    rest = umi_wide_subtract(rest, umi_wide_scale(b, second));
    umi_wide quotient = umi_wide_quick_sum(first, second);
    return umi_wide_add(quotient, umi_wide_set(rest.hi / b.hi));
}

umi_wide umi_wide_sqrt(umi_wide a)
{
    if (a.hi <= 0) return umi_wide_set(0);
    double root = __builtin_sqrt(a.hi);
    umi_wide rest = umi_wide_subtract(a, umi_wide_two_product(root, root));
    umi_wide better = umi_wide_quick_sum(root, rest.hi / (2 * root));
    rest = umi_wide_subtract(a, umi_wide_multiply(better, better));
    return umi_wide_add(better, umi_wide_set(rest.hi / (2 * root)));
}

umi_wide umi_wide_from_quad(_Float128 x)
{
    double hi = (double)x;
    return umi_wide_quick_sum(hi, (double)(x - hi));
}

_Float128 umi_wide_to_quad(umi_wide a) { return (_Float128)a.hi + a.lo; }

um_status umi_wide_vector_create(um_context *ctx, size_t size, umi_wide_vector *vector)
{
    size_t stride = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    *vector = (umi_wide_vector){0};
    if (stride < size) stride = SIZE_MAX; /* refused below, with the message for it */
    double *block = umi_alloc(ctx, stride, 2 * sizeof(double));
    if (!block) return UM_ERROR_MEMORY;
    *vector = (umi_wide_vector){size, block, block + stride};
    return UM_OK;
}

void umi_wide_vector_free(um_context *ctx, umi_wide_vector *vector)
{
    umi_free(ctx, vector->hi);
    *vector = (umi_wide_vector){0};
}

void umi_wide_vector_clear(umi_wide_vector x)
{
    memset(x.hi, 0, x.size * sizeof(double));
    memset(x.lo, 0, x.size * sizeof(double));
}

void umi_wide_vector_copy(umi_wide_vector to, umi_wide_vector from)
{
    memcpy(to.hi, from.hi, to.size * sizeof(double));
    memcpy(to.lo, from.lo, to.size * sizeof(double));
}

void umi_wide_vector_scale(umi_wide_vector x, umi_wide factor)
{
    umi_wide_kernels_choose()->scale(x.size, factor, x.hi, x.lo);
}

umi_wide umi_wide_dot(umi_wide_vector x, umi_wide_vector y)
{
    umi_wide product;
    umi_wide_project(1, &x, y, &product);
    return product;
}

void umi_wide_axpy(umi_wide factor, umi_wide_vector x, umi_wide_vector y)
{
    umi_wide_kernels_choose()->axpy(y.size, factor, x.hi, x.lo, y.hi, y.lo);
}

static size_t block_at(size_t at, size_t size, size_t most)
{
    return size - at < most ? size - at : most;
}

void umi_wide_project(size_t count, const umi_wide_vector *basis, umi_wide_vector x,
                      umi_wide *coefficients)
{
    const umi_wide_kernels *kernels = umi_wide_kernels_choose();
    for (size_t i = 0; i < count; i++) coefficients[i] = umi_wide_set(0);
    for (size_t at = 0; at < x.size; at += BLOCK_OF_PRODUCTS)
        for (size_t i = 0; i < count; i++)
            coefficients[i] = umi_wide_add(
                coefficients[i], kernels->dot(block_at(at, x.size, BLOCK_OF_PRODUCTS), basis[i].hi + at,
                                              basis[i].lo + at, x.hi + at, x.lo + at));
}

void umi_wide_combine(size_t count, const umi_wide_vector *basis, const umi_wide *coefficients,
                      double sign, umi_wide_vector y)
{
    const umi_wide_kernels *kernels = umi_wide_kernels_choose();
    for (size_t at = 0; at < y.size; at += BLOCK) {
        size_t size = block_at(at, y.size, BLOCK);
        double *hi = y.hi + at, *lo = y.lo + at;
        for (size_t i = 0; i < count; i++) {
            umi_wide factor = {sign * coefficients[i].hi, sign * coefficients[i].lo};
            kernels->accumulate(size, factor, basis[i].hi + at, basis[i].lo + at, hi, lo);
            if ((i + 1) % UNTIDY == 0 || i + 1 == count) kernels->normalise(size, hi, lo);
        }
    }
}
