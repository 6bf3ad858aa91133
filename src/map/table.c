/* A table while it is filled. */
#include "map/table.h"

#include "map/table_inside.h"

um_status umi_table_create(um_context *ctx, int levels, int orders, bool complex_coefficients, umi_table **table)
{
    *table = NULL;
    umi_table *made = UMI_NEW(ctx, umi_table);
    if (!made) return UM_ERROR_MEMORY;
    *made = (umi_table){.ctx = ctx, .levels = levels, .orders = orders, .planes = complex_coefficients ? 2 : 1};
    size_t size = (size_t)levels;
    made->band = UMI_NEW_ARRAY(ctx, umi_table_band, 3 * (size_t)orders);
    made->weights = UMI_NEW_ARRAY(ctx, double, 2 * UMI_TABLE_READOUTS * UMI_TABLE_READ_ORDERS * size);
    made->top = UMI_NEW_ARRAY(ctx, double, size);
    if (!made->band || !made->weights || !made->top) {
        umi_table_free(made);
        return UM_ERROR_MEMORY;
    }
    *table = made;
    return UM_OK;
}

void umi_table_free(umi_table *table)
{
    if (!table) return;
    um_context *ctx = table->ctx;
    for (int i = 0; table->band && i < 3 * table->orders; i++) {
        umi_table_band *band = &table->band[i];
        for (int p = 0; p < table->planes; p++) {
            for (int s = 0; s < band->count; s++) umi_free(ctx, band->row[p][s]);
            umi_free(ctx, band->row[p]);
        }
    }
    umi_free(ctx, table->band);
    umi_free(ctx, table->weights);
    umi_free(ctx, table->top);
    umi_free(ctx, table);
}

int umi_table_get_orders(const umi_table *table) { return table->orders; }

static bool widen(const umi_table *table, umi_table_band *band, int shift)
{
    int first = band->count ? umi_min(band->first, shift) : shift;
    int last = band->count ? umi_max(band->first + band->count - 1, shift) : shift;
    int count = last - first + 1;
    if (count == band->count) return true;
    double **row[2] = {NULL, NULL};
    for (int p = 0; p < table->planes; p++) {
        row[p] = UMI_NEW_ARRAY(table->ctx, double *, (size_t)count);
        if (!row[p]) {
            umi_free(table->ctx, row[0]);
            return false;
        }
    }
    for (int p = 0; p < table->planes; p++) {
        for (int s = 0; s < band->count; s++) row[p][band->first - first + s] = band->row[p][s];
        umi_free(table->ctx, band->row[p]);
        band->row[p] = row[p];
    }
    band->first = first;
    band->count = count;
    return true;
}

double *umi_table_row(umi_table *table, int order, int change, int shift, int plane)
{
    umi_table_band *band = umi_table_at(table, order, change);
    if (!widen(table, band, shift)) return NULL;
    double **row = &band->row[plane][shift - band->first];
    if (!*row) *row = UMI_NEW_ARRAY(table->ctx, double, (size_t)(table->levels - order));
    return *row;
}

const double *umi_table_find(const umi_table *table, int order, int change, int shift, int plane)
{
    const umi_table_band *band = umi_table_at(table, order, change);
    bool inside = shift >= band->first && shift < band->first + band->count;
    return inside && plane < table->planes ? band->row[plane][shift - band->first] : NULL;
}

void umi_table_get_band(const umi_table *table, int change, int *first, int *last)
{
    *first = table->levels;
    *last = -table->levels;
    for (int k = 0; k < table->orders; k++) {
        const umi_table_band *band = umi_table_at(table, k, change);
        if (!band->count) continue;
        *first = umi_min(*first, band->first);
        *last = umi_max(*last, band->first + band->count - 1);
    }
}

um_status umi_table_add(umi_table *table, int order, int change, int shift, int n, double re, double im)
{
    if (order == 0 && change == -1) {
        change = 1;
        shift--;
        im = -im;
    }
    double *row = umi_table_row(table, order, change, shift, 0);
    if (!row) return UM_ERROR_MEMORY;
    row[n] += re;
    if (table->planes == 1) return UM_OK;
    row = umi_table_row(table, order, change, shift, 1);
    if (!row) return UM_ERROR_MEMORY;
    row[n] += im;
    return UM_OK;
}

static um_status accumulate_band(umi_table *table, int order, int change, double weight, const umi_table *one)
{
    const umi_table_band *band = umi_table_at(one, order, change);
    for (int p = 0; p < table->planes; p++)
        for (int s = 0; s < band->count; s++) {
            const double *from = band->row[p][s];
            if (!from) continue;
            double *to = umi_table_row(table, order, change, band->first + s, p);
            if (!to) return UM_ERROR_MEMORY;
            for (int n = 0; n < table->levels - order; n++) to[n] += weight * from[n];
        }
    return UM_OK;
}

um_status umi_table_accumulate(umi_table *table, double weight, const umi_table *one)
{
    for (int k = 0; k < table->orders; k++)
        for (int change = -1; change <= 1; change++) UMI_TRY(accumulate_band(table, k, change, weight, one));
    size_t count = 2 * UMI_TABLE_READOUTS * UMI_TABLE_READ_ORDERS * (size_t)table->levels;
    for (size_t i = 0; i < count; i++) table->weights[i] += weight * one->weights[i];
    return UM_OK;
}

double *umi_table_weights(umi_table *table, umi_table_readout readout, int order, int plane)
{
    size_t index = 2 * (UMI_TABLE_READ_ORDERS * (size_t)readout + (size_t)order) + (size_t)plane;
    return table->weights + index * (size_t)table->levels;
}

double *umi_table_top(umi_table *table) { return table->top; }
