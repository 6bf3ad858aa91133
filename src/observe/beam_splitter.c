/* The coefficients C_ab of phase_space.h.
 *
 * The beam splitter conserves s = n + m. Within one s its matrix elements are the normalised
 * Krawtchouk functions f_b(m), which obey
 *     sqrt((b+1)(s-b)) f_{b+1} = (s - 2m) f_b - sqrt(b(s-b+1)) f_{b-1},  f_0 = sqrt(C(s,m)/2^s),
 * stable upwards as far as b = s/2; beyond, f_{s-b}(m) = (-1)^m f_b(m). Hermiticity of rho pairs
 * (n, m) with (m, n): even b see 2 Re rho_nm only, odd b 2 Im rho_nm. One lane per order
 * k = m - n, all lanes of a block side by side.
 */
#include "observe/phase_space.h"

#include <math.h>
#include <string.h>

/* An even number: the sign (-1)^m of a lane is then that of its place in the vector. */
enum { LANES = 8 };

/* Lanes far from the middle start below the smallest double: f = value 2^shift, shift a multiple
 * of -STEP. Functions grow by less than sqrt(s) + 1 per step, so PERIOD steps cannot overflow. */
enum { STEP = 256, PERIOD = 16 };

typedef struct splitter {
    int s, lanes, padded;
    int shifted;              /* first lane with shift < 0 */
    double *value, *previous; /* f_b, f_{b-1} */
    double *order;            /* s - 2m = -k */
    double *element[2];       /* Re and Im of rho_nm, times 2 unless n = m */
    double *weight[2];        /* element 2^shift */
    int *shift;
    double *block; /* of all the above but shift */
} splitter;

int umi_phase_space_size(const um_state *state) { return umi_max(2 * state->last - 1, 0); }

static um_status create(const um_state *state, splitter *b)
{
    size_t lanes = (size_t)(state->orders / 2 + 1 + LANES) / LANES * LANES;
    *b = (splitter){.block = UMI_NEW_ARRAY(state->ctx, double, 7 * lanes)};
    if (!b->block) return UM_ERROR_MEMORY;
    b->shift = UMI_NEW_ARRAY(state->ctx, int, lanes);
    if (!b->shift) {
        umi_free(state->ctx, b->block);
        return UM_ERROR_MEMORY;
    }
    double **parts[] = {&b->value,      &b->previous,  &b->order,    &b->element[0],
                        &b->element[1], &b->weight[0], &b->weight[1]};
    for (size_t i = 0; i < 7; i++) *parts[i] = b->block + i * lanes;
    return UM_OK;
}

static void destroy(const um_state *state, splitter *b)
{
    umi_free(state->ctx, b->shift);
    umi_free(state->ctx, b->block);
}

static void set_weight(splitter *b, int j)
{
    for (int i = 0; i < 2; i++) b->weight[i][j] = ldexp(b->element[i][j], b->shift[j]);
}

/* Orders k = s & 1, + 2, ... whose levels n, m = (s -+ k)/2 are in the window. */
static int count_lanes(const um_state *state, int s)
{
    int largest =
        umi_min(state->orders - 1, umi_min(s - 2 * state->first, 2 * (state->last - 1) - s));
    int smallest = s & 1;
    return largest < smallest ? 0 : (largest - smallest) / 2 + 1;
}

/* The matrix elements of block s, and a lane for each but the last zeros. */
static void load(splitter *b, const um_state *state, int s)
{
    int lanes = count_lanes(state, s);
    b->s = s;
    b->lanes = 0;
    for (int j = 0; j < lanes; j++) {
        int k = (s & 1) + 2 * j;
        double *re = &b->element[0][j], *im = &b->element[1][j];
        umi_state_get_element(state, (s - k) / 2, k, re, im);
        *re *= k > 0 ? 2 : 1;
        *im *= k > 0 ? 2 : 0;
        if (*re != 0 || *im != 0) b->lanes = j + 1;
    }
    b->padded = (b->lanes + LANES - 1) / LANES * LANES;
}

