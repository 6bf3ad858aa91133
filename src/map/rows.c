#include "map/rows.h"

#include <math.h>
#include <string.h>

/* Elements of the first orders: of order k as many as there are levels, less k. */
static double count(const umi_rows *all, int orders)
{
    return orders * (all->last - all->first - 0.5 * (orders - 1));
}

int umi_rows_count_parts(um_context *ctx, const umi_rows *all, double operations)
{
    if (ctx->options.threads <= 1) return 1;
    double worth = fmin(operations * count(all, all->orders) / ctx->part_least, all->orders);
    return worth < 2 ? 1 : (int)fmin(worth, umi_team_get_size(ctx));
}

static int find_cut(const umi_rows *all, int part, int parts)
{
    double wanted = count(all, all->orders) * part / parts;
    int low = 0, high = all->orders;
    while (low < high) {
        int middle = (low + high) / 2;
        if (count(all, middle) < wanted) low = middle + 1;
        else high = middle;
    }
    return low;
}

umi_rows umi_rows_get_part(const umi_rows *all, int part, int parts)
{
    umi_rows it = *all;
    if (part > 0) it.from = find_cut(all, part, parts);
    if (part + 1 < parts) it.orders = find_cut(all, part + 1, parts);
    return it;
}

void umi_rows_seal(const umi_rows *rows)
{
    if (rows->from >= rows->orders) return; /* of an empty state, which has no memory */
    /* Two elements with one store, by pointers that go on; a copy, of which it is known that no store changes it: for
     * small states this is a twentieth of a collision. */
    const umi_rows it = *rows;
    double *below = it.base + it.from * it.stride + it.first - 2;
    double *above = it.base + it.from * it.stride + it.last - it.from;
    for (int k = it.from; k < it.orders; k++) {
        memset(below, 0, 2 * sizeof *below);
        memset(above, 0, 2 * sizeof *above);
        below += it.stride;
        above += it.stride - 1;
    }
}
