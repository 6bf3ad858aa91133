/* The environment's part of a step. It conserves n - m and so runs along the diagonals; its
 * exponential is a Taylor series, few terms of it as a step is short. */
#include <math.h>

#include "map/open_rabi_inside.h"

/* Terms of the series that are smaller than this are left out. */
static const double NEGLIGIBLE = 1e-19;

um_status umi_open_joint_create(um_context *ctx, int levels, umi_open_joint *joint)
{
    size_t size = ((size_t)levels + 4) * (size_t)levels + 8;
    double complex *all = UMI_NEW_ARRAY(ctx, double complex, 4 * size);
    if (!all) return UM_ERROR_MEMORY;
    *joint = (umi_open_joint){.rows = levels, .cross = true, .memory = all};
    for (int b = 0; b < 4; b++)
        joint->block[b / 2][b % 2] = all + (size_t)b * size + 2 * (size_t)levels + 4;
    return UM_OK;
}

void umi_open_joint_free(um_context *ctx, umi_open_joint *joint)
{
    umi_free(ctx, joint->memory);
    joint->memory = NULL;
}

static void fill(const umi_collision *it, umi_open_bath *bath)
{
    int levels = it->levels;
    double g = it->interaction.g / it->battery->frequency, *d = bath->lowering;
    for (int n = 0; n < levels; n++) d[n] = um_battery_get_lowering(it->battery, n);
    d[levels] = it->finite ? 0 : um_battery_get_lowering(it->battery, levels);
    for (int n = 0; n < levels; n++) {
        double next = it->closed && n + 1 == levels ? 0 : d[n + 1];
        double base = -(bath->loss * d[n] * d[n] + bath->gain * next * next +
                        bath->dephasing * n * n) / 2;
        for (int part = 0; part < 2; part++) {
            size_t at = 2 * (size_t)n + (size_t)part;
            bath->down[at] = n + 1 < levels ? d[n + 1] : 0;
            bath->up[at] = d[n];
            bath->number[at] = n;
            for (int p = 0; p < 2; p++) {
                int s = umi_open_atom(p, n);
                bath->atom[p][at] = s;
                for (int t = 0; t < 2; t++)
                    bath->own[p][t][at] = base - s * bath->decay / 2 - (s != t) * bath->atom_dephasing;
            }
        }
        for (int p = 0; p < 2; p++) {
            int s = umi_open_atom(p, n);
            bath->energy[p][n] = um_battery_get_energy(it->battery, n) +
                                 s * (1 + it->atoms.detuning / it->battery->frequency);
            bath->link[p][n] = n > 0 ? (s ? it->interaction.counter_rotating : 1) * g * d[n] : 0;
        }
    }
}

um_status umi_open_bath_create(um_context *ctx, const umi_collision *it, umi_open_bath *bath)
{
    const um_environment *environment = &it->environment;
    *bath = (umi_open_bath){
        .ctx = ctx,
        .levels = it->levels,
        .loss = environment->kappa * (environment->n_th + 1),
        .gain = environment->kappa * environment->n_th,
        .dephasing = environment->dephasing,
        .decay = environment->atom_decay,
        .atom_dephasing = environment->atom_dephasing,
    };
    enum { PIECES = 14 };
    size_t size = 2 * (size_t)it->levels + 2;
    bath->memory = UMI_NEW_ARRAY(ctx, double, PIECES * size);
    if (!bath->memory) return UM_ERROR_MEMORY;
    double **piece[PIECES] = {&bath->lowering,  &bath->down,      &bath->up,        &bath->number,
                              &bath->atom[0],   &bath->atom[1],   &bath->energy[0], &bath->energy[1],
                              &bath->link[0],   &bath->link[1],   &bath->own[0][0], &bath->own[0][1],
                              &bath->own[1][0], &bath->own[1][1]};
    for (size_t i = 0; i < PIECES; i++) *piece[i] = bath->memory + i * size;
    fill(it, bath);
    for (int i = 0; i < 2; i++) UMI_TRY(umi_open_joint_create(ctx, it->levels, &bath->term[i]));
    return UM_OK;
}

void umi_open_bath_free(umi_open_bath *bath)
{
    if (!bath->ctx) return;
    for (int i = 0; i < 2; i++) umi_open_joint_free(bath->ctx, &bath->term[i]);
    umi_free(bath->ctx, bath->memory);
    bath->memory = NULL;
}

double umi_open_bath_norm(const umi_open_bath *bath)
{
    double highest = 0, levels = bath->levels;
    for (int n = 0; n <= bath->levels; n++) highest = fmax(highest, bath->lowering[n] * bath->lowering[n]);
    return 2 * (bath->loss + bath->gain) * highest + bath->dephasing * levels * levels +
           2 * (bath->decay + bath->atom_dephasing);
}

/* out = factor D x in column m of a block, rows m and below; sum += out. Real and imaginary parts lie
 * side by side and are treated alike. */
typedef struct column {
    int begin, end;
    double factor, same, number, before, after, atom;
    const double *own, *up, *down, *weight, *levels;
    const double *x, *left, *here, *right; /* here, left, right: of the other chains, m, m-1, m+1 */
} column;

