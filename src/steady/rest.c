#include "rest.h"

#include <math.h>

#include "map/generator.h"
#include "state/state.h"
#include "steady/orders.h"

static const double FELT = 1e-18;  /* population of levels that count as holding the state */
static const double ROUNDING = 1e-14; /* a factor this near to 1 in modulus is 1 */
/* Levels of a truncated space for those of a state: a trap at its upper end must lie inside. */
enum { ROOM = 2, ROOM_MORE = 8 };
enum { MODES_FIRST = 16, MODES_MAX = 256, SPACE_MAX = 400 };

bool umi_rest_is_unbounded(const um_battery *battery)
{
    return battery->kind == UM_BATTERY_CAVITY || battery->levels == UM_LEVELS_AUTO;
}

/* trap[n], n = 1..levels: nothing climbs from level n - 1 to n. */
static um_status find_traps(um_context *ctx, const um_model *model, int levels, bool *trap)
{
    const um_spec *spec = um_model_get_spec(model);
    const um_interaction *interaction = &spec->stages[0].interaction;
    bool unbounded = umi_rest_is_unbounded(&spec->battery);
    bool lifted = interaction->counter_rotating == 0 &&
                  umi_generator_get_traps(model, 0) == UMI_TRAPS_NONE;
    for (int n = 0; n <= levels; n++) trap[n] = interaction->theta == 0 && !lifted;
    if (!unbounded && levels >= spec->battery.levels) trap[spec->battery.levels] = true;
    if (interaction->counter_rotating > 0 || lifted) return UM_OK;
    /* The last block is that of the wall: one more level is asked for. */
    int count = umi_min(levels + 1, unbounded ? UM_LEVELS_MAX : spec->battery.levels);
    _Float128 *cosine = UMI_NEW_ARRAY(ctx, _Float128, (size_t)count + 1);
    _Float128 *sine = UMI_NEW_ARRAY(ctx, _Float128, (size_t)count + 1);
    um_status status = cosine && sine ? UM_OK : UM_ERROR_MEMORY;
    if (status == UM_OK) status = umi_generator_blocks(ctx, model, 0, count, cosine, sine);
    for (int n = 1; n <= levels && n < count && status == UM_OK; n++) trap[n] |= sine[n] == 0;
    umi_free(ctx, cosine);
    umi_free(ctx, sine);
    return status;
}

um_status umi_rest_find_space(um_context *ctx, const um_model *model, const double *populations,
                              int levels, int run_levels, umi_rest_space *space)
{
    const um_stage *stage = &um_model_get_spec(model)->stages[0];
    /* Ground-state atoms lift nothing: every level is the top of what lies below it. */
    umi_traps traps = umi_generator_get_traps(model, 0);
    bool sinking = stage->atoms.q == 1 && stage->interaction.counter_rotating == 0 &&
                   traps != UMI_TRAPS_NONE;
    bool *trap = UMI_NEW_ARRAY(ctx, bool, (size_t)levels + 1);
    if (!trap) return UM_ERROR_MEMORY;
    um_status status = find_traps(ctx, model, levels, trap);
    int found = 0, inside = 0;
    double above = 0;
    for (int n = levels; n >= 1 && above <= UMI_OUTSIDE; n--) {
        if (trap[n] || sinking) found = n;
        above += populations[n - 1];
    }
    int held = levels;
    for (double sum = 0; held > 1; held--)
        if ((sum += populations[held - 1]) > FELT) break;
    int open = umi_min(run_levels, ROOM * held + ROOM_MORE);
    /* A state low in a finite battery: the wall is far above it, and one all the same. */
    const um_battery *battery = &um_model_get_spec(model)->battery;
    if (!found && !umi_rest_is_unbounded(battery) && open >= battery->levels)
        found = battery->levels;
    *space = (umi_rest_space){.levels = found ? found : open, .closed = found > 0};
    /* Where photons get lost all of it is one. */
    bool parted = traps == UMI_TRAPS_CLOSED || stage->interaction.counter_rotating > 0;
    for (int n = 1; n < space->levels && n <= levels && parted; n++) inside += trap[n];
    space->chambers = inside + 1;
    space->separate = space->closed && space->chambers == space->levels;
    umi_free(ctx, trap);
    return status;
}

