/* The map of an order table behind the common interface: windows, planes, kernels, readouts. */
#include <math.h>
#include <string.h>

#include "map/keep.h"
#include "map/rows.h"
#include "map/table_inside.h"

enum { LANES = UMI_TABLE_LANES };

/* Kernels read a block around the window and no further. */
enum { PAD = UMI_TABLE_LANES };

/* Shells of weight below this add nothing to a bound that is compared with 1e-10. */
#define NEGLIGIBLE_SHELL 1e-20

/* Both ways, as far as they are made. */
typedef struct packs {
    umi_table_pack forward, adjoint;
    bool has_forward, has_adjoint;
} packs;

typedef struct table_map {
    um_map base;
    const umi_table_kernels *kernels;
    const umi_kernels *sums;
    packs all, populations;
    umi_table_maker *make; /* of what is not there yet */
    umi_kept kept;
    bool apart; /* orders do not mix: populations have packs of their own */
    double excited, present;
    double *memory; /* weights and top */
    double *weight[UMI_TABLE_READOUTS][UMI_TABLE_READ_ORDERS][2]; /* NULL where all are zero */
    double *top;
    double *scratch; /* the window of the state, zero around it */
    size_t scratch_size;
} table_map;

/* The window of a state as the kernels read it: row k of plane p at row[p] + k stride. */
typedef struct source {
    double *row[2];
    ptrdiff_t stride;
    int first, last, orders;
} source;

static um_status unpack(table_map *map, const um_state *in, source *from)
{
    size_t stride = (size_t)(map->base.info.levels + 2 * PAD), plane = stride * (size_t)in->orders;
    if (map->scratch_size < 2 * plane || !map->scratch) {
        double *larger = UMI_NEW_ARRAY(map->base.ctx, double, 2 * plane);
        if (!larger) return UM_ERROR_MEMORY;
        umi_free(map->base.ctx, map->scratch);
        map->scratch = larger;
        map->scratch_size = 2 * plane;
    }
    *from = (source){{map->scratch + PAD, map->scratch + plane + PAD}, (ptrdiff_t)stride,
                     in->first, in->last, in->orders};
    memset(map->scratch, 0, 2 * plane * sizeof(double));
    for (int p = 0; p < in->planes; p++)
        for (int k = p; k < in->orders; k++) /* the diagonal is real */
            memcpy(from->row[p] + k * from->stride + in->first, umi_state_row(in, p, k) + in->first,
                   sizeof(double) * (size_t)umi_max(0, umi_state_row_length(in, k)));
    return UM_OK;
}

/* The part of a group that reads inside the window, for outputs n .. n + LANES - 1 of an order. */
static umi_table_term find_term(const umi_table_pack *pack, const source *from, int order, int change,
                                size_t block, int n)
{
    const umi_table_group *group = &pack->group[3 * block + (size_t)(change + 1)];
    int row = order + change;
    if (group->count == 0 || row < 0 || row >= from->orders) return (umi_table_term){0};
    int low = umi_max(group->first, from->first - n - LANES + 1);
    int high = umi_min(group->first + group->count, from->last - row - n);
    if (low >= high) return (umi_table_term){0};
    size_t skipped = (size_t)((low - group->first) * LANES * pack->planes);
    ptrdiff_t at = row * from->stride + n + low;
    return (umi_table_term){high - low, pack->coefficient + group->at + skipped,
                            {from->row[0] + at, from->row[1] + at}};
}

/* A step that threads share. */
typedef struct shared {
    const table_map *map;
    const umi_table_pack *pack;
    source from;
    int planes, parts;
    umi_rows out[2];
} shared;

/* A block goes to the elements of a row that are inside the window. */
static void put(const double *sum, const umi_rows *out, int order, int n)
{
    int begin = umi_max(n, out->first), end = umi_min(n + LANES, out->last - order);
    if (begin < end)
        memcpy(out->base + order * out->stride + begin, sum + begin - n, sizeof(double) * (size_t)(end - begin));
}

static void multiply(const shared *it, const umi_rows out[2])
{
    const umi_table_pack *pack = it->pack;
    const umi_table_kernels *kernels = it->map->kernels;
    void (*kernel)(const umi_table_term *, double *) = pack->planes > 1 ? kernels->complex
                                                       : it->planes > 1 ? kernels->pair
                                                                        : kernels->real;
    double sum[2 * LANES];
    for (int k = out->from; k < out->orders; k++)
        for (int b = out->first / LANES; b * LANES < out->last - k; b++) {
            umi_table_term term[3];
            for (int change = -1; change <= 1; change++)
                term[change + 1] =
                    find_term(pack, &it->from, k, change, pack->block[k] + (size_t)b, b * LANES);
            kernel(term, sum);
            if (k == 0) memset(sum + LANES, 0, LANES * sizeof(double));
            for (int p = 0; p < it->planes; p++) put(sum + p * LANES, &out[p], k, b * LANES);
        }
}

