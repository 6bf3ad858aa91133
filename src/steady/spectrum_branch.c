#include "steady/spectrum_branch.h"

#include <math.h>
#include <string.h>

#include "linalg/linalg.h"

/* Modes looked for next to each pole beyond those wanted: all there are, in most cases. */
enum { MORE = 24 };

/* Closer to +-1 than this a decay in double would have hardly more than half of its digits. */
static const double radius = 1e-7;
/* Of the shifts from the poles, and how far from there modes are looked for by inverses. */
static const double away = 1e-4, reach = 2e-4;

/* Just outside the unit circle, where G - shift has no eigenvalue. */
static um_status create_inverses(umi_branch *branch)
{
    um_context *ctx = branch->about->ctx;
    umi_generator *generator = &branch->generator;
    UMI_TRY(umi_generator_create(ctx, branch->about->model, branch->about->stage, &branch->layout,
                                 generator));
    UMI_TRY(umi_sparse_gather(ctx, &generator->matrix));
    UMI_TRY(umi_ordering_create(ctx, &generator->matrix, &branch->ordering));
    for (int i = 0; i < 2; i++)
        UMI_TRY(umi_elimination_create(ctx, branch->ordering, &generator->matrix,
                                       i ? -2 - away : away, &branch->inverse[i]));
    return UM_OK;
}

um_status umi_branch_create(const umi_subject *about, const umi_layout *layout, umi_branch *branch)
{
    *branch = (umi_branch){.about = about, .layout = *layout};
    if (umi_layout_size(layout) == 0) return UM_OK;
    UMI_TRY(umi_sector_create(about->ctx, about->model, about->stage, layout, &branch->sector));
    branch->floor = INFINITY;
    /* Chambers, and coherences between any two of them: half of those are next to +1. */
    branch->modes.copies = umi_min(about->regions, 100) * (about->regions + 1) / 4;
    return about->rabi ? UM_OK : create_inverses(branch);
}

void umi_branch_free(umi_branch *branch)
{
    if (!branch->about) return;
    um_context *ctx = branch->about->ctx;
    for (int i = 0; i < 3; i++) umi_eigenvalues_free(ctx, &branch->of[i]);
    for (int i = 0; i < 2; i++) umi_elimination_destroy(branch->about->ctx, branch->inverse[i]);
    umi_ordering_destroy(ctx, branch->ordering);
    umi_generator_free(ctx, &branch->generator);
    umi_modes_free(ctx, &branch->modes);
    umi_sector_free(&branch->sector);
}

static void weigh(const umi_layout *layout, int top, const double *x, umi_weight *w)
{
    for (int k = layout->skew; k < layout->orders; k++)
        for (int plane = layout->skew; plane < (layout->skew ? 2 : layout->planes); plane++) {
            if (plane == 1 && k == 0) continue;
            const double *row = x + umi_layout_index(layout, plane, k, 0);
            double factor = k > 0 ? 2 : 1;
            for (int n = 0; n < layout->levels - k; n++) {
                double square = factor * row[n] * row[n];
                w->all += square;
                if (n + k >= top) w->top += square;
                if (n + k == layout->levels - 1) w->rim += square;
            }
        }
}

/* If most of it is above the last trap, or if what it has in the last level could move it by a hundredth. */
bool umi_subject_made_it(const umi_subject *about, umi_weight w, double decay)
{
    if (!about->truncated) return false;
    bool high = about->has_trap && w.top > 0.5 * w.all;
    return high || sqrt(w.rim) > fmax(1e-9, 0.01 * decay) * sqrt(w.all);
}

/* right: the eigenvector in coordinates of the basis; of a pair two columns, for both. */
static um_status add_mode(umi_branch *branch, int j, bool pair, const double *right, double *x)
{
    const umi_subject *about = branch->about;
    const umi_modes *modes = &branch->modes;
    int size = (int)modes->size;
    umi_linalg_dgemm('N', 'N', size, pair ? 2 : 1, modes->count, 1, modes->basis, size, right,
                     modes->count, 0, x, size);
    umi_weight w = {0};
    for (size_t i = 0; i <= pair; i++) weigh(&branch->layout, about->top, x + i * modes->size, &w);
    double decay = -log(hypot(modes->re[j], modes->im[j])), error = modes->error[j];
    umi_eigenvalue value = {modes->re[j], modes->im[j], fmax(decay, 0), error,
                            umi_subject_made_it(about, w, decay)};
    /* A battery with a wall keeps its trace. */
    if (about->rabi && !about->truncated && hypot(value.re - 1, value.im) <= error)
        value = (umi_eigenvalue){.re = 1};
    UMI_TRY(umi_eigenvalues_add(about->ctx, &branch->of[2], value));
    value.im = -value.im;
    return pair ? umi_eigenvalues_add(about->ctx, &branch->of[2], value) : UM_OK;
}