static void generate(const column *c, double *restrict out, double *restrict sum)
{
    const double *restrict own = c->own, *restrict up = c->up, *restrict down = c->down;
    const double *restrict weight = c->weight, *restrict levels = c->levels;
    const double *restrict x = c->x, *restrict left = c->left;
    const double *restrict here = c->here, *restrict right = c->right;
    double factor = c->factor, same = c->same, number = c->number;
    double before = c->before, after = c->after, atom = c->atom;
    for (int i = c->begin; i < c->end; i++) {
        double value = factor * ((own[i] + same + number * levels[i]) * x[i] +
                                 before * up[i] * left[i - 2] + after * down[i] * right[i + 2] +
                                 atom * weight[i] * here[i]);
        out[i] = value;
        sum[i] += value;
    }
}

/* The atom's jump ends in g; that of the adjoint in e. */
static void generate_block(const umi_open_bath *bath, int p, int q, double factor, bool adjoint,
                           const umi_open_joint *x, umi_open_joint *out, umi_open_joint *sum)
{
    const double *d = bath->lowering;
    int rows = x->rows;
    double down = adjoint ? bath->gain : bath->loss, up = adjoint ? bath->loss : bath->gain;
    const double complex *other = x->block[1 - p][1 - q];
    for (int m = 0; m < rows; m++) {
        size_t at = umi_open_at(x, 0, m);
        int t = umi_open_atom(q, m), arrives = adjoint ? t : 1 - t;
        column c = {
            .begin = 2 * m,
            .end = 2 * rows,
            .factor = factor,
            .same = bath->own[q][0][2 * m] + (t ? bath->atom_dephasing : 0),
            .number = bath->dephasing * m,
            .before = up * d[m],
            .after = m + 1 < rows ? down * d[m + 1] : 0,
            .atom = arrives ? bath->decay : 0,
            .own = bath->own[p][t],
            .up = bath->up,
            .down = bath->down,
            .weight = bath->atom[adjoint ? p : 1 - p],
            .levels = bath->number,
            .x = (const double *)(x->block[p][q] + at),
            .here = (const double *)(other + at),
            .left = (const double *)(other + at - (size_t)rows),
            .right = (const double *)(other + at + (size_t)rows),
        };
        double *image = (double *)(out->block[p][q] + at), *total = (double *)(sum->block[p][q] + at);
        c.end -= 2;
        generate(&c, image, total);
        /* Nothing comes from above the last row: what stands there is not looked at. */
        c.begin = c.end;
        c.end += 2;
        c.after = 0;
        c.right = c.here - 2;
        generate(&c, image, total);
    }
}

/* Tr[H x] */
static double energy(const umi_open_bath *bath, const umi_open_joint *x)
{
    double sum = 0;
    for (int p = 0; p < 2; p++)
        for (int n = 0; n < x->rows; n++) {
            sum += bath->energy[p][n] * creal(x->block[p][p][umi_open_at(x, n, n)]);
            if (n > 0) sum += 2 * bath->link[p][n] * creal(x->block[p][p][umi_open_at(x, n, n - 1)]);
        }
    return sum;
}

static void add(const umi_open_joint *x, const umi_open_joint *y, umi_open_joint *sum)
{
    for (int b = 0; b < 4; b++)
        for (int m = 0; m < x->rows && (b % 3 == 0 || x->cross); m++)
            for (size_t at = umi_open_at(x, m, m); at < umi_open_at(x, 0, m + 1); at++)
                sum->block[b / 2][b % 2][at] = x->block[b / 2][b % 2][at] + y->block[b / 2][b % 2][at];
}

/* rest += (exp(time D) - 1) (x + rest) for a time in which little happens. */
static double apply_series(umi_open_bath *bath, double time, double reach, bool adjoint, const umi_open_joint *x,
                           umi_open_joint *rest)
{
    umi_open_joint *term = &bath->term[0], *next = &bath->term[1];
    double heat = 0, bound = reach;
    add(x, rest, term);
    for (int k = 1; bound > NEGLIGIBLE; k++, bound *= reach / k) {
        for (int p = 0; p < 2; p++)
            for (int q = 0; q < 2; q++)
                if (p == q || x->cross) generate_block(bath, p, q, time / k, adjoint, term, next, rest);
        heat += energy(bath, next);
        umi_open_joint *done = term;
        term = next;
        next = done;
    }
    return heat;
}

double umi_open_bath_apply(umi_open_bath *bath, double time, bool adjoint, const umi_open_joint *x,
                           umi_open_joint *rest)
{
    double reach = time * umi_open_bath_norm(bath), heat = 0;
    int parts = umi_max(1, (int)ceil(reach));
    for (int i = 0; i < 2; i++) {
        bath->term[i].rows = x->rows;
        bath->term[i].cross = x->cross;
    }
    for (int part = 0; part < parts; part++)
        heat += apply_series(bath, time / parts, reach / parts, adjoint, x, rest);
    return heat;
}

double umi_open_bath_leak(const umi_open_bath *bath, const umi_collision *it, const umi_open_joint *x,
                          const umi_open_joint *rest)
{
    int top = x->rows - 1;
    double step = bath->lowering[x->rows], g = it->interaction.g, norm[2] = {0, 0};
    for (int p = 0; p < 2; p++)
        for (int q = 0; q < 2; q++)
            for (int m = 0; m <= top; m++) {
                size_t at = umi_open_at(x, top, m);
                double complex value = x->block[p][q][at] + rest->block[p][q][at];
                if (p == q || x->cross) norm[umi_open_atom(p, top)] += creal(value * conj(value));
            }
    double ground = sqrt(norm[0]), excited = sqrt(norm[1]), all = sqrt(norm[0] + norm[1]);
    return 2 * g * step * (excited + it->interaction.counter_rotating * ground) +
           3 * bath->gain * step * step * all;
}
