/* The leading spectrum of a map, from the leading eigenvalues of its sectors. */
#include <math.h>

#include "steady/chamber_regions.h"
#include "steady/orders.h"
#include "steady/spectrum_branch.h"
#include "steady/spectrum_still.h"
#include "umaser/steady.h"

/* Times as many modes of a sector as eigenvalues are wanted: beyond that artificial ones are not
 * looked through for more. */
enum { DEFAULT = 10, SPARE = 4, CROWD = 4, CROWD_LEAST = 2, LIMIT = 6 };

typedef struct solver {
    umi_subject about;
    umi_branch branch[2];
    int branches;
    int crowd;    /* how many times as many modes are looked for behind an artificial top, */
    bool crowded; /* and whether they are */
    umi_eigenvalues list;
} solver;

/* Where the truncation's own part of the space begins. */
static um_status find_top(umi_subject *it)
{
    it->truncated = !umi_regions_is_finite(it->model, it->levels);
    it->top = it->levels;
    if (it->rabi) return UM_OK;
    UMI_TRY(umi_still_is(it->ctx, it->model, it->stage, it->levels, &it->still));
    umi_region *regions;
    int count;
    UMI_TRY(umi_regions_find(it->ctx, it->model, it->stage, it->levels, &regions, &count));
    const umi_region *last = &regions[count - 1];
    it->has_trap = count > 1;
    it->regions = count;
    if (last->exact) it->truncated = false;
    if (it->truncated) it->top = count > 1 ? last->first : it->levels - 1;
    for (int i = 0; i < count; i++) it->closed += regions[i].exact || i == count - 1;
    umi_free(it->ctx, regions);
    return UM_OK;
}

static um_status create_branches(solver *s)
{
    const umi_subject *about = &s->about;
    bool real = umi_generator_is_real(about->model, about->stage);
    umi_layout layout = {about->levels, about->levels, real ? 1 : 2, false};
    for (s->branches = 0; s->branches <= real; layout.skew = true) {
        umi_branch *branch = &s->branch[s->branches++];
        UMI_TRY(umi_branch_create(about, &layout, branch));
    }
    return UM_OK;
}

/* The list, without what is smaller than something that may be missing; how many are in it that
 * are not made by the truncation. */
static um_status merge(solver *s, double floor, int *genuine)
{
    double limit = floor > 0 ? 1e-12 - log(floor) : INFINITY;
    umi_eigenvalues_free(s->about.ctx, &s->list);
    *genuine = 0;
    for (int i = 0; i < s->branches; i++)
        for (int j = 0; j < 3; j++) {
            const umi_eigenvalues *of = &s->branch[i].of[j];
            for (int l = 0; l < of->count; l++) {
                if (of->of[l].decay > limit) continue;
                *genuine += !of->of[l].artificial;
                UMI_TRY(umi_eigenvalues_add(s->about.ctx, &s->list, of->of[l]));
            }
        }
    return UM_OK;
}

static umi_branch *find_unsure(solver *s)
{
    for (int i = 0; i < s->branches; i++)
        if (!s->branch[i].sure && s->branch[i].floor > 0) return &s->branch[i];
    return NULL;
}

/* From how many modes of a sector on. Behind those next to +1 and -1 the artificial top has many to
 * each that is wanted; to look for all of them at once is cheaper than for more and more. */
static um_status choose_begin(solver *s, int eigenvalues, bool drop, int *begin)
{
    *begin = (s->branches > 1 ? (eigenvalues + 1) / 2 : eigenvalues) + (drop ? SPARE : 1);
    int genuine = 0;
    for (int i = 0; i < s->branches; i++) {
        UMI_TRY(umi_branch_look_near(&s->branch[i], *begin));
        for (int j = 0; j < 2; j++) {
            const umi_eigenvalues *of = &s->branch[i].of[j];
            for (int l = 0; l < of->count; l++) genuine += !of->of[l].artificial;
        }
    }
    s->crowded = drop && s->about.has_trap && genuine < eigenvalues;
    if (s->crowded) *begin *= s->crowd;
    return UM_OK;
}

