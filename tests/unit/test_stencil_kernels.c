/* The kernels of resonant collisions against the one that takes any factors: the same image, and the same
 * bits in whatever window, part and at whatever alignment an element stands; the sums that books are kept
 * with. */
#include "check.h"
#include "instructions.h"
#include "map/kernels/kernels.h"
#include "random_state.h"

enum { PAD = 16, LEVELS_MAX = 202, STRIDE = (LEVELS_MAX + 7) / 8 * 8 + 2 * PAD };

/* What a plane holds: order k, level n; random, the same for all of a case. */
static double content[LEVELS_MAX][LEVELS_MAX];
/* Factors of the resonant kernels, and what they are for the other one. */
static double resonant_table[UMI_RESONANT_FACTORS][STRIDE], general_table[UMI_FACTORS][STRIDE];
static const double zeros[STRIDE];

typedef struct plane {
    double *memory;
    umi_rows rows;
} plane;

/* Nothing but NAN, `shift` doubles off alignment. */
static plane create_plane(int first, int last, int orders, int shift)
{
    int rows = umi_min(orders, last - first), count = STRIDE * (rows + 1);
    plane it = {.memory = aligned_alloc(64, sizeof(double) * (size_t)count)};
    assert_non_null(it.memory);
    for (int i = 0; i < count; i++) it.memory[i] = NAN;
    it.rows = (umi_rows){.base = it.memory + PAD + shift, .stride = STRIDE, .first = first, .last = last,
                         .orders = rows};
    return it;
}

static double *element(const plane *it, int n, int k) { return it->rows.base + k * it->rows.stride + n; }

static bool is_inside(const umi_rows *rows, int n, int k)
{
    return k < rows->orders && n >= rows->first && n + k < rows->last;
}

/* The content inside `window`, zeros in the rest and two on each side of every row, as a state has them. */
static plane load_plane(const umi_rows *window, int margin, int levels, int shift)
{
    int first = umi_max(window->first - margin, 0), last = umi_min(window->last + margin, levels);
    plane it = create_plane(first, last, window->orders + margin, shift);
    for (int k = 0; k < it.rows.orders; k++)
        for (int n = first - 2; n < last - k + 2; n++)
            *element(&it, n, k) = is_inside(window, n, k) ? content[k][n] : 0;
    return it;
}

/* Room for the image of what stands in such a window. */
static plane create_image(const umi_rows *in, int levels, int shift)
{
    return create_plane(umi_max(in->first - 1, 0), umi_min(in->last + 1, levels), in->orders + 1, shift);
}

static void draw(test_random *random, int levels, double scale, double sign, bool mixed)
{
    for (int k = 0; k < levels; k++)
        for (int n = 0; n < levels; n++)
            content[k][n] = k == 0 && sign < 0 ? 0 : scale * (2 * test_random_uniform(random) - 1);
    memset(resonant_table, 0, sizeof resonant_table);
    memset(general_table, 0, sizeof general_table);
    for (int n = PAD; n < PAD + levels; n++) {
        double f[UMI_RESONANT_FACTORS];
        for (int i = 0; i < UMI_RESONANT_FACTORS; i++)
            resonant_table[i][n] = f[i] = i < UMI_RESONANT_e || mixed ? 2 * test_random_uniform(random) - 1 : 0;
        const double general[UMI_FACTORS] = {
            [UMI_FACTOR_G] = f[0],         [UMI_FACTOR_P] = f[1],  [UMI_FACTOR_E] = f[2],
            [UMI_FACTOR_D] = f[3],         [UMI_FACTOR_ga] = f[0] + f[4], [UMI_FACTOR_gb] = f[1],
            [UMI_FACTOR_pa] = f[0],        [UMI_FACTOR_pb] = f[1], [UMI_FACTOR_ea] = f[2] + f[5],
            [UMI_FACTOR_eb] = f[3],        [UMI_FACTOR_da] = f[2], [UMI_FACTOR_db] = f[3]};
        for (int i = 0; i < UMI_FACTORS; i++) general_table[i][n] = general[i];
    }
}

static void apply_resonant(const plane *in, double sign, bool mixed, const plane *out)
{
    const umi_resonant_kernels *kernels = umi_kernels_choose()->resonant;
    umi_resonant_factors factors;
    for (int i = 0; i < UMI_RESONANT_FACTORS; i++) factors.of[i] = resonant_table[i] + PAD;
    (mixed ? kernels->mixed : kernels->pure)(&factors, &in->rows, zeros + PAD, sign, &out->rows);
}

static void apply_general(const plane *in, double sign, const plane *out)
{
    umi_factors factors;
    for (int i = 0; i < UMI_FACTORS; i++) factors.of[i] = general_table[i] + PAD;
    umi_kernels_choose()->stencil_real(&factors, &in->rows, zeros + PAD, sign, &out->rows);
}

