/* The pure plateau below a trap, in closed form (SMB89). */
#include <math.h>

#include "design/design.h"
#include "model/model.h"

static const long double PI = 3.14159265358979323846264338327950288L;

static long double get_element(const um_battery *battery, int n)
{
    return battery->kind == UM_BATTERY_CAVITY
               ? sqrtl(n)
               : fabsl((long double)um_battery_get_lowering(battery, n));
}

double umi_trap_get_theta(const um_battery *battery, int trap, int half_turns)
{
    long double d = get_element(battery, trap + 1);
    return d > 0 ? (double)(half_turns * PI / d) : NAN;
}

/* By the rule with which a collision closes a trap. */
static bool is_closed(long double angle)
{
    return fabsl(sinl(angle)) <= 8 * 0x1p-52L * fmaxl(1, angle / PI);
}

int umi_trap_find_lower(const um_battery *battery, int trap, double theta)
{
    for (int n = 1; n <= trap; n++)
        if (is_closed(theta * get_element(battery, n))) return n;
    return 0;
}

um_status umi_trap_create(um_context *ctx, const um_battery *battery, int trap, int half_turns,
                          umi_trap *closed)
{
    double theta = umi_trap_get_theta(battery, trap, half_turns);
    *closed = (umi_trap){.trap = trap, .half_turns = half_turns, .theta = theta};
    if (half_turns % 2 == 0)
        return umi_fail(ctx, UM_ERROR_DOMAIN,
                        "%d half turns; below a trap of an even number of half turns no state is "
                        "pure, an odd number is needed",
                        half_turns);
    if (isnan(theta))
        return umi_fail(ctx, UM_ERROR_DOMAIN,
                        "the battery's lowering element of level %d is 0: it is trapped there at "
                        "any theta, and never in a pure state of more than one level",
                        trap + 1);
    int lower = umi_trap_find_lower(battery, trap, theta);
    if (lower)
        return umi_fail(ctx, UM_ERROR_DOMAIN,
                        "theta = %.17g, of the trap at level %d with %d half turns, has another "
                        "trap below it, at level %d: the battery stays there",
                        theta, trap, half_turns, lower - 1);
    closed->weight = UMI_NEW_ARRAY(ctx, long double, (size_t)trap + 1);
    if (!closed->weight) return UM_ERROR_MEMORY;
    /* With theta as the collision has it, so that the state is the map's own fixed point. */
    for (int n = 1; n <= trap; n++) {
        long double half = theta * get_element(battery, n) / 2;
        closed->weight[n] = closed->weight[n - 1] + 2 * logl(fabsl(cosl(half) / sinl(half)));
    }
    return UM_OK;
}

void umi_trap_free(um_context *ctx, umi_trap *closed)
{
    umi_free(ctx, closed->weight);
    closed->weight = NULL;
}

long double umi_design_log_odds(double q) { return log1pl(-(long double)q) - logl(q); }

double umi_design_from_log_odds(long double log_odds) { return (double)(1 / (1 + expl(log_odds))); }

static long double find_largest(const umi_trap *closed, long double log_odds)
{
    long double largest = 0;
    for (int n = 1; n <= closed->trap; n++)
        largest = fmaxl(largest, n * log_odds + closed->weight[n]);
    return largest;
}

umi_moments umi_trap_get_moments(const umi_trap *closed, long double log_odds)
{
    long double largest = find_largest(closed, log_odds), sum = 0, mean = 0, square = 0;
    for (int n = 0; n <= closed->trap; n++) {
        long double p = expl(n * log_odds + closed->weight[n] - largest);
        sum += p;
        mean += p * n;
        square += p * n * n;
    }
    mean /= sum;
    square /= sum;
    return (umi_moments){(double)mean, (double)(square - mean * mean)};
}

void umi_trap_get_populations(const umi_trap *closed, long double log_odds, double *populations)
{
    long double largest = find_largest(closed, log_odds), sum = 0;
    for (int n = 0; n <= closed->trap; n++) sum += expl(n * log_odds + closed->weight[n] - largest);
    for (int n = 0; n <= closed->trap; n++)
        populations[n] = (double)(expl(n * log_odds + closed->weight[n] - largest) / sum);
}

um_status um_design_get_state(um_context *ctx, const um_battery *battery, double q, int trap,
                              int half_turns, double *populations)
{
    UMI_TRY(umi_design_check_battery(ctx, battery));
    int top = battery->kind == UM_BATTERY_CUSTOM ? battery->levels - 2 : UM_LEVELS_MAX - 2;
    if (!(q > 0 && q < 1))
        return umi_fail(ctx, UM_ERROR_ARG, "q = %g; more than 0 and less than 1 are allowed", q);
    if (trap < 0 || trap > top || half_turns < 1)
        return umi_fail(ctx, UM_ERROR_ARG,
                        "trap at level %d with %d half turns; levels 0 to %d and a positive "
                        "number of half turns are allowed",
                        trap, half_turns, top);
    umi_trap closed;
    um_status status = umi_trap_create(ctx, battery, trap, half_turns, &closed);
    if (status == UM_OK) umi_trap_get_populations(&closed, umi_design_log_odds(q), populations);
    umi_trap_free(ctx, &closed);
    return status;
}