/* More and more from the sector that is known least far down, until enough of them are not made by
 * the truncation; if none is, those that are not (if any) lie far below. */
static um_status collect(solver *s, int eigenvalues, bool drop)
{
    int begin;
    UMI_TRY(choose_begin(s, eigenvalues, drop, &begin));
    for (int i = 0; i < s->branches; i++) {
        /* What suits one sector suits the other. */
        if (i > 0) s->branch[i].modes.power = s->branch[0].modes.power;
        UMI_TRY(umi_branch_solve(&s->branch[i], begin, false));
    }
    for (;;) {
        umi_branch *least = &s->branch[s->branches - 1];
        if (s->branch[0].floor > least->floor) least = &s->branch[0];
        int genuine;
        UMI_TRY(merge(s, least->floor, &genuine));
        bool enough = drop ? genuine >= eigenvalues || (genuine == 0 && least->wanted > eigenvalues)
                           : s->list.count >= eigenvalues;
        if (enough || least->floor == 0 || least->wanted >= LIMIT * eigenvalues) {
            umi_branch *unsure = find_unsure(s);
            if (!unsure) return UM_OK;
            UMI_TRY(umi_branch_solve(unsure, unsure->wanted, true));
            continue;
        }
        UMI_TRY(umi_branch_solve(least, 2 * least->wanted, false));
    }
}

static void free_branches(solver *s)
{
    for (int i = 0; i < s->branches; i++) umi_branch_free(&s->branch[i]);
    s->branches = 0;
}

/* The farther down, the worse a space of modes is known: where a large one is of no use, a smaller one is. */
static um_status collect_patiently(solver *s, int eigenvalues, bool drop)
{
    for (s->crowd = CROWD;; s->crowd--) {
        free_branches(s);
        s->crowded = false;
        um_status status = create_branches(s);
        if (status == UM_OK) status = collect(s, eigenvalues, drop);
        if (status != UM_ERROR_NOCONV || !s->crowded || s->crowd == CROWD_LEAST) return status;
    }
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

static um_status solve(solver *s, int eigenvalues, bool drop, um_spectrum *spectrum)
{
    umi_subject *about = &s->about;
    UMI_TRY(find_top(about));
    drop = drop && about->truncated;
    if (about->still) {
        UMI_TRY(umi_still_collect(about->ctx, about->model, about->stage, about->levels, &s->list));
    } else if (umi_orders_are_apart(about->model, about->stage)) {
        UMI_TRY(umi_orders_collect(about, eigenvalues, drop, &s->list));
    } else {
        UMI_TRY(collect_patiently(s, eigenvalues, drop));
    }
    umi_eigenvalues_sort(&s->list);
    spectrum->levels = about->levels;
    return umi_eigenvalues_group(about->ctx, &s->list, eigenvalues, drop, spectrum);
}

um_status um_spectrum_solve(um_context *ctx, const um_model *model, size_t stage, int levels,
                            int eigenvalues, bool drop_artificial, um_spectrum *spectrum)
{
    *spectrum = (um_spectrum){0};
    UMI_TRY(check(ctx, model, stage, levels, eigenvalues));
    if (eigenvalues == 0) eigenvalues = DEFAULT;
    solver s = {.about = {.ctx = ctx, .model = model, .stage = stage, .levels = levels}};
    s.about.rabi = um_model_get_spec(model)->stages[stage].interaction.counter_rotating > 0;
    um_status status = solve(&s, eigenvalues, drop_artificial, spectrum);
    free_branches(&s);
    umi_eigenvalues_free(ctx, &s.list);
    if (status != UM_OK) um_spectrum_clear(ctx, spectrum);
    return status;
}

void um_spectrum_clear(um_context *ctx, um_spectrum *spectrum)
{
    umi_free(ctx, spectrum->modes);
    *spectrum = (um_spectrum){0};
}
