/* Order tables: what is put in is what acts, folding, bands, readouts, top, adjoint, what is left out. */
#include "check.h"
#include "context.h"
#include "map/table.h"
#include "state/state.h"

enum { LEVELS = 11 };

static const umi_table_look look = {.method = "test", .excited = 0.5, .present = 1, .reach = 1};

static double number(int a, int b, int c, int d) { return sin(1 + a + 2.3 * b + 5.1 * c + 0.37 * d); }

/* An entry for every (order, change, shift, n) that stays inside. */
static umi_table *fill(bool complex_coefficients, int widest)
{
    umi_table *table;
    CHECK_OK(ctx, umi_table_create(ctx, LEVELS, LEVELS, complex_coefficients, &table));
    for (int k = 0; k < LEVELS; k++)
        for (int change = k ? -1 : 0; change <= 1; change++)
            for (int shift = -widest; shift <= widest; shift++)
                for (int n = 0; n < LEVELS - k; n++) {
                    int from = n + shift;
                    if (from < 0 || from + k + change >= LEVELS) continue;
                    /* what takes the diagonal to itself is real */
                    bool real = !complex_coefficients || (k == 0 && change == 0);
                    double re = number(k, change, shift, n), im = real ? 0 : number(n, k, change, shift);
                    CHECK_OK(ctx, umi_table_add(table, k, change, shift, n, re, im));
                }
    return table;
}

static um_state *draw(int planes, int first, int last, int orders, int seed)
{
    um_state *state;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, planes, 1, 0, &state));
    CHECK_OK(ctx, umi_state_resize(state, LEVELS, first, last, orders, planes));
    for (int p = 0; p < planes; p++)
        for (int k = 0; k < orders; k++)
            for (int n = first; n < last - k; n++)
                umi_state_row(state, p, k)[n] = p && !k ? 0 : number(seed, p, k, n);
    umi_state_seal(state);
    return state;
}

static double element(const um_state *state, int plane, int k, int n)
{
    bool inside = plane < state->planes && k < state->orders && n >= state->first && n + k < state->last;
    return inside ? umi_state_row(state, plane, k)[n] : 0;
}

static double coefficient(const umi_table *table, int k, int change, int shift, int plane, int n)
{
    const double *row = umi_table_find(table, k, change, shift, plane);
    return row ? row[n] : 0;
}

/* The definition, element by element. */
static void compare(const umi_table *table, const um_state *in, const um_state *out)
{
    for (int k = 0; k < LEVELS; k++)
        for (int n = 0; n < LEVELS - k; n++) {
            double re = 0, im = 0;
            for (int change = k ? -1 : 0; change <= 1; change++)
                for (int shift = -LEVELS; shift <= LEVELS; shift++) {
                    double a = coefficient(table, k, change, shift, 0, n);
                    double b = coefficient(table, k, change, shift, 1, n);
                    double x = element(in, 0, k + change, n + shift), y = element(in, 1, k + change, n + shift);
                    re += a * x - b * y;
                    im += a * y + b * x;
                }
            CHECK_CLOSE(element(out, 0, k, n), re, 1e-13);
            CHECK_CLOSE(element(out, 1, k, n), k ? im : 0, 1e-13);
        }
}

static double trace_product(const um_state *a, const um_state *b)
{
    double sum = 0;
    for (int p = 0; p < 2; p++)
        for (int k = 0; k < LEVELS; k++)
            for (int n = 0; n < LEVELS - k; n++)
                sum += (k ? 2 : 1) * element(a, p, k, n) * element(b, p, k, n);
    return sum;
}

static void acts_as_defined(void **unused)
{
    (void)unused;
    const int windows[][3] = {{0, LEVELS, LEVELS}, {0, 4, 4}, {5, 9, 2}, {LEVELS - 1, LEVELS, 1}, {2, 10, 1}};
    for (int complex_coefficients = 0; complex_coefficients < 2; complex_coefficients++)
        for (int widest = 0; widest < 4; widest++) {
            umi_table *table = fill(complex_coefficients, widest);
            um_map *map;
            CHECK_OK(ctx, umi_table_finish(table, &look, &map));
            for (int w = 0; w < 5; w++)
                for (int planes = 1; planes <= 2; planes++) {
                    um_state *in = draw(planes, windows[w][0], windows[w][1], windows[w][2], w), *out, *back;
                    um_state *other = draw(complex_coefficients ? 2 : planes, 0, LEVELS, LEVELS, 7);
                    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out));
                    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &back));
                    CHECK_OK(ctx, um_map_apply(map, in, out, NULL));
                    compare(table, in, out);
                    CHECK_OK(ctx, um_map_apply_adjoint(map, other, back));
                    CHECK_CLOSE(trace_product(back, in), trace_product(other, out), 1e-11);
                    um_state_destroy(in);
                    um_state_destroy(out);
                    um_state_destroy(back);
                    um_state_destroy(other);
                }
            um_map_destroy(map);
            umi_table_free(table);
        }
}

