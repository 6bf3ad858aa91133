#include "map/share.h"

enum { TOGETHER = 4 };

/* Starting and finishing a shared task costs as much as so many multiply-adds of one thread. */
static const double OPERATIONS_LEAST = 5e4;

int umi_share_get_parts(um_context *ctx, double operations)
{
    if (ctx->options.threads <= 1 || operations < 2 * OPERATIONS_LEAST) return 1;
    int size = umi_team_get_size(ctx);
    double worth = operations / OPERATIONS_LEAST;
    return worth < size ? (int)worth : size;
}

/* Elements of the first orders: of order k as many as there are levels less k. */
static double count(const um_state *state, int orders)
{
    return orders * (state->last - state->first - 0.5 * (orders - 1));
}

double umi_share_count(const um_state *state) { return count(state, state->orders); }

static int find_cut(const um_state *image, int part, int parts)
{
    if (part == parts) return image->orders;
    double wanted = umi_share_count(image) * part / parts;
    int low = 0, high = image->orders / TOGETHER;
    while (low < high) {
        int middle = (low + high) / 2;
        if (count(image, (2 * middle + 1) * TOGETHER / 2) < wanted) low = middle + 1;
        else high = middle;
    }
    return low * TOGETHER;
}

umi_orders umi_share_get_orders(const um_state *image, int part, int parts)
{
    return (umi_orders){find_cut(image, part, parts), find_cut(image, part + 1, parts)};
}

void umi_share_seal(um_state *image, umi_orders orders)
{
    for (int p = 0; p < image->planes; p++)
        for (int k = orders.first; k < orders.end; k++) {
            double *row = umi_state_row(image, p, k);
            row[image->first - 1] = row[image->first - 2] = 0;
            row[image->last - k] = row[image->last - k + 1] = 0;
        }
}
