/* The joint dynamics, order by order, and the battery's map that is left when the atom has gone. */
#include "map/joint.h"

#include <math.h>

#include "map/joint_inside.h"
#include "map/joint_parts.h"
#include "map/stencil.h"
#include "model/model.h"

/* Six square matrices of four rows per level: a gigabyte, and minutes. */
enum { LEVELS_MAX = 1000 };

bool umi_joint_acts(const umi_collision *it)
{
    return umi_environment_acts_inside(&it->environment, it->interaction.tau);
}

bool umi_joint_is_real(const umi_collision *it) { return it->atoms.detuning == 0 && it->even; }

static double square(double x) { return x * x; }

/* Decay of <n,s| rho |m,t> and, behind it, what its levels' energies turn it by. In a truncated space
 * gain goes on at the top: what it lifts out of the space is gone. */
static double complex diagonal(const umi_joint *joint, int n, int s, int m, int t, bool environment_alone)
{
    const um_environment *bath = &joint->it->environment;
    const double *d = joint->lowering;
    double loss = square(d[n]) + square(d[m]), gain = square(d[n + 1]) + square(d[m + 1]);
    double decay = bath->kappa / 2 * ((bath->n_th + 1) * loss + bath->n_th * gain) +
                   bath->dephasing / 2 * square(n - m) + bath->atom_decay / 2 * (s + t) +
                   (s != t ? bath->atom_dephasing : 0);
    double turn = joint->shift[n] - joint->shift[m] + joint->it->atoms.detuning * (s - t);
    return -decay - (environment_alone ? 0 : I * turn);
}

typedef struct column {
    const umi_joint *joint;
    umi_band *band;
    int order, index, n, s, m, t;
} column;

/* += rate at <n,s| . |m,t> */
static void put(const column *at, int n, int s, int m, int t, double complex rate)
{
    int levels = at->joint->it->levels;
    if (rate == 0 || n < 0 || m < 0 || n >= levels || m >= levels) return;
    umi_band_add(at->band, umi_joint_index(n + s, 2 * s + t), at->index, rate);
}

/* In the gauge -i V is real: |n,g> -> -g d_n |n-1,e>, |n-1,e> -> g d_n |n,g>. */
static void put_coupling(const column *at)
{
    const double *d = at->joint->lowering;
    double g = at->joint->it->interaction.g;
    int n = at->n, m = at->m;
    if (at->s) put(at, n + 1, 0, m, at->t, g * d[n + 1]);
    else put(at, n - 1, 1, m, at->t, -g * d[n]);
    if (at->t) put(at, n, at->s, m + 1, 0, g * d[m + 1]);
    else put(at, n, at->s, m - 1, 1, -g * d[m]);
}

static void put_jumps(const column *at)
{
    const um_environment *bath = &at->joint->it->environment;
    const double *d = at->joint->lowering;
    int n = at->n, m = at->m;
    put(at, n - 1, at->s, m - 1, at->t, bath->kappa * (bath->n_th + 1) * d[n] * d[m]);
    put(at, n + 1, at->s, m + 1, at->t, bath->kappa * bath->n_th * d[n + 1] * d[m + 1]);
    if (at->s && at->t) put(at, n, 0, m, 0, bath->atom_decay);
}

void umi_joint_fill(const umi_joint *joint, int order, bool environment_alone, umi_band *band)
{
    umi_band_clear(band, joint->it->levels - order + 1);
    for (int excitations = 0; excitations < band->blocks; excitations++)
        for (int component = 0; component < UMI_BAND_BLOCK; component++) {
            if (!umi_joint_is_inside(joint, order, excitations, component)) continue;
            int s = component >> 1, t = component & 1;
            column at = {joint, band, order, umi_joint_index(excitations, component),
                         excitations - s, s, excitations + order - t, t};
            put(&at, at.n, s, at.m, t, diagonal(joint, at.n, s, at.m, t, environment_alone));
            if (!environment_alone) put_coupling(&at);
            put_jumps(&at);
        }
}

/* rho_q of <s| rho_q |t>. */
static double brought(const um_atoms *atoms, int component)
{
    if (component == UMI_GG) return atoms->q;
    return component == UMI_EE ? 1 - atoms->q : umi_atoms_ge(atoms);
}

