/* A filled table in the order in which the kernels use it, and its adjoint. */
#include <math.h>

#include "map/table_inside.h"

/* Below this a coefficient is left out at the ends of a row or a band. */
#define NEGLIGIBLE 1e-21

enum { LANES = UMI_TABLE_LANES };

/* No less than the modulus. */
static double size_of(const double *re, const double *im, int n)
{
    return (re ? fabs(re[n]) : 0) + (im ? fabs(im[n]) : 0);
}

/* Whether shift `at` of a band has something to say in a block of n. */
static bool counts(const umi_table *table, const umi_table_band *band, int order, int at, int block)
{
    const double *re = band->row[0][at], *im = table->planes > 1 ? band->row[1][at] : NULL;
    int end = umi_min((block + 1) * LANES, table->levels - order);
    for (int n = block * LANES; n < end; n++)
        if (!(size_of(re, im, n) < NEGLIGIBLE)) return true;
    return false;
}

static umi_table_group find_group(const umi_table *table, int order, int change, int block)
{
    const umi_table_band *band = umi_table_at(table, order, change);
    int first = 0, last = band->count - 1;
    while (first <= last && !counts(table, band, order, first, block)) first++;
    while (last >= first && !counts(table, band, order, last, block)) last--;
    return (umi_table_group){.first = band->first + first, .count = last - first + 1};
}

static size_t find_groups(const umi_table *table, umi_table_pack *pack)
{
    size_t used = 0, block = 0;
    for (int k = 0; k < table->orders; k++) {
        pack->block[k] = block;
        for (int b = 0; b * LANES < table->levels - k; b++, block++)
            for (int change = -1; change <= 1; change++) {
                umi_table_group group = find_group(table, k, change, b);
                group.at = used;
                used += (size_t)group.count * (size_t)(LANES * table->planes);
                pack->group[3 * block + (size_t)(change + 1)] = group;
                if (group.count == 0) continue;
                int last = group.first + group.count - 1;
                pack->mixes |= change != 0;
                pack->climb = umi_max(pack->climb, -umi_min(group.first, group.first + change));
                pack->fall = umi_max(pack->fall, umi_max(last, last + change));
            }
    }
    return used;
}

static void copy_group(const umi_table *table, int order, int change, int block,
                       const umi_table_group *group, double *to)
{
    const umi_table_band *band = umi_table_at(table, order, change);
    int begin = block * LANES, end = umi_min(begin + LANES, table->levels - order);
    for (int s = 0; s < group->count; s++)
        for (int p = 0; p < table->planes; p++, to += LANES) {
            const double *row = band->row[p][group->first - band->first + s];
            for (int n = begin; row && n < end; n++) to[n - begin] = row[n];
        }
}

/* What the groups leave out, summed over the outputs of each input; its Euclidean norm bounds, by
 * Cauchy and Schwarz, the sum of moduli that is missing from an image of Frobenius norm 1. Outputs off
 * the diagonal count twice, for both triangles. */
static um_status sum_dropped(const umi_table *table, umi_table_pack *pack)
{
    size_t size = (size_t)table->levels;
    size_t count = ((size_t)table->orders + 1) * size;
    double *missing = UMI_NEW_ARRAY(table->ctx, double, count);
    if (!missing) return UM_ERROR_MEMORY;
    for (int k = 0; k < table->orders; k++)
        for (int change = -1; change <= 1; change++) {
            const umi_table_band *band = umi_table_at(table, k, change);
            for (int s = 0; s < band->count; s++) {
                int shift = band->first + s;
                const double *re = band->row[0][s], *im = table->planes > 1 ? band->row[1][s] : NULL;
                for (int n = umi_max(0, -shift); (re || im) && n < table->levels - k; n++) {
                    const umi_table_group *group =
                        &pack->group[3 * (pack->block[k] + (size_t)(n / LANES)) + (size_t)(change + 1)];
                    if (shift >= group->first && shift < group->first + group->count) continue;
                    if (n + shift + k + change >= table->levels || k + change < 0) continue;
                    missing[(size_t)(k + change) * size + (size_t)(n + shift)] +=
                        (k > 0 ? 2 : 1) * size_of(re, im, n);
                }
            }
        }
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += missing[i] * missing[i];
    pack->dropped = sqrt(sum);
    umi_free(table->ctx, missing);
    return UM_OK;
}