static void multiply_part(void *data, int part)
{
    const shared *it = data;
    const umi_rows out[2] = {umi_rows_get_part(&it->out[0], part, it->parts),
                             umi_rows_get_part(&it->out[1], part, it->parts)};
    multiply(it, out);
    for (int p = 0; p < it->planes; p++) umi_rows_seal(&out[p]);
}

/* Multiply-adds per element, at most. */
static double cost_of(const umi_table_pack *pack, int planes)
{
    return 3.0 * (pack->fall + pack->climb + 1) * (pack->planes > 1 ? 4 : planes);
}

static um_status step(table_map *map, const umi_table_pack *pack, const um_state *in, um_state *out)
{
    int first = umi_max(in->first - pack->fall, 0), last = umi_min(in->last + pack->climb, in->levels);
    if (in->last == in->first) first = last = 0;
    bool diagonal = in->orders <= 1 && !pack->mixes;
    int orders = umi_min(in->orders + (pack->mixes ? 1 : 0), last - first);
    int planes = pack->planes > 1 && !diagonal ? 2 : in->planes;
    shared it = {.map = map, .pack = pack, .planes = planes};
    UMI_TRY(unpack(map, in, &it.from));
    UMI_TRY(umi_state_resize(out, in->levels, first, last, orders, planes));
    for (int p = 0; p < planes; p++) it.out[p] = umi_rows_of(out, p);
    it.parts = umi_rows_count_parts(map->base.ctx, it.out, cost_of(pack, planes));
    umi_team_run(map->base.ctx, multiply_part, &it, it.parts);
    return UM_OK;
}

static double readout(const table_map *map, umi_table_readout which, const um_state *state)
{
    double sum = 0;
    for (int k = 0; k < umi_min(UMI_TABLE_READ_ORDERS, state->orders); k++)
        for (int p = 0; p < (k ? state->planes : 1); p++) {
            const double *weight = map->weight[which][k][p];
            if (!weight || umi_state_row_length(state, k) <= 0) continue;
            double part = map->sums->dot(umi_state_row_length(state, k), weight + state->first,
                                         umi_state_row(state, p, k) + state->first);
            sum += p ? -part : part;
        }
    return sum;
}

static double squares(const um_state *state, int k)
{
    double sum = 0;
    for (int p = 0; p < state->planes; p++) {
        const double *row = umi_state_row(state, p, k);
        for (int n = state->first; n < state->last - k; n++) sum += row[n] * row[n];
    }
    return sum;
}

static double column(const um_state *state, int m)
{
    double sum = 0;
    for (int p = 0; p < state->planes; p++)
        for (int k = 0; k < umi_min(state->orders, m - state->first + 1); k++) {
            double x = umi_state_row(state, p, k)[m - k];
            sum += x * x;
        }
    return sqrt(sum);
}

static double truncation_error(const table_map *map, double dropped, const um_state *in)
{
    double bound = 0;
    for (int m = in->last - 1; m >= in->first && map->top[m] > NEGLIGIBLE_SHELL; m--)
        bound += map->top[m] * column(in, m);
    if (dropped == 0) return bound;
    double sum = 0;
    for (int k = 0; k < in->orders; k++) sum += squares(in, k);
    return bound + dropped * sqrt(sum);
}

static void read_coherence(const table_map *map, const um_state *in, um_outcome *outcome)
{
    double re = readout(map, UMI_TABLE_COHERENCE_RE, in), im = readout(map, UMI_TABLE_COHERENCE_IM, in);
    double cosine = cos(map->base.phase), sine = sin(map->base.phase);
    outcome->coherence_re = re * cosine - im * sine;
    outcome->coherence_im = re * sine + im * cosine;
}

static um_status prepare_forward(table_map *map, packs *of)
{
    if (of->has_forward) return UM_OK;
    umi_table *table = NULL;
    int orders = of == &map->populations ? 1 : map->base.info.levels;
    um_status status = map->make(map->base.ctx, &map->kept.it, orders, &table);
    if (status == UM_OK) status = umi_table_pack_create(table, &of->forward);
    umi_table_free(table);
    of->has_forward = status == UM_OK;
    return status;
}

/* Few ask for it: it is made when somebody does. */
static um_status prepare_adjoint(table_map *map, packs *of)
{
    if (of->has_adjoint) return UM_OK;
    umi_table *table;
    UMI_TRY(prepare_forward(map, of));
    UMI_TRY(umi_table_pack_transpose(map->base.ctx, &of->forward, &table));
    um_status status = umi_table_pack_create(table, &of->adjoint);
    umi_table_free(table);
    of->has_adjoint = status == UM_OK;
    return status;
}

/* A question of the state alone, not of what is there. */
static packs *choose(table_map *map, const um_state *in)
{
    return map->apart && in->orders <= 1 ? &map->populations : &map->all;
}