/* Order -1 is the mirror image of order 1. */
static void folds_the_order_below(void **unused)
{
    (void)unused;
    umi_table *table;
    int first, last;
    CHECK_OK(ctx, umi_table_create(ctx, LEVELS, LEVELS, true, &table));
    umi_table_get_band(table, 1, &first, &last);
    assert_true(first > last);
    CHECK_OK(ctx, umi_table_add(table, 0, -1, 2, 3, 0.5, 0.25)); /* reads r_{5,4} = conj(r_{4,5}) */
    CHECK_CLOSE(coefficient(table, 0, 1, 1, 0, 3), 0.5, 0);
    CHECK_CLOSE(coefficient(table, 0, 1, 1, 1, 3), -0.25, 0);
    umi_table_get_band(table, 1, &first, &last);
    assert_int_equal(first, 1);
    assert_int_equal(last, 1);
    CHECK_OK(ctx, umi_table_add(table, 4, 1, -3, 5, 1, 0));
    umi_table_get_band(table, 1, &first, &last);
    assert_int_equal(first, -3);
    assert_int_equal(last, 1);
    assert_null(umi_table_find(table, 4, 1, 0, 0));
    assert_null(umi_table_find(table, 4, 0, 0, 0));
    um_map *map;
    CHECK_OK(ctx, umi_table_finish(table, &look, &map));
    assert_int_equal(um_map_get_info(map).reach, 3);
    um_map_destroy(map);
    umi_table_free(table);
}

static void reads_out(void **unused)
{
    (void)unused;
    umi_table *table = fill(true, 1);
    for (int r = 0; r < UMI_TABLE_READOUTS; r++)
        for (int k = 0; k < UMI_TABLE_READ_ORDERS; k++)
            for (int p = 0; p < 2; p++)
                for (int n = 0; n < LEVELS; n++) umi_table_weights(table, (umi_table_readout)r, k, p)[n] = number(r, k, p, n);
    um_map *map;
    umi_table_look turned = look;
    turned.present = 0.7;
    turned.phase = 0.4;
    CHECK_OK(ctx, umi_table_finish(table, &turned, &map));
    um_state *in = draw(2, 1, 9, 5, 3), *out;
    in->phase = 0.4;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out));
    um_outcome o;
    CHECK_OK(ctx, um_map_apply(map, in, out, &o));
    double want[UMI_TABLE_READOUTS] = {0};
    for (int r = 0; r < UMI_TABLE_READOUTS; r++)
        for (int k = 0; k < UMI_TABLE_READ_ORDERS; k++)
            for (int n = 0; n < LEVELS - k; n++)
                want[r] += number(r, k, 0, n) * element(in, 0, k, n) - number(r, k, 1, n) * element(in, 1, k, n);
    double re = want[UMI_TABLE_COHERENCE_RE], im = want[UMI_TABLE_COHERENCE_IM];
    CHECK_CLOSE(o.change, want[UMI_TABLE_CHANGE], 1e-13);
    CHECK_CLOSE(o.excited, want[UMI_TABLE_CHANGE] + 0.5 * um_state_get_trace(in), 1e-13);
    CHECK_CLOSE(o.coupling_start, want[UMI_TABLE_START], 1e-13);
    CHECK_CLOSE(o.coupling_end, want[UMI_TABLE_END], 1e-13);
    CHECK_CLOSE(o.heat, want[UMI_TABLE_HEAT], 1e-13);
    CHECK_CLOSE(o.present, 0.7, 0);
    CHECK_CLOSE(o.coherence_re, re * cos(0.4) - im * sin(0.4), 1e-13);
    CHECK_CLOSE(o.coherence_im, re * sin(0.4) + im * cos(0.4), 1e-13);
    um_state_destroy(in);
    um_state_destroy(out);
    um_map_destroy(map);
    umi_table_free(table);
}

/* The bound: columns near the top, and coefficients too small to keep. */
static void bounds_what_it_leaves_out(void **unused)
{
    (void)unused;
    umi_table *table;
    um_map *map;
    um_outcome o;
    um_state *in = draw(2, 0, LEVELS, LEVELS, 2), *out;
    CHECK_OK(ctx, um_state_create(ctx, LEVELS, 1, 0, 0, &out));
    CHECK_OK(ctx, umi_table_create(ctx, LEVELS, LEVELS, false, &table));
    CHECK_OK(ctx, umi_table_add(table, 0, 0, 0, 0, 1, 0));
    umi_table_top(table)[LEVELS - 1] = 0.5;
    umi_table_top(table)[LEVELS - 2] = 0.25;
    CHECK_OK(ctx, umi_table_finish(table, &look, &map));
    assert_int_equal(um_map_get_info(map).reach, 2);
    double want = 0;
    for (int m = LEVELS - 2; m < LEVELS; m++) {
        double sum = 0;
        for (int n = 0; n <= m; n++) sum += pow(element(in, 0, m - n, n), 2) + pow(element(in, 1, m - n, n), 2);
        want += umi_table_top(table)[m] * sqrt(sum);
    }
    CHECK_OK(ctx, um_map_apply(map, in, out, &o));
    CHECK_CLOSE(o.error_bound, want, 1e-14);
    um_map_destroy(map);
    memset(umi_table_top(table), 0, LEVELS * sizeof(double));
    CHECK_OK(ctx, umi_table_add(table, 2, 1, 3, 1, 5e-22, 0)); /* reads in_3[4] */
    CHECK_OK(ctx, umi_table_finish(table, &look, &map));
    CHECK_OK(ctx, um_map_apply(map, in, out, &o));
    CHECK_CLOSE(element(out, 0, 2, 1), 0, 0);
    double norm = 0;
    for (int k = 0; k < LEVELS; k++)
        for (int n = 0; n < LEVELS - k; n++) norm += pow(element(in, 0, k, n), 2) + pow(element(in, 1, k, n), 2);
    CHECK_CLOSE(o.error_bound / (2 * 5e-22 * sqrt(norm)), 1, 1e-12);
    um_map_destroy(map);
    umi_table_free(table);
    um_state_destroy(in);
    um_state_destroy(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acts_as_defined), cmocka_unit_test(folds_the_order_below),
        cmocka_unit_test(reads_out), cmocka_unit_test(bounds_what_it_leaves_out),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
