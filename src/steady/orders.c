#include "steady/orders.h"

#include <math.h>
#include <string.h>

#include "steady/order.h"

/* Orders to begin with, where more of them cost more than their bounds. Eigenvalues looked through for each
 * that is wanted, beyond which the artificial top is left alone. */
enum { FIRST = 16, LIMIT = 24 };

typedef struct search {
    const umi_subject *about;
    double *scale;
    umi_order *order; /* `formed` of them, 0 .. */
    int formed, planes;
    double *leading; /* the `count` largest moduli so far, descending; 0 where there is none */
    int count;
} search;

bool umi_orders_are_apart(const um_model *model, size_t stage)
{
    return um_model_get_spec(model)->stages[stage].interaction.counter_rotating == 0 &&
           umi_generator_exists(model, stage) && !umi_generator_mixes_orders(model, stage);
}

/* The orders up to `orders`; those that are there stay. */
static um_status form(search *s, int orders)
{
    const umi_subject *about = s->about;
    umi_layout layout = {about->levels, orders, s->planes, false};
    umi_generator generator;
    UMI_TRY(umi_generator_create(about->ctx, about->model, about->stage, &layout, &generator));
    um_status status = UM_OK;
    if (s->formed == 0)
        status = umi_order_find_scale(about->ctx, &generator.matrix, about->levels, s->scale);
    for (; s->formed < orders && status == UM_OK; s->formed += status == UM_OK)
        status = umi_order_create(about, &generator, s->formed, s->scale, &s->order[s->formed]);
    umi_generator_free(about->ctx, &generator);
    return status;
}

/* Without an environment an order has three elements a row, and all of them cost next to nothing. */
static um_status form_first(search *s)
{
    int levels = s->about->levels;
    UMI_TRY(form(s, 1));
    bool narrow = s->order[0].matrix.start[levels] <= 3 * levels;
    return form(s, narrow ? levels : umi_min(FIRST, levels));
}

static void take(search *s, const umi_order *order)
{
    int copies = umi_order_get_copies(order);
    for (size_t i = 0; i < order->size; i++) {
        double modulus = exp(-umi_order_get_decay(order, i));
        for (int copy = 0; copy < copies; copy++) {
            int at = s->count - 1;
            if (modulus <= s->leading[at]) break;
            for (; at > 0 && s->leading[at - 1] < modulus; at--) s->leading[at] = s->leading[at - 1];
            s->leading[at] = modulus;
        }
    }
}

/* Eigenvalues this much smaller may be copies of the last one. */
static double get_floor(const search *s) { return s->leading[s->count - 1] * (1 - 1e-11); }

/* Whether no order that is not there can have a leading eigenvalue. */
static um_status rule_out_rest(const search *s, bool *none)
{
    double floor = get_floor(s), bound = 0;
    for (int k = s->formed; k < s->about->levels && bound < floor; k++)
        UMI_TRY(umi_order_bound_from(&s->order[0], k, floor, &bound));
    *none = bound < floor;
    return UM_OK;
}

/* The moduli of the `count` leading eigenvalues. */
static um_status find_leading(search *s)
{
    int levels = s->about->levels;
    memset(s->leading, 0, (size_t)s->count * sizeof *s->leading);
    for (int k = 0; k < s->formed; k++)
        if (s->order[k].solved) take(s, &s->order[k]);
    for (int k = 0; k < levels; k++) {
        if (k == s->formed) {
            bool none;
            UMI_TRY(rule_out_rest(s, &none));
            if (none) break;
            UMI_TRY(form(s, umi_min(2 * s->formed, levels)));
        }
        umi_order *order = &s->order[k];
        if (order->solved) continue;
        double bound, floor = get_floor(s);
        UMI_TRY(umi_order_bound(order, floor, &bound));
        if (bound < floor) continue;
        UMI_TRY(umi_order_solve(order));
        take(s, order);
    }
    return UM_OK;
}

/* All down to the last of them, as eigenvalues. */
static um_status list_leading(const search *s, umi_eigenvalues *list)
{
    um_context *ctx = s->about->ctx;
    double floor = get_floor(s), decay = floor > 0 ? -log(floor) : INFINITY;
    umi_eigenvalues found = {0};
    um_status status = UM_OK;
    for (int k = 0; k < s->formed && status == UM_OK; k++)
        if (s->order[k].solved) status = umi_order_list(&s->order[k], decay, &found);
    umi_eigenvalues_free(ctx, list);
    for (int i = 0; i < found.count && status == UM_OK; i++)
        if (found.of[i].decay <= decay) status = umi_eigenvalues_add(ctx, list, found.of[i]);
    umi_eigenvalues_free(ctx, &found);
    return status;
}

static um_status collect(search *s, int eigenvalues, bool drop, umi_eigenvalues *list)
{
    UMI_TRY(form_first(s));
    int most = LIMIT * eigenvalues;
    for (s->count = eigenvalues;; s->count = umi_min(2 * s->count, most)) {
        UMI_TRY(find_leading(s));
        UMI_TRY(list_leading(s, list));
        int genuine = 0;
        for (int i = 0; i < list->count; i++) genuine += !(drop && list->of[i].artificial);
        if (genuine >= eigenvalues || get_floor(s) == 0 || s->count == most) return UM_OK;
    }
}

um_status umi_orders_collect(const umi_subject *about, int eigenvalues, bool drop, umi_eigenvalues *list)
{
    um_context *ctx = about->ctx;
    size_t levels = (size_t)about->levels;
    double all = (double)levels * (double)levels;
    int wanted = eigenvalues < all ? eigenvalues : (int)all;
    search s = {.about = about, .planes = umi_generator_is_real(about->model, about->stage) ? 1 : 2};
    s.scale = UMI_NEW_ARRAY(ctx, double, levels);
    s.order = UMI_NEW_ARRAY(ctx, umi_order, levels);
    s.leading = UMI_NEW_ARRAY(ctx, double, LIMIT * (size_t)wanted);
    um_status status = s.scale && s.order && s.leading ? collect(&s, wanted, drop, list) : UM_ERROR_MEMORY;
    for (size_t k = 0; s.order && k < levels; k++) umi_order_free(&s.order[k]);
    umi_free(ctx, s.scale);
    umi_free(ctx, s.order);
    umi_free(ctx, s.leading);
    return status;
}
