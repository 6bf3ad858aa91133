#include "frame.h"

/* (-i)^(n-m) (re + i im) */
static void turn(int n, int m, double re, double im, double *real, double *imag)
{
    const double values[5] = {re, im, -re, -im, re}; /* real part after 0, 1, ... quarters */
    int quarters = ((n - m) % 4 + 4) % 4;
    *real = values[quarters];
    *imag = quarters == 0 ? im : -values[quarters - 1];
}

void frame_set_initial(simulation *s, int levels, const quad *re, const quad *im, double *real,
                       double *imag)
{
    for (int n = 0; n < levels; n++)
        for (int m = 0; m < levels; m++) {
            int i = n * levels + m;
            turn(n, m, (double)re[i], im ? (double)im[i] : 0, &real[i], &imag[i]);
        }
    s->spec.battery.initial = (um_initial){
        .kind = UM_INITIAL_MATRIX, .levels = levels, .real = real, .imag = imag, .record = -1};
}

double frame_difference(const um_saved_state *state, int levels, const quad *re, const quad *im)
{
    double largest = 0;
    int all = state->levels > levels ? state->levels : levels;
    for (int n = 0; n < all; n++)
        for (int m = 0; m < all; m++) {
            double want_real = 0, want_imag = 0, real = 0, imag = 0;
            int i = n * levels + m, j = n * state->levels + m;
            if (n < levels && m < levels)
                turn(n, m, (double)re[i], im ? (double)im[i] : 0, &want_real, &want_imag);
            if (n < state->levels && m < state->levels) {
                real = state->real[j];
                imag = state->imag[j];
            }
            double difference = hypot(real - want_real, imag - want_imag);
            if (!(difference <= largest)) largest = difference; /* NAN stays */
        }
    return largest;
}

const um_saved_state *frame_get_state(const simulation *s, int64_t collision)
{
    for (size_t i = 0; i < s->result->states_count; i++)
        if (s->result->states[i].collision == collision) return &s->result->states[i];
    fail_msg("no state was kept after collision %lld", (long long)collision);
    return NULL;
}