/* f_0; central = f_0^2 of the first lane. */
static void start(splitter *b, double central)
{
    double value = sqrt(central);
    int shift = 0;
    b->shifted = b->lanes;
    for (int j = 0; j < b->lanes; j++) {
        int k = (b->s & 1) + 2 * j, n = (b->s - k) / 2, m = (b->s + k) / 2;
        b->value[j] = value;
        b->shift[j] = shift;
        b->order[j] = -k;
        set_weight(b, j);
        if (shift < 0) b->shifted = umi_min(b->shifted, j);
        value *= sqrt((double)n / (m + 1));
        if (value < 0x1p-256) {
            value *= 0x1p256;
            shift -= STEP;
        }
    }
    for (int j = b->lanes; j < b->padded; j++)
        b->value[j] = b->order[j] = b->weight[0][j] = b->weight[1][j] = 0;
    memset(b->previous, 0, sizeof(double) * (size_t)b->padded);
}

/* f_{b+1} from f_b. */
static void advance(splitter *b, int step)
{
    double inverse = 1 / sqrt((step + 1.0) * (b->s - step));
    double back = sqrt((double)step * (b->s - step + 1.0)) * inverse;
    double *restrict next = b->previous;
    const double *restrict value = b->value, *restrict order = b->order;
    for (int j = 0; j < b->padded; j++) next[j] = order[j] * inverse * value[j] - back * next[j];
    b->previous = b->value;
    b->value = next;
}

static void rescale(splitter *b)
{
    for (int j = b->shifted; j < b->lanes; j++) {
        if (b->shift[j] == 0) continue;
        if (fmax(fabs(b->value[j]), fabs(b->previous[j])) < 0x1p256) continue;
        b->value[j] *= 0x1p-256;
        b->previous[j] *= 0x1p-256;
        b->shift[j] += STEP;
        set_weight(b, j);
    }
}

/* Sums of f_b times the weights over even and over odd lanes. */
static void project(const splitter *b, int part, double *even, double *odd)
{
    double sums[LANES] = {0};
    const double *value = b->value, *weight = b->weight[part];
    for (int j = 0; j < b->padded; j += LANES)
        for (int i = 0; i < LANES; i++) sums[i] += value[j + i] * weight[j + i];
    *even = *odd = 0;
    for (int i = 0; i < LANES; i += 2) {
        *even += sums[i];
        *odd += sums[i + 1];
    }
}

/* (-i)^b times the 1 or i that the pair (n, m), (m, n) brings, over sqrt(pi). */
static double phase(int b)
{
    static const double inverse_root_pi = 0.56418958354775628695;
    return b & 2 ? -inverse_root_pi : inverse_root_pi;
}

static void project_block(splitter *b, int size, double *coefficients)
{
    int s = b->s, lowest = (s + 1) / 2; /* m of lane 0 */
    for (int low = 0; low <= s / 2; low++) {
        int high = s - low;
        double even, odd;
        project(b, low & 1, &even, &odd);
        coefficients[high + (size_t)low * (size_t)size] = phase(low) * (even + odd);
        if ((high ^ low) & 1) project(b, high & 1, &even, &odd);
        double mirrored = lowest & 1 ? odd - even : even - odd;
        if (high != low) coefficients[low + (size_t)high * (size_t)size] = phase(high) * mirrored;
        if (low < s / 2) advance(b, low);
        if (b->shifted < b->lanes && low % PERIOD == 0) rescale(b);
    }
}

um_status umi_phase_space_coefficients(const um_state *state, double *coefficients)
{
    splitter b;
    UMI_TRY(create(state, &b));
    int size = umi_phase_space_size(state);
    double central = 1; /* C(2j, j)/4^j; the odd s = 2j - 1 has the same */
    for (int s = 0; s < size; s++) {
        if (s & 1) central *= s / (s + 1.0);
        load(&b, state, s);
        if (b.lanes == 0) continue;
        start(&b, central);
        project_block(&b, size, coefficients);
    }
    destroy(state, &b);
    return UM_OK;
}