um_status umi_rest_find_trap_above(um_context *ctx, const um_model *model, int levels, int *trap)
{
    int most = UM_LEVELS_MAX - 1;
    *trap = 0;
    bool *traps = UMI_NEW_ARRAY(ctx, bool, (size_t)most + 1);
    if (!traps) return UM_ERROR_MEMORY;
    um_status status = find_traps(ctx, model, most, traps);
    for (int n = levels + 1; n <= most && *trap == 0 && status == UM_OK; n++)
        if (traps[n]) *trap = n;
    umi_free(ctx, traps);
    return status;
}

/* Whether the modes found show that every mode either stays for ever or has died out. CONFUSED: more
 * of them cannot be told from 1 than there can be; a map that is far from normal does that in a
 * space that is much larger than the state. */
typedef enum verdict { SETTLED, MOVING, MORE_WANTED, CONFUSED } verdict;

static verdict judge(const um_spectrum *spectrum, int wanted, int exact_max, double collisions,
                     double *relaxation)
{
    int exact = spectrum->unsure, found = exact;
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        found += mode->multiplicity;
        /* What cannot be told from a mode that stays is counted as one. */
        if (mode->decay <= mode->error)
            exact += mode->multiplicity;
        else if (mode->decay * collisions < UMI_DIED_OUT) {
            *relaxation = mode->relaxation;
            return MOVING;
        }
        else
            return exact <= exact_max ? SETTLED : CONFUSED;
    }
    if (exact > exact_max) return CONFUSED;
    return found < wanted ? SETTLED : MORE_WANTED;
}

static um_status find_modes(um_context *ctx, const um_model *model, const umi_rest_space *space,
                            double collisions, const um_spectrum *known, umi_rest *rest,
                            double *relaxation)
{
    int levels = space->levels, most = umi_orders_are_apart(model, 0) ? UMI_ORDERS_LEVELS : SPACE_MAX;
    /* Fixed points, and coherences between two of them. */
    double all = (double)levels * levels, exact = fmin((double)space->chambers * space->chambers, all);
    verdict found = MORE_WANTED;
    if (levels > most || exact > MODES_MAX) {
        *rest = UMI_REST_LARGE;
        return UM_OK;
    }
    if (known->count > 0 && (space->closed ? known->levels == levels && known->dropped == 0
                                           : known->levels >= levels))
        found = judge(known, known->eigenvalues, (int)exact, collisions, relaxation);
    if (found == CONFUSED && known->levels > levels) found = MORE_WANTED;
    int wanted = MODES_FIRST;
    while (wanted <= exact) wanted *= 2;
    for (; found == MORE_WANTED && wanted <= 2 * MODES_MAX; wanted *= 4) {
        um_spectrum spectrum = {0};
        int asked = all < wanted ? (int)all : wanted;
        um_status status =
            um_spectrum_solve(ctx, model, 0, levels, asked, !space->closed, &spectrum);
        if (status == UM_ERROR_NOCONV || status == UM_ERROR_UNSUPPORTED) {
            *rest = UMI_REST_UNKNOWN;
            return UM_OK;
        }
        UMI_TRY(status);
        found = judge(&spectrum, all < wanted ? asked + 1 : asked, (int)exact, collisions, relaxation);
        um_spectrum_clear(ctx, &spectrum);
    }
    if (found == SETTLED) *rest = UMI_REST_SETTLED;
    if (found == CONFUSED) *rest = UMI_REST_UNKNOWN;
    return UM_OK;
}