static um_status fill(const umi_table *table, umi_table_pack *pack)
{
    size_t blocks = 0;
    for (int k = 0; k < table->orders; k++) blocks += (size_t)((table->levels - k + LANES - 1) / LANES);
    pack->block = UMI_NEW_ARRAY(table->ctx, size_t, (size_t)table->orders);
    pack->group = UMI_NEW_ARRAY(table->ctx, umi_table_group, 3 * blocks);
    if (!pack->block || !pack->group) return UM_ERROR_MEMORY;
    size_t used = find_groups(table, pack);
    pack->coefficient = UMI_NEW_ARRAY(table->ctx, double, used);
    if (!pack->coefficient) return UM_ERROR_MEMORY;
    for (int k = 0; k < table->orders; k++)
        for (int b = 0; b * LANES < table->levels - k; b++)
            for (int change = -1; change <= 1; change++) {
                const umi_table_group *group =
                    &pack->group[3 * (pack->block[k] + (size_t)b) + (size_t)(change + 1)];
                if (group->count) copy_group(table, k, change, b, group, pack->coefficient + group->at);
            }
    return sum_dropped(table, pack);
}

um_status umi_table_pack_create(const umi_table *table, umi_table_pack *pack)
{
    *pack = (umi_table_pack){.levels = table->levels, .orders = table->orders, .planes = table->planes};
    um_status status = fill(table, pack);
    if (status != UM_OK) umi_table_pack_free(table->ctx, pack);
    return status;
}

void umi_table_pack_free(um_context *ctx, umi_table_pack *pack)
{
    umi_free(ctx, pack->block);
    umi_free(ctx, pack->group);
    umi_free(ctx, pack->coefficient);
    *pack = (umi_table_pack){0};
}

/* Tr[M*(A) B] = Tr[A M(B)], and Tr[A B] = sum_n A_0 B_0 + 2 sum_{k>0} Re(conj(A_k) B_k): order 0, of
 * which the other orders have two copies, takes or gives the factor 2. */
static um_status transpose_group(const umi_table_pack *pack, int order, int change, int block,
                                 umi_table *adjoint)
{
    const umi_table_group *group =
        &pack->group[3 * (pack->block[order] + (size_t)block) + (size_t)(change + 1)];
    double factor = order == 0 && change == 1 ? 0.5 : order == 1 && change == -1 ? 2 : 1;
    const double *from = pack->coefficient + group->at;
    int begin = block * LANES, end = umi_min(begin + LANES, pack->levels - order);
    for (int s = 0; s < group->count; s++, from += LANES * pack->planes)
        for (int n = begin; n < end; n++) {
            double re = from[n - begin], im = pack->planes > 1 ? from[LANES + n - begin] : 0;
            if (re == 0 && im == 0) continue;
            int shift = group->first + s;
            UMI_TRY(umi_table_add(adjoint, order + change, -change, -shift, n + shift, factor * re,
                                  -factor * im));
        }
    return UM_OK;
}

um_status umi_table_pack_transpose(um_context *ctx, const umi_table_pack *pack, umi_table **adjoint)
{
    UMI_TRY(umi_table_create(ctx, pack->levels, pack->orders, pack->planes > 1, adjoint));
    um_status status = UM_OK;
    for (int k = 0; k < pack->orders && status == UM_OK; k++)
        for (int b = 0; b * LANES < pack->levels - k && status == UM_OK; b++)
            for (int change = -1; change <= 1 && status == UM_OK; change++)
                status = transpose_group(pack, k, change, b, *adjoint);
    if (status == UM_OK) return UM_OK;
    umi_table_free(*adjoint);
    *adjoint = NULL;
    return status;
}