static um_status add_modes(umi_branch *branch, const bool *taken)
{
    um_context *ctx = branch->about->ctx;
    const umi_modes *modes = &branch->modes;
    size_t n = (size_t)modes->count;
    umi_eigenvalues_free(ctx, &branch->of[2]);
    double *right = UMI_NEW_ARRAY(ctx, double, n *n);
    double *x = UMI_NEW_ARRAY(ctx, double, 2 * modes->size);
    um_status status = right && x ? umi_modes_vectors(ctx, modes, right) : UM_ERROR_MEMORY;
    for (size_t j = 0; j < n && status == UM_OK; j++) {
        bool pair = modes->im[j] > 0 && j + 1 < n;
        if (!taken[j]) status = add_mode(branch, (int)j, pair, right + j * n, x);
        j += pair;
    }
    umi_free(ctx, right);
    umi_free(ctx, x);
    return status;
}

/* The modes next to a pole, unless they are known; marked in `taken`. */
static um_status treat_pole(umi_branch *branch, int pole, bool *taken)
{
    um_context *ctx = branch->about->ctx;
    double at = pole ? -2 : 0, gap;
    bool *chosen = UMI_NEW_ARRAY(ctx, bool, (size_t)branch->modes.count);
    if (!chosen) return UM_ERROR_MEMORY;
    double known_to = branch->has_near[pole] ? reach : 0;
    int count = umi_slow_choose(&branch->modes, at, radius, known_to, chosen, &gap);
    for (int j = 0; j < branch->modes.count; j++) taken[j] |= chosen[j];
    um_status status = UM_OK;
    if (count != branch->slow[pole]) {
        umi_slow slow = {0};
        status = umi_slow_create(ctx, &branch->generator, branch->ordering, branch->inverse[pole],
                                 &branch->modes, at, chosen, gap, &slow);
        if (status == UM_OK) status = umi_branch_add_slow(branch, &slow);
        umi_slow_free(ctx, &slow);
        branch->slow[pole] = count;
    }
    umi_free(ctx, chosen);
    return status;
}

static um_status apply_inverse(void *self, int times, int count, double *columns)
{
    umi_branch *branch = self;
    size_t size = umi_layout_size(&branch->layout);
    (void)times; /* 1 */
    double **x = UMI_NEW_ARRAY(branch->about->ctx, double *, (size_t)count);
    if (!x) return UM_ERROR_MEMORY;
    for (int j = 0; j < count; j++) x[j] = columns + (size_t)j * size;
    um_status status =
        umi_elimination_solve_all(branch->about->ctx, branch->inverse[branch->pole], count, x);
    umi_free(branch->about->ctx, x);
    return status;
}

/* The modes that make up most of a spectrum that begins with many slow ones, at little cost. */
static um_status find_near(umi_branch *branch, int wanted)
{
    umi_operator inverse = {.self = branch, .size = branch->modes.size, .apply_all = apply_inverse};
    inverse.size = umi_layout_size(&branch->layout);
    for (branch->pole = 0; branch->pole < 2; branch->pole++) {
        double at = branch->pole ? -1 - away : 1 + away;
        int before = branch->modes.count, copies = branch->modes.copies;
        if (branch->has_near[branch->pole]) continue;
        if (branch->looked[branch->pole]) branch->modes.copies = 0; /* few are left */
        UMI_TRY(umi_modes_find_near(branch->about->ctx, &branch->sector.operator, &inverse, at,
                                    reach, wanted, &branch->modes));
        branch->modes.copies = copies;
        branch->looked[branch->pole] = true;
        branch->has_near[branch->pole] = branch->modes.count - before < wanted / 2;
    }
    return UM_OK;
}

/* What is next to the poles; the modes that are no others'. */
static um_status treat_poles(umi_branch *branch, bool **taken)
{
    *taken = UMI_NEW_ARRAY(branch->about->ctx, bool, (size_t)branch->modes.count);
    um_status status = *taken ? UM_OK : UM_ERROR_MEMORY;
    for (int pole = 0; pole < 2 && status == UM_OK && !branch->about->rabi; pole++)
        status = treat_pole(branch, pole, *taken);
    return status;
}

um_status umi_branch_look_near(umi_branch *branch, int wanted)
{
    if (branch->floor == 0 || branch->about->rabi) return UM_OK;
    /* Those that a second look finds would have the others mended once more. */
    for (int i = 0; i < 2; i++) UMI_TRY(find_near(branch, wanted + MORE));
    if (branch->modes.count == 0) return UM_OK;
    bool *taken;
    um_status status = treat_poles(branch, &taken);
    umi_free(branch->about->ctx, taken);
    return status;
}

um_status umi_branch_solve(umi_branch *branch, int wanted, bool sure)
{
    umi_modes *modes = &branch->modes;
    if (branch->floor == 0) sure = true;
    bool more = wanted > branch->wanted;
    branch->wanted = wanted;
    branch->sure = sure;
    if (branch->floor == 0) return UM_OK;
    if (more && !branch->about->rabi) UMI_TRY(find_near(branch, wanted + MORE));
    modes->hurried = !sure;
    if (sure || modes->count < wanted) {
        UMI_TRY(umi_modes_find(branch->about->ctx, &branch->sector.operator, wanted, modes));
        branch->sure = sure || modes->sure;
    }
    int last = umi_min(wanted, modes->count) - 1;
    bool all = (size_t)modes->count == modes->size;
    branch->floor = all ? 0 : hypot(modes->re[last], modes->im[last]);
    bool *taken;
    um_status status = treat_poles(branch, &taken);
    if (status == UM_OK) status = add_modes(branch, taken);
    umi_free(branch->about->ctx, taken);
    return status;
}
