/* The leading spectrum: all modes in double, those next to +1 and -1 once more in wide arithmetic. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "steady/chamber_regions.h"
#include "steady/slow.h"
#include "steady/spectrum_list.h"
#include "umaser/steady.h"

/* Closer to +-1 than this a decay in double would lose more than half of its digits. */
static const double radius = 1e-5;

enum { DEFAULT = 10, SPARE = 4, ROUNDS = 3 };

typedef struct work {
    um_context *ctx;
    const um_model *model;
    size_t stage;
    int levels;
    bool rabi;
    /* A truncated space: from level `top` on there is what the truncation made. */
    bool truncated, has_trap;
    int top;
    int closed; /* parts of the space that nothing leaves: as many eigenvalues are exactly 1 */
    umi_eigenvalues list;
    bool exhausted; /* the list holds the whole spectrum */
} work;

/* How much of a mode is at the top, and in its last row. */
typedef struct weight {
    double all, top, rim;
} weight;

static weight weigh(const umi_layout *layout, int top, const double *x)
{
    weight w = {0};
    for (int k = layout->skew; k < layout->orders; k++)
        for (int plane = layout->skew; plane < (layout->skew ? 2 : layout->planes); plane++) {
            if (plane == 1 && k == 0) continue;
            const double *row = x + umi_layout_index(layout, plane, k, 0);
            double factor = k > 0 ? 2 : 1;
            for (int n = 0; n < layout->levels - k; n++) {
                double square = factor * row[n] * row[n];
                w.all += square;
                if (n + k >= top) w.top += square;
                if (n + k == layout->levels - 1) w.rim += square;
            }
        }
    return w;
}

/* A mode that decays lives where its matrix is: it is made by the truncation if most of that is
 * above the last trap, or if what it has in the last level could move it by a hundredth. */
static bool is_artificial(const work *w, weight part, double decay)
{
    if (!w->truncated) return false;
    bool high = w->has_trap && part.top > 0.5 * part.all;
    return high || sqrt(part.rim) > fmax(1e-9, 0.01 * decay) * sqrt(part.all);
}

/* Modes in double that are not among the slow ones. */
static um_status add_modes(work *w, const umi_layout *layout, const umi_modes *modes,
                           const bool *slow)
{
    size_t n = (size_t)modes->count, size = modes->size;
    double *right = UMI_NEW_ARRAY(w->ctx, double, n *n);
    double *x = UMI_NEW_ARRAY(w->ctx, double, 2 * size);
    um_status status = right && x ? umi_modes_vectors(w->ctx, modes, right) : UM_ERROR_MEMORY;
    for (size_t j = 0; j < n && status == UM_OK; j++) {
        bool pair = modes->im[j] > 0 && j + 1 < n;
        weight part = {0};
        umi_linalg_dgemm('N', 'N', (int)size, pair ? 2 : 1, modes->count, 1, modes->basis, (int)size,
                         right + j * n, modes->count, 0, x, (int)size);
        for (int i = 0; i <= pair; i++) {
            weight more = weigh(layout, w->top, x + (size_t)i * size);
            part = (weight){part.all + more.all, part.top + more.top, part.rim + more.rim};
        }
        for (int i = 0; i <= pair && status == UM_OK; i++) {
            if (slow[j]) continue;
            double decay = -log(hypot(modes->re[j], modes->im[j]));
            umi_eigenvalue value = {modes->re[j], i ? -modes->im[j] : modes->im[j], fmax(decay, 0),
                                    modes->error[j], is_artificial(w, part, decay)};
            status = umi_eigenvalues_add(w->ctx, &w->list, value);
        }
        j += pair;
    }
    umi_free(w->ctx, right);
    umi_free(w->ctx, x);
    return status;
}

/* share(i, j) = <basis_i, basis_j above the last trap>. */
static um_status find_share(const work *w, const umi_layout *layout, const umi_slow *slow,
                            double *share)
{
    size_t size = umi_layout_size(layout), n = (size_t)slow->count;
    double *above = UMI_NEW_ARRAY(w->ctx, double, size *n), *all = UMI_NEW_ARRAY(w->ctx, double, size *n);
    if (above && all) {
        for (size_t j = 0; j < n; j++)
            memcpy(all + j * size, slow->basis[j].hi, size * sizeof(double));
        for (int k = layout->skew; k < layout->orders; k++)
            for (int plane = layout->skew; plane < (layout->skew ? 2 : layout->planes); plane++) {
                if (plane == 1 && k == 0) continue;
                int from = umi_max(w->top - k, 0), count = layout->levels - k - from;
                if (count <= 0) continue;
                size_t at = umi_layout_index(layout, plane, k, from);
                for (size_t j = 0; j < n; j++)
                    memcpy(above + j * size + at, all + j * size + at,
                           (size_t)count * sizeof(double));
            }
        umi_linalg_dgemm('T', 'N', slow->count, slow->count, (int)size, 1, all, (int)size, above,
                         (int)size, 0, share, slow->count);
    }
    um_status status = above && all ? UM_OK : UM_ERROR_MEMORY;
    umi_free(w->ctx, above);
    umi_free(w->ctx, all);
    return status;
}