/* The battery's coefficients of one output: the atom that left is traced out, the one that came put in. */
static um_status add_output(const umi_joint *joint, umi_table *table, int order, int n, double weight)
{
    const umi_collision *it = joint->it;
    const umi_band *change = joint->change;
    int row[2] = {umi_joint_index(n, UMI_GG), umi_joint_index(n + 1, UMI_EE)};
    double complex turn = cexp(-I * (joint->shift[n] - joint->shift[n + order]) * it->gap) * weight;
    for (int excitations = 0; excitations < change->blocks; excitations++) {
        int low = change->low[excitations], high = change->high[excitations];
        if (n + 1 < umi_min(low, excitations) || n >= umi_max(high, excitations + 1)) continue;
        for (int component = 0; component < UMI_BAND_BLOCK; component++) {
            double part = brought(&it->atoms, component);
            if (part == 0 || !umi_joint_is_inside(joint, order, excitations, component)) continue;
            int s = component >> 1, t = component & 1;
            int from = umi_joint_index(excitations, component);
            double complex value = 0;
            for (int r = 0; r < 2; r++)
                value += (from == row[r]) + umi_band_get(change, row[r], from);
            value *= part * turn;
            if (value == 0) continue;
            UMI_TRY(umi_table_add(table, order, s - t, excitations - s - n, n, creal(value),
                                  cimag(value)));
        }
    }
    return UM_OK;
}

static um_status add_order(umi_joint *joint, umi_table *table, int order, double weight)
{
    umi_joint_fill(joint, order, false, &joint->generator);
    umi_band_integrals integrals = {UMI_JOINT_INTEGRALS, umi_joint_vector(joint, 0),
                                    umi_joint_vector(joint, UMI_JOINT_SCRATCH)};
    if (order == 0) umi_joint_start_integrals(joint);
    UMI_TRY(umi_band_mean(joint->ctx, &joint->generator, &joint->times, joint->work,
                          order == 0 ? &integrals : NULL, &joint->change));
    if (order == 0) {
        umi_joint_mend_trace(joint);
        umi_joint_read_energies(joint, table, weight);
    }
    if (order == 1) umi_joint_read_coherence(joint, table, weight);
    for (int n = 0; order < umi_table_get_orders(table) && n < joint->it->levels - order; n++)
        UMI_TRY(add_output(joint, table, order, n, weight));
    return UM_OK;
}

/* P(`jumps` events or more) of a Poisson process. Where as many are expected 1 is a bound that is good enough,
 * and the first term may be too small for a double. */
static double poisson_tail(double mean, int jumps)
{
    if (!(mean < jumps)) return 1;
    double term = mean > 0 ? exp(jumps * log(mean) - mean - lgamma(jumps + 1.0)) : 0, sum = 0;
    for (int i = jumps + 1; term > 1e-17 * sum; i++) {
        sum += term;
        term *= mean / i;
    }
    return fmin(1, sum);
}

/* The step up from the top of the space, its real height where the battery goes on there. */
static double next_lowering(const umi_collision *it)
{
    return it->finite ? 0 : um_battery_get_lowering(it->battery, it->levels);
}

static double shell_bound(const umi_collision *it, double time, int n)
{
    double step = next_lowering(it), gain = it->environment.kappa * it->environment.n_th * square(step);
    double bound = poisson_tail(gain * time, n + 1 < it->levels ? it->levels - 1 - n : 1);
    if (n + 1 == it->levels)
        bound += hypot(1 - it->atoms.q, umi_atoms_ge(&it->atoms)) *
                 fmin(1, fabs(it->interaction.g * time * step));
    return 4 * fmin(1, bound);
}

static um_status allocate(umi_joint *joint, int planes)
{
    um_context *ctx = joint->ctx;
    int levels = joint->it->levels;
    joint->lowering = UMI_NEW_ARRAY(ctx, double, 2 * (size_t)levels + 1);
    joint->length = UMI_BAND_BLOCK * ((size_t)levels + 1);
    joint->memory = UMI_NEW_ARRAY(ctx, double complex, UMI_JOINT_VECTORS * joint->length);
    if (!joint->lowering || !joint->memory) return UM_ERROR_MEMORY;
    joint->shift = joint->lowering + levels + 1;
    UMI_TRY(umi_band_create(ctx, levels + 1, planes, &joint->generator));
    int work = joint->times.count > 1 ? UMI_BAND_MEAN_WORK : UMI_BAND_WORK;
    for (int i = 0; i < work; i++)
        UMI_TRY(umi_band_create(ctx, levels + 1, planes, &joint->work[i]));
    return UM_OK;
}

