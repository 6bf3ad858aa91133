#include "dense_spectrum.h"

#include <lapacke.h>

#include "check.h"
#include "oracle.h"

enum { PADDING = 30 };

static oracle_battery make_battery(const um_battery *battery, int levels)
{
    if (battery->kind == UM_BATTERY_CAVITY) return oracle_cavity(levels);
    if (battery->kind == UM_BATTERY_LADDER) return oracle_ladder(levels);
    return oracle_custom(levels, battery->energies, battery->lowering);
}

/* A trap just above the space: the element that would step across stays, with its sign. */
static oracle_real sign_of_top(const um_spec *spec, int levels)
{
    const um_battery *battery = &spec->battery;
    bool endless = battery->kind == UM_BATTERY_CAVITY || battery->levels > levels;
    if (!endless || spec->stages[0].atoms.detuning != 0) return 1;
    double angle = spec->stages[0].interaction.theta * um_battery_get_lowering(battery, levels);
    return fabs(sin(angle)) < 1e-13 && cos(angle) < 0 ? -1 : 1;
}

static oracle_complex *make_unitary(const um_spec *spec, int levels)
{
    const um_interaction *given = &spec->stages[0].interaction;
    const um_battery *battery = &spec->battery;
    bool rabi = given->counter_rotating > 0;
    bool endless = battery->kind == UM_BATTERY_CAVITY || battery->levels > levels;
    int all = levels + (rabi && endless ? PADDING : 0);
    oracle_battery b = make_battery(battery, all);
    oracle_interaction interaction = {battery->frequency, spec->stages[0].atoms.detuning, given->g,
                                      given->tau, given->counter_rotating};
    oracle_complex *whole = oracle_matrix(2 * all), *cut = oracle_matrix(2 * levels);
    oracle_unitary(&b, &interaction, 0, whole);
    for (int i = 0; i < 2 * levels; i++)
        for (int j = 0; j < 2 * levels; j++) cut[2 * levels * i + j] = whole[2 * all * i + j];
    if (!rabi) cut[4 * levels * levels - 1] *= sign_of_top(spec, levels);
    oracle_battery_free(&b);
    free(whole);
    return cut;
}

/* Column-major superoperator: column (i, j) is the image of |i><j|. */
static double _Complex *make_superoperator(const um_spec *spec, int levels)
{
    int size = levels * levels;
    double _Complex *map = calloc((size_t)(size * size), sizeof *map);
    assert_non_null(map);
    oracle_complex *unitary = make_unitary(spec, levels), atom[4];
    oracle_complex *unit = oracle_matrix(levels), *image = oracle_matrix(levels);
    const um_atoms *given = &spec->stages[0].atoms;
    oracle_atom_matrix(&(oracle_atom){given->q, given->c, given->phase}, atom);
    oracle_battery b = make_battery(&spec->battery, levels);
    double gap = spec->stages[0].stream.period - spec->stages[0].interaction.tau;
    for (int column = 0; column < size; column++) {
        unit[column] = 1;
        oracle_collide(levels, unitary, atom, unit, image, NULL);
        oracle_gap(&b, spec->battery.frequency, gap, image);
        unit[column] = 0;
        for (int row = 0; row < size; row++) map[column * size + row] = (double _Complex)image[row];
    }
    oracle_battery_free(&b);
    free(unitary);
    free(unit);
    free(image);
    return map;
}

static int by_modulus(const void *a, const void *b)
{
    double x = cabs(*(const double _Complex *)a), y = cabs(*(const double _Complex *)b);
    return x > y ? -1 : x < y;
}

double _Complex *dense_spectrum(const um_model *model, int levels)
{
    int size = levels * levels;
    double _Complex *map = make_superoperator(um_model_get_spec(model), levels);
    double _Complex *values = calloc((size_t)size, sizeof *values);
    assert_non_null(values);
    assert_int_equal(
        LAPACKE_zgeev(LAPACK_COL_MAJOR, 'N', 'N', size, map, size, values, NULL, 1, NULL, 1), 0);
    free(map);
    qsort(values, (size_t)size, sizeof *values, by_modulus);
    return values;
}

void dense_spectrum_compare(const char *name, const um_spectrum *spectrum, int levels,
                            const double _Complex *values, double tolerance)
{
    int size = levels * levels, total = 0;
    bool *taken = calloc((size_t)size, sizeof *taken);
    assert_non_null(taken);
    double smallest = INFINITY;
    for (size_t i = 0; i < spectrum->count; i++) {
        const um_mode *mode = &spectrum->modes[i];
        double _Complex value = mode->re + I * mode->im;
        CHECK_CLOSE(cabs(value), mode->modulus, 1e-15);
        CHECK_CLOSE(exp(-mode->decay), mode->modulus, 1e-15);
        smallest = fmin(smallest, mode->modulus);
        total += mode->multiplicity;
        for (int m = 0; m < mode->multiplicity; m++) {
            int best = -1;
            for (int j = 0; j < size; j++)
                if (!taken[j] && (best < 0 || cabs(values[j] - value) < cabs(values[best] - value)))
                    best = j;
            if (best < 0 || cabs(values[best] - value) > tolerance)
                fail_msg("%s, %d levels: mode %zu = %.12g %+.12gi, x%d: copy %d is not there; "
                         "nearest %.12g %+.12gi",
                         name, levels, i, mode->re, mode->im, mode->multiplicity, m,
                         best < 0 ? NAN : creal(values[best]),
                         best < 0 ? NAN : cimag(values[best]));
            taken[best] = true;
        }
    }
    assert_int_equal(total, spectrum->eigenvalues);
    for (int j = 0; j < size; j++)
        if (!taken[j] && cabs(values[j]) > smallest + tolerance)
            fail_msg("%s, %d levels: %.12g %+.12gi is missing", name, levels, creal(values[j]),
                     cimag(values[j]));
    free(taken);
}

void dense_spectrum_check(um_context *ctx, const char *name, const um_model *model, int levels,
                          int eigenvalues, double tolerance)
{
    um_spectrum spectrum;
    double _Complex *values = dense_spectrum(model, levels);
    um_status status = um_spectrum_solve(ctx, model, 0, levels, eigenvalues, false, &spectrum);
    if (status != UM_OK)
        fail_msg("%s, %d levels: %s", name, levels, um_context_get_error(ctx)->message);
    assert_int_equal(spectrum.levels, levels);
    assert_int_equal(spectrum.dropped, 0);
    int wanted = eigenvalues < levels * levels ? eigenvalues : levels * levels;
    if (spectrum.eigenvalues < wanted)
        fail_msg("%s, %d levels: %d eigenvalues of %d", name, levels, spectrum.eigenvalues, wanted);
    dense_spectrum_compare(name, &spectrum, levels, values, tolerance);
    um_spectrum_clear(ctx, &spectrum);
    free(values);
}