/* Of equal slow modes, how many belong to the top: the trace of left' share right. A right vector
 * alone does not tell: what a chamber loses piles up above it. */
static um_status count_artificial(const work *w, const umi_slow *slow, const double *share,
                                  int first, int members, int *count)
{
    *count = 0;
    if (!w->truncated) return UM_OK;
    size_t n = (size_t)slow->count, columns = members == slow->count ? n : (size_t)members;
    umi_wide *right = UMI_NEW_ARRAY(w->ctx, umi_wide, 2 * n * columns), *left = right + n * columns;
    if (!right) return UM_ERROR_MEMORY;
    um_status status = umi_slow_vectors(w->ctx, slow, first, members, right, left);
    double trace = 0;
    for (size_t m = 0; m < columns && status == UM_OK; m++)
        for (size_t j = 0; j < n; j++)
            for (size_t i = 0; i < n; i++)
                trace += left[m * n + i].hi * share[j * n + i] * right[m * n + j].hi;
    *count = umi_max(0, umi_min(members, (int)lround(trace)));
    umi_free(w->ctx, right);
    return status;
}

/* -ln |1 + h|, or -ln |-1 + h|, to all digits of h. */
static double decay_of(const umi_slow *slow, int j)
{
    umi_wide a = slow->pole == 0 ? slow->re[j] : umi_wide_negate(slow->re[j]), b = slow->im[j];
    umi_wide square = umi_wide_add(umi_wide_multiply(a, a), umi_wide_multiply(b, b));
    return -0.5 * log1p(umi_wide_get(umi_wide_add(umi_wide_scale(a, 2), square)));
}

static um_status add_slow(work *w, const umi_layout *layout, const umi_slow *slow, int exact)
{
    size_t n = (size_t)slow->count;
    double *share = UMI_NEW_ARRAY(w->ctx, double, n *n);
    if (!share) return UM_ERROR_MEMORY;
    um_status status = w->truncated ? find_share(w, layout, slow, share) : UM_OK;
    double error = 1e-31 + 3 * slow->defect;
    for (int first = 0, members; first < slow->count && status == UM_OK; first += members) {
        members = 1;
        while (first + members < slow->count &&
               umi_slow_are_equal(slow, first, first + members))
            members++;
        int artificial;
        status = count_artificial(w, slow, share, first, members, &artificial);
        for (int j = first; j < first + members && status == UM_OK; j++) {
            double decay = decay_of(slow, j);
            bool closed = j < exact;
            if (closed || decay <= error) decay = 0;
            umi_eigenvalue value = {1 + slow->pole + slow->re[j].hi, slow->im[j].hi, decay,
                                    closed ? 0 : error, j >= first + members - artificial};
            if (decay == 0) value.re = slow->pole == 0 ? 1 : -1, value.im = 0;
            status = umi_eigenvalues_add(w->ctx, &w->list, value);
        }
    }
    umi_free(w->ctx, share);
    return status;
}

/* The slow modes at one pole; they are marked in `taken`. */
static um_status treat_pole(work *w, const umi_layout *layout, const umi_modes *modes, double pole,
                            umi_generator *generator, umi_ordering **ordering, bool *taken)
{
    bool *chosen = UMI_NEW_ARRAY(w->ctx, bool, (size_t)modes->count);
    if (!chosen) return UM_ERROR_MEMORY;
    double gap;
    int count = umi_slow_choose(modes, pole, radius, chosen, &gap);
    int exact = pole == 0 && !layout->skew ? w->closed : 0;
    um_status status = UM_OK;
    if (count > 0 && !*ordering) {
        status = umi_generator_create(w->ctx, w->model, w->stage, layout, generator);
        if (status == UM_OK) status = umi_ordering_create(w->ctx, &generator->matrix, ordering);
    }
    if (count > 0 && status == UM_OK) {
        umi_slow slow;
        status = umi_slow_create(w->ctx, generator, *ordering, modes, pole, chosen, gap, &slow);
        if (status == UM_OK) {
            for (int j = 0; j < modes->count; j++) taken[j] |= chosen[j];
            status = add_slow(w, layout, &slow, exact);
        }
        umi_slow_free(w->ctx, &slow);
    }
    umi_free(w->ctx, chosen);
    return status;
}