static um_status apply(um_map *base, const um_state *in, um_state *out, um_outcome *outcome, bool brief)
{
    table_map *map = (table_map *)base;
    packs *of = choose(map, in);
    UMI_TRY(prepare_forward(map, of));
    UMI_TRY(step(map, &of->forward, in, out));
    if (!outcome) return UM_OK;
    outcome->change = readout(map, UMI_TABLE_CHANGE, in);
    outcome->excited = map->excited * um_state_get_trace(in) + outcome->change;
    outcome->coherence_re = outcome->coherence_im = NAN;
    if (!brief) read_coherence(map, in, outcome);
    outcome->coupling_start = readout(map, UMI_TABLE_START, in);
    outcome->coupling_end = readout(map, UMI_TABLE_END, in);
    outcome->heat = readout(map, UMI_TABLE_HEAT, in);
    outcome->present = map->present;
    outcome->error_bound = truncation_error(map, of->forward.dropped, in);
    return UM_OK;
}

static um_status apply_adjoint(um_map *base, const um_state *in, um_state *out)
{
    table_map *map = (table_map *)base;
    packs *of = choose(map, in);
    UMI_TRY(prepare_adjoint(map, of));
    return step(map, &of->adjoint, in, out);
}

static void free_packs(um_context *ctx, packs *of)
{
    umi_table_pack_free(ctx, &of->forward);
    umi_table_pack_free(ctx, &of->adjoint);
}

static void destroy(um_map *base)
{
    table_map *map = (table_map *)base;
    free_packs(base->ctx, &map->all);
    free_packs(base->ctx, &map->populations);
    umi_kept_free(base->ctx, &map->kept);
    umi_free(base->ctx, map->memory);
    umi_free(base->ctx, map->scratch);
    umi_free(base->ctx, map);
}

static const umi_map_class table_class = {
    .apply = apply, .apply_adjoint = apply_adjoint, .destroy = destroy};

static bool is_zero(const double *values, int count)
{
    for (int i = 0; i < count; i++)
        if (values[i] != 0) return false;
    return true;
}

static um_status copy_weights(const umi_table *table, table_map *map)
{
    size_t size = (size_t)table->levels, count = 2 * UMI_TABLE_READOUTS * UMI_TABLE_READ_ORDERS;
    map->memory = UMI_NEW_ARRAY(table->ctx, double, (count + 1) * size);
    if (!map->memory) return UM_ERROR_MEMORY;
    memcpy(map->memory, table->weights, count * size * sizeof(double));
    double *next = map->memory;
    for (int r = 0; r < UMI_TABLE_READOUTS; r++)
        for (int k = 0; k < UMI_TABLE_READ_ORDERS; k++)
            for (int p = 0; p < 2; p++, next += size)
                map->weight[r][k][p] = is_zero(next, table->levels) ? NULL : next;
    map->top = next;
    memcpy(map->top, table->top, size * sizeof(double));
    return UM_OK;
}

/* So far can a state reach up without a part of it being lost at the top. */
static int find_reach(const table_map *map, int climb)
{
    int levels = map->base.info.levels, safe = levels;
    while (safe > 0 && map->top[safe - 1] > NEGLIGIBLE_SHELL) safe--;
    return umi_min(umi_max(levels - safe, climb), levels);
}

static table_map *begin(um_context *ctx, int levels, const umi_table_look *look)
{
    table_map *made = UMI_NEW(ctx, table_map);
    if (!made) return NULL;
    made->kernels = umi_table_kernels_choose();
    made->sums = umi_kernels_choose();
    made->excited = look->excited;
    made->present = look->present;
    made->base = (um_map){
        .ctx = ctx,
        .class = &table_class,
        .info = {.method = look->method, .kernel = made->kernels->name, .levels = levels, .stationary = true},
        .quarter = 1,
        .phase = look->phase,
    };
    return made;
}

/* From the first table. */
static um_status complete(table_map *made, const umi_table *table, const umi_table_look *look)
{
    packs *of = made->apart ? &made->populations : &made->all;
    UMI_TRY(copy_weights(table, made));
    UMI_TRY(umi_table_pack_create(table, &of->forward));
    of->has_forward = true;
    made->base.info.reach = umi_max(look->reach, find_reach(made, of->forward.climb));
    return UM_OK;
}

static um_status hand_over(table_map *made, um_status status, um_map **map)
{
    if (status == UM_OK)
        *map = &made->base;
    else
        destroy(&made->base);
    return status;
}

um_status umi_table_finish(const umi_table *table, const umi_table_look *look, um_map **map)
{
    *map = NULL;
    table_map *made = begin(table->ctx, table->levels, look);
    return made ? hand_over(made, complete(made, table, look), map) : UM_ERROR_MEMORY;
}

um_status umi_table_map_create(um_context *ctx, const umi_collision *it, umi_table_maker *make,
                               const umi_table_look *look, um_map **map)
{
    *map = NULL;
    table_map *made = begin(ctx, it->levels, look);
    if (!made) return UM_ERROR_MEMORY;
    umi_table *table = NULL;
    made->make = make;
    made->apart = umi_atoms_ge(&it->atoms) == 0;
    um_status status = made->apart ? umi_collision_keep(ctx, it, &made->kept) : UM_OK;
    if (status == UM_OK) status = make(ctx, it, made->apart ? 1 : it->levels, &table);
    if (status == UM_OK) status = complete(made, table, look);
    umi_table_free(table);
    return hand_over(made, status, map);
}