static void fill_ones(um_state *state)
{
    for (int plane = 0; plane < state->planes; plane++)
        for (int k = 0; k < state->orders; k++) {
            double *row = umi_state_row(state, plane, k);
            for (int n = state->first; n < state->last - k; n++) row[n] = plane == 0;
        }
    umi_state_seal(state);
}

/* Between traps everywhere a collision multiplies every element by a factor of its own. */
static um_status check_factors(um_context *ctx, const um_model *model, int levels,
                               double collisions, bool *settled)
{
    um_map *map = NULL;
    um_state *ones = NULL, *factors = NULL;
    um_status status = um_map_create(ctx, model, 0, levels, &map);
    if (status == UM_OK) status = um_state_create(ctx, levels, 1, 0, 0, &ones);
    if (status == UM_OK) status = um_state_create(ctx, levels, 1, 0, 0, &factors);
    if (status == UM_OK) status = um_map_prepare(map, ones);
    if (status == UM_OK) status = umi_state_resize(ones, levels, 0, levels, levels, ones->planes);
    if (status == UM_OK) {
        fill_ones(ones);
        status = um_map_apply(map, ones, factors, NULL);
    }
    *settled = status == UM_OK;
    for (int k = 0; status == UM_OK && k < factors->orders; k++)
        for (int n = factors->first; n < factors->last - k; n++) {
            double re, im;
            umi_state_get_element(factors, n, k, &re, &im);
            double lost = 1 - hypot(re, im);
            if (lost > ROUNDING && -log1p(-lost) * collisions < UMI_DIED_OUT) *settled = false;
        }
    um_map_destroy(map);
    um_state_destroy(ones);
    um_state_destroy(factors);
    return status;
}

um_status umi_rest_check_modes(um_context *ctx, const um_model *model,
                               const umi_rest_space *space, double collisions,
                               const um_spectrum *known, umi_rest *rest, double *relaxation)
{
    *rest = UMI_REST_MOVING;
    *relaxation = NAN;
    if (!space->separate)
        return find_modes(ctx, model, space, collisions, known, rest, relaxation);
    bool settled;
    UMI_TRY(check_factors(ctx, model, space->levels, collisions, &settled));
    if (settled) *rest = UMI_REST_SETTLED;
    return UM_OK;
}

/* Both in one gauge. */
static double largest_change(const um_state *a, const um_state *b)
{
    double change = 0, largest = 0;
    int last = umi_max(a->last, b->last);
    for (int k = 0; k < last; k++)
        for (int n = 0; n + k < last; n++) {
            double re[2] = {0}, im[2] = {0};
            const um_state *of[] = {a, b};
            for (int i = 0; i < 2; i++)
                if (n >= of[i]->first && n + k < of[i]->last && k < of[i]->orders)
                    umi_state_get_element(of[i], n, k, &re[i], &im[i]);
            change = fmax(change, hypot(re[0] - re[1], im[0] - im[1]));
            largest = fmax(largest, hypot(re[0], im[0]));
        }
    return largest > 0 ? change / largest : 0;
}

um_status umi_rest_find_turning(um_context *ctx, const um_model *model, const um_state *state,
                                double *once, double *twice)
{
    um_map *map = NULL;
    um_state *at[3] = {0};
    um_status status = um_map_create(ctx, model, 0, state->levels, &map);
    for (int i = 0; i < 3 && status == UM_OK; i++)
        status = um_state_create(ctx, state->levels, 1, 0, 0, &at[i]);
    if (status == UM_OK) status = um_state_copy(at[0], state);
    if (status == UM_OK) status = um_map_prepare(map, at[0]);
    for (int i = 0; i < 2 && status == UM_OK; i++)
        status = um_map_apply(map, at[i], at[i + 1], NULL);
    if (status == UM_OK) {
        *once = largest_change(at[0], at[1]);
        *twice = largest_change(at[0], at[2]);
    }
    um_map_destroy(map);
    for (int i = 0; i < 3; i++) um_state_destroy(at[i]);
    return status;
}