static um_status treat_sector(work *w, const umi_layout *layout, int wanted)
{
    if (umi_layout_size(layout) == 0) return UM_OK;
    umi_sector sector;
    umi_modes modes = {0};
    umi_generator generator = {0};
    umi_ordering *ordering = NULL;
    UMI_TRY(umi_sector_create(w->ctx, w->model, w->stage, layout, &sector));
    um_status status = umi_modes_find(w->ctx, &sector.operator, wanted, &modes);
    bool *taken = status == UM_OK ? UMI_NEW_ARRAY(w->ctx, bool, (size_t)modes.count) : NULL;
    if (status == UM_OK && !taken) status = UM_ERROR_MEMORY;
    if (status == UM_OK && (size_t)modes.count < modes.size) w->exhausted = false;
    for (int i = 0; i < 2 && status == UM_OK && !w->rabi; i++)
        status = treat_pole(w, layout, &modes, i ? -2 : 0, &generator, &ordering, taken);
    if (status == UM_OK) status = add_modes(w, layout, &modes, taken);
    umi_free(w->ctx, taken);
    umi_ordering_destroy(w->ctx, ordering);
    umi_generator_free(w->ctx, &generator);
    umi_modes_free(w->ctx, &modes);
    umi_sector_free(&sector);
    return status;
}

/* Where the truncation's own part of the space begins. */
static um_status find_top(work *w)
{
    w->truncated = !umi_regions_is_finite(w->model, w->levels);
    w->top = w->levels;
    if (w->rabi) return UM_OK;
    umi_region *regions;
    int count;
    UMI_TRY(umi_regions_find(w->ctx, w->model, w->stage, w->levels, &regions, &count));
    const umi_region *last = &regions[count - 1];
    w->has_trap = count > 1;
    if (last->exact) w->truncated = false;
    if (w->truncated) w->top = count > 1 ? last->first : w->levels - 1;
    for (int i = 0; i < count; i++) w->closed += regions[i].exact || i == count - 1;
    umi_free(w->ctx, regions);
    return UM_OK;
}

static um_status collect(work *w, int wanted)
{
    umi_eigenvalues_free(w->ctx, &w->list);
    w->exhausted = true;
    umi_layout layout = {w->levels, w->levels, 2, false};
    if (!umi_generator_is_real(w->model, w->stage)) return treat_sector(w, &layout, wanted);
    layout.planes = 1;
    UMI_TRY(treat_sector(w, &layout, wanted));
    layout.skew = true;
    return treat_sector(w, &layout, wanted);
}

static int count_genuine(const work *w)
{
    int count = 0;
    for (int i = 0; i < w->list.count; i++) count += !w->list.of[i].artificial;
    return count;
}

static um_status check(um_context *ctx, const um_model *model, size_t stage, int levels,
                       int eigenvalues)
{
    const um_spec *spec = um_model_get_spec(model);
    if (stage >= spec->stages_count)
        return umi_fail(ctx, UM_ERROR_ARG, "the spectrum of stage %zu of %zu", stage,
                        spec->stages_count);
    if (levels < 1 || levels > UM_LEVELS_MAX || eigenvalues < 0)
        return umi_fail(ctx, UM_ERROR_ARG, "%d eigenvalues of a map with %d levels", eigenvalues,
                        levels);
    const um_stage *chosen = &spec->stages[stage];
    if (chosen->interaction.counter_rotating > 0 && chosen->stream.frame == UM_FRAME_LAB)
        return umi_fail_key(ctx, UM_ERROR_UNSUPPORTED, "stream.frame",
                            "in the lab frame every collision is another map: it has no spectrum; "
                            "use the locked frame");
    return UM_OK;
}

um_status um_spectrum_solve(um_context *ctx, const um_model *model, size_t stage, int levels,
                            int eigenvalues, bool drop_artificial, um_spectrum *spectrum)
{
    *spectrum = (um_spectrum){0};
    UMI_TRY(check(ctx, model, stage, levels, eigenvalues));
    if (eigenvalues == 0) eigenvalues = DEFAULT;
    work w = {.ctx = ctx, .model = model, .stage = stage, .levels = levels};
    w.rabi = um_model_get_spec(model)->stages[stage].interaction.counter_rotating > 0;
    um_status status = find_top(&w);
    bool drop = drop_artificial && w.truncated;
    int wanted = eigenvalues + (drop ? SPARE : 0);
    for (int round = 0; round < ROUNDS && status == UM_OK; round++, wanted *= 2) {
        status = collect(&w, wanted);
        if (status != UM_OK || !drop || w.exhausted || count_genuine(&w) >= eigenvalues) break;
    }
    if (status == UM_OK) {
        umi_eigenvalues_sort(&w.list);
        spectrum->levels = levels;
        status = umi_eigenvalues_group(ctx, &w.list, eigenvalues, drop, spectrum);
    }
    umi_eigenvalues_free(ctx, &w.list);
    if (status != UM_OK) um_spectrum_clear(ctx, spectrum);
    return status;
}

void um_spectrum_clear(um_context *ctx, um_spectrum *spectrum)
{
    umi_free(ctx, spectrum->modes);
    *spectrum = (um_spectrum){0};
}
