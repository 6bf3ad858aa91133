/* The gauge a state is stored in: rho_{n,n+k} = e^(i (quarter pi/2 + phase) k) r_{n,n+k}. */
#include "state/state.h"

#include <math.h>

/* e^(i (quarter pi/2 + phase) k), exact where the phase is zero. */
static void factor(int quarter, double phase, int k, double *re, double *im)
{
    static const double unit[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    const double *turn = unit[(quarter * (k & 3)) & 3];
    double cosine = phase == 0 ? 1 : cos(phase * k), sine = phase == 0 ? 0 : sin(phase * k);
    *re = turn[0] * cosine - turn[1] * sine;
    *im = turn[0] * sine + turn[1] * cosine;
}

void umi_state_gauge_factor(const um_state *state, int k, double *re, double *im)
{
    factor(state->quarter, state->phase, k, re, im);
}

bool umi_state_same_gauge(const um_state *a, const um_state *b)
{
    return a->quarter == b->quarter && a->phase == b->phase;
}

static bool imaginary_part_is_zero(const um_state *state)
{
    for (int k = 0; k < state->orders; k++)
        for (int n = state->first; n < state->last - k; n++)
            if (umi_state_row(state, 1, k)[n] != 0) return false;
    return true;
}

um_status um_state_set_gauge(um_state *state, int quarter, double phase)
{
    if (state->quarter == quarter && state->phase == phase) return UM_OK;
    int turns = (state->quarter - quarter + 4) & 3;
    double angle = state->phase - phase;
    /* A difference of pi in phase is one of two quarters: exact signs instead of cos(pi k). */
    double halves = nearbyint(angle / M_PI);
    if (fabs(halves) < 1000 && fabs(angle - halves * M_PI) <= 4e-16 * fabs(angle)) {
        turns = (turns + 2 * ((int)halves & 1)) & 3;
        angle = 0;
    }
    bool real = angle == 0 && (turns & 1) == 0;
    if (state->orders > 1 && state->planes == 1 && !real) {
        UMI_TRY(umi_state_reserve(state, state->last, state->orders, 2));
        state->planes = 2;
        for (int k = 0; k < state->orders; k++)
            for (int n = state->first - 1; n <= state->last - k; n++)
                umi_state_row(state, 1, k)[n] = 0;
    }
    for (int k = 1; k < state->orders; k++) {
        double cosine, sine;
        factor(turns, angle, k, &cosine, &sine);
        double *x = umi_state_row(state, 0, k);
        double *y = state->planes == 2 ? umi_state_row(state, 1, k) : NULL;
        for (int n = state->first; n < state->last - k; n++) {
            double re = x[n], im = y ? y[n] : 0;
            x[n] = cosine * re - sine * im;
            if (y) y[n] = cosine * im + sine * re;
        }
    }
    state->quarter = quarter;
    state->phase = phase;
    if (state->planes == 2 && imaginary_part_is_zero(state)) state->planes = 1;
    return UM_OK;
}
