/* A steady analysis in which every field is set, none to the value of another, and its comparison.
 */
#ifndef UM_TEST_STEADY_FULL_H
#define UM_TEST_STEADY_FULL_H

#include "test_result_full.h"

static inline um_chamber full_chamber(um_context *ctx, int first, int levels, const char *method)
{
    um_chamber chamber = {.first = first,
                          .last = levels - 1,
                          .exact = first == 0,
                          .open = first > 9,
                          .population = full_number(),
                          .energy = 3.873 + first,
                          .ergotropy = 3.5 + first,
                          .purity = 1.0 / (1 + first),
                          .leak = first ? 1.9066e-14 : 0,
                          .down = 5.96e-20 * first,
                          .leak_error = 1e-9,
                          .relaxation = 7.25,
                          .levels = levels,
                          .populations = full_numbers(ctx, (size_t)levels),
                          .method = method};
    return chamber;
}

/* Ended by um_steady_destroy. */
static inline um_steady *full_steady(um_context *ctx)
{
    um_steady *s = UMI_NEW(ctx, um_steady);
    assert_non_null(s);
    s->status = UM_ERROR_NOCONV;
    s->run = full_result(ctx);
    s->plateau = s->run->plateaus[0];
    s->lifetime = 5.2449e13;
    s->band_exit = 171177804801;
    s->limit = (um_limit){UM_LIMIT_ESCAPES, 999999999999999, 27.25, 27.125, 0.98, 39};
    s->stationary = (um_stationary){0.375, 0.125, 0.59375, 3, UMI_NEW_ARRAY(ctx, double, 3)};
    for (int n = 0; n < 3; n++) s->stationary.populations[n] = n == 0 ? 0.75 : 0.125;
    s->spectrum = (um_spectrum){.levels = 131, .count = 3, .eigenvalues = 10, .dropped = 2};
    s->spectrum.modes = UMI_NEW_ARRAY(ctx, um_mode, 3);
    s->spectrum.modes[0] = (um_mode){1, 0, 1, 0, INFINITY, 1e-32, 2};
    s->spectrum.modes[1] = (um_mode){-0.5, 0.1, 0.75, 1.9066e-14, 5.2e13, NAN, 1};
    s->spectrum.modes[2] = (um_mode){0.25, -0.1, 0.26, 1.35, 0.74, 1e-30, 4};
    s->chambers_count = 3;
    s->chambers = UMI_NEW_ARRAY(ctx, um_chamber, 3);
    s->chambers[0] = full_chamber(ctx, 0, 3, "closed");
    s->chambers[1] = full_chamber(ctx, 3, 7, "perturbation");
    s->chambers[2] = full_chamber(ctx, 10, 12, "slow-modes");
    s->wall_seconds = 0.625;
    s->warnings_count = 2;
    s->warnings = UMI_NEW_ARRAY(ctx, char *, 2);
    s->warnings[0] = umi_strdup(ctx, "the run ended after collision 7: \"why\"");
    s->warnings[1] = umi_strdup(ctx, "µ");
    return s;
}

static inline void same_chamber(const um_chamber *a, const um_chamber *b)
{
    SAME(a, b, first);
    SAME(a, b, last);
    SAME(a, b, exact);
    SAME(a, b, open);
    SAME(a, b, population);
    SAME(a, b, energy);
    SAME(a, b, ergotropy);
    SAME(a, b, purity);
    SAME(a, b, leak);
    SAME(a, b, down);
    SAME(a, b, leak_error);
    SAME(a, b, relaxation);
    SAME(a, b, levels);
    SAME_ARRAY(a, b, populations, (size_t)a->levels);
    assert_string_equal(a->method, b->method);
}

static inline void same_steady(const um_steady *a, const um_steady *b)
{
    SAME(a, b, status);
    SAME(a, b, plateau);
    SAME(a, b, lifetime);
    SAME(a, b, band_exit);
    SAME(a, b, limit.status);
    SAME(a, b, limit.collision);
    SAME(a, b, limit.energy);
    SAME(a, b, limit.ergotropy);
    SAME(a, b, limit.purity);
    SAME(a, b, limit.level);
    SAME(a, b, stationary.energy);
    SAME(a, b, stationary.ergotropy);
    SAME(a, b, stationary.purity);
    SAME(a, b, stationary.levels);
    for (int n = 0; n < a->stationary.levels; n++) SAME(a, b, stationary.populations[n]);
    SAME(a, b, spectrum.levels);
    SAME(a, b, spectrum.count);
    SAME(a, b, spectrum.eigenvalues);
    SAME(a, b, spectrum.dropped);
    for (size_t i = 0; i < a->spectrum.count; i++) {
        const um_mode *x = &a->spectrum.modes[i], *y = &b->spectrum.modes[i];
        SAME(x, y, re);
        SAME(x, y, im);
        SAME(x, y, modulus);
        SAME(x, y, decay);
        SAME(x, y, relaxation);
        SAME(x, y, error);
        SAME(x, y, multiplicity);
    }
    SAME(a, b, chambers_count);
    for (size_t i = 0; i < a->chambers_count; i++) same_chamber(&a->chambers[i], &b->chambers[i]);
    SAME(a, b, wall_seconds);
    SAME(a, b, warnings_count);
    for (size_t i = 0; i < a->warnings_count; i++)
        assert_string_equal(a->warnings[i], b->warnings[i]);
    same_result(a->run, b->run);
}

#endif