/* Two parts, the upper orders first, upwards or downwards: neither touches the other's. */
static void check_parts(const plane *in, double sign, bool mixed, const plane *wanted)
{
    const umi_rows *all = &wanted->rows;
    for (int cut = 1; cut < all->orders; cut += cut < 3 ? 1 : 13) {
        plane part[2] = {create_plane(all->first, all->last, all->orders, 0)};
        part[1] = part[0];
        part[0].rows.orders = part[1].rows.from = cut;
        for (int i = 1; i >= 0; i--) {
            part[i].rows.downwards = (cut + i) & 1;
            part[i].rows.fetch = (umi_fetch)(cut % 3);
            apply_resonant(in, sign, mixed, &part[i]);
            for (int k = 0; k < all->orders; k++)
                for (int n = all->first; n + k < all->last; n++) {
                    double here = *element(&part[0], n, k);
                    assert_true(k < cut && i == 1 ? isnan(here) : here == *element(wanted, n, k));
                }
        }
        free(part[0].memory);
    }
}

static void check_image(const umi_rows *window, int levels, double scale, double sign, bool mixed)
{
    plane in = load_plane(window, 0, levels, 0);
    plane wanted = create_image(&in.rows, levels, 0), image = create_image(&in.rows, levels, 0);
    apply_general(&in, sign, &wanted);
    apply_resonant(&in, sign, mixed, &image);
    for (int margin = 0; margin < 40; margin += 13)
        for (int shift = 0; shift < 2; shift++) {
            plane wide = load_plane(window, margin, levels, shift);
            plane other = create_image(&wide.rows, levels, 1 - shift);
            other.rows.fetch = (umi_fetch)(margin % 3);
            apply_resonant(&wide, sign, mixed, &other);
            for (int k = 0; k < other.rows.orders; k++)
                for (int n = other.rows.first; n + k < other.rows.last; n++) {
                    double here = is_inside(&image.rows, n, k) ? *element(&image, n, k) : 0;
                    assert_true(*element(&other, n, k) == here);
                }
            free(wide.memory);
            free(other.memory);
        }
    check_parts(&in, sign, mixed, &image);
    for (int k = 0; k < image.rows.orders; k++)
        for (int n = image.rows.first; n + k < image.rows.last; n++)
            CHECK_CLOSE(*element(&image, n, k), *element(&wanted, n, k), 1e-14 * scale + 1e-322);
    free(in.memory);
    free(wanted.memory);
    free(image.memory);
}

static void agrees_with_the_general_kernel(void **unused)
{
    (void)unused;
    static const int sizes[] = {1, 2, 3, 17, 37, 101, 201};
    static const double scales[] = {1, 1e-310};
    test_random random = {20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < 8; kind++) {
            int size = sizes[i];
            double scale = scales[kind / 4], sign = kind & 1 ? -1 : 1;
            bool mixed = kind & 2;
            draw(&random, size, scale, sign, mixed);
            for (int round = 0; round < 8; round++) {
                umi_rows window = {.first = round == 0 ? 0 : test_random_integer(&random, 0, size - 1)};
                window.last = round == 0 ? size : test_random_integer(&random, window.first + 1, size);
                int most = window.last - window.first;
                window.orders = round % 4 == 0 ? most : test_random_integer(&random, 1, most);
                check_image(&window, size, scale, sign, mixed);
            }
        }
}

/* Sums that cancel, against quad precision. */
static void sums_of_products(void **unused)
{
    (void)unused;
    enum { MOST = 45 };
    test_random random = {21};
    const umi_kernels *kernels = umi_kernels_choose();
    for (int count = 0; count <= MOST; count++) {
        double a[2][MOST], rest[MOST], b[2][MOST];
        __float128 dot = 0, both = 0;
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < 2; k++) {
                a[k][i] = test_random_normal(&random);
                b[k][i] = test_random_normal(&random);
            }
            rest[i] = 1e-17 * test_random_normal(&random);
            dot += (__float128)a[0][i] * b[0][i];
            both += ((__float128)a[1][i] + rest[i]) * b[1][i];
        }
        both += dot;
        /* One more element each takes nearly all of it away. */
        double last[2] = {-(double)dot, -(double)(both - dot)}, one = 1;
        const umi_product product[4] = {{.count = count, .a = a[0], .b = b[0]},
                                        {.count = count, .a = a[1], .rest = rest, .b = b[1]},
                                        {.count = 1, .a = &last[0], .b = &one},
                                        {.count = 1, .a = &last[1], .b = &one}};
        CHECK_CLOSE(kernels->dot(count, a[0], b[0]), (double)dot, 1e-15 * fabs((double)dot) + 1e-18);
        CHECK_CLOSE(kernels->add_products(4, product), (double)(both + last[0] + last[1]), 1e-18 * (1 + count));
    }
}

/* With the kernels of every instruction set that is there. */
int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_the_general_kernel),
                                      cmocka_unit_test(sums_of_products)};
    int failed = 0;
    for (umi_instructions set = 0; set < UMI_INSTRUCTIONS; set++) {
        if (!test_use_instructions(set)) continue;
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