static void release(umi_joint *joint)
{
    umi_free(joint->ctx, joint->lowering);
    umi_free(joint->ctx, joint->memory);
    umi_band_free(joint->ctx, &joint->generator);
    for (int i = 0; i < UMI_BAND_MEAN_WORK; i++) umi_band_free(joint->ctx, &joint->work[i]);
}

static double find_longest(const umi_times *times)
{
    double longest = 0;
    for (int i = 0; i < times->count; i++) longest = fmax(longest, times->time[i]);
    return longest;
}

static void add_top(const umi_collision *it, double time, double weight, umi_table *table)
{
    double *top = umi_table_top(table);
    for (int n = 0; n < it->levels; n++) top[n] += fabs(weight) * shell_bound(it, time, n);
}

void umi_joint_bound_top(const umi_collision *it, umi_table *table) { add_top(it, it->interaction.tau, 1, table); }

static um_status add_all(umi_joint *joint, umi_table *table, double weight)
{
    const umi_collision *it = joint->it;
    const um_battery *battery = it->battery;
    double ground = um_battery_get_energy(battery, 0);
    for (int n = 0; n < it->levels; n++) {
        joint->lowering[n] = um_battery_get_lowering(battery, n);
        if (!it->even)
            joint->shift[n] = battery->frequency * (um_battery_get_energy(battery, n) - ground - n);
    }
    add_top(it, find_longest(&joint->times), weight, table);
    joint->lowering[it->levels] = it->closed ? 0 : next_lowering(it);
    /* Order 1 has the outgoing atom's coherence, in a single level too. */
    for (int order = 0; order < umi_max(umi_table_get_orders(table), 2); order++)
        UMI_TRY(add_order(joint, table, order, weight));
    return UM_OK;
}

um_status umi_joint_check(um_context *ctx, const umi_collision *it)
{
    if (it->interaction.pulse != UM_PULSE_CONSTANT)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "environment.during_collision",
                            "an environment that acts while the coupling rises and falls: not in this "
                            "version; set it to false, or pulse to constant");
    if (it->levels > LEVELS_MAX)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "environment.during_collision",
                            "an environment that acts during collisions, with a battery of %d levels (%d at "
                            "most); set it to false, or stop below that",
                            it->levels, LEVELS_MAX);
    return UM_OK;
}

um_status umi_joint_add(um_context *ctx, umi_table *table, const umi_collision *collision, double weight)
{
    const double one = 1;
    return umi_joint_add_mean(ctx, table, collision, &(umi_times){1, &collision->interaction.tau, &one}, weight);
}

um_status umi_joint_add_mean(um_context *ctx, umi_table *table, const umi_collision *collision,
                             const umi_times *times, double weight)
{
    if (collision->interaction.counter_rotating > 0)
        return umi_fail(ctx, UM_ERROR_UNSUPPORTED, "counter-rotating terms conserve no excitations: no table");
    UMI_TRY(umi_joint_check(ctx, collision));
    umi_joint joint = {.ctx = ctx, .it = collision, .times = *times};
    um_status status = allocate(&joint, umi_joint_is_real(collision) ? 1 : 2);
    if (status == UM_OK) status = add_all(&joint, table, weight);
    release(&joint);
    return status;
}

um_status umi_joint_tabulate(um_context *ctx, const umi_collision *it, int orders, umi_table **table)
{
    UMI_TRY(umi_table_create(ctx, it->levels, orders, !umi_joint_is_real(it), table));
    return umi_joint_add(ctx, *table, it, 1);
}

um_status umi_map_create_joint(um_context *ctx, const umi_collision *it, um_map **map)
{
    umi_table_look look = {.method = "joint-table",
                           .phase = umi_stencil_phase(it->atoms.phase),
                           .excited = 1 - it->atoms.q,
                           .present = 1,
                           .reach = 1};
    return umi_table_map_create(ctx, it, it->parts ? umi_joint_assemble : umi_joint_tabulate, &look, map);
}
