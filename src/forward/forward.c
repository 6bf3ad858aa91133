/* forward: the space, the powers on it and the certificate, put together. */
#include "forward/forward.h"

#include <math.h>
#include <string.h>

#include "forward/blend.h"
#include "forward/certificate.h"
#include "forward/krylov.h"
#include "forward/powers.h"

/* The largest spaces, where a hundred vectors of it take much memory and where they do not. */
enum { RANK_LARGE = 80, RANK_MAX = 160 };
static const double BYTES_OF_VECTORS = 2e9;
/* Modes that are gone after 2^FAST collisions are left to a later start; the pace at which a space
 * finds them is known from this rank on. */
enum { LEVELS_MAX = 62, SURVEYS = 3, FAST = 14, RANK_PACE = 8 };
/* Times what is wanted: a survey that finds more need not know how much; so little may be rounding. */
static const double TOO_MUCH = 1e13, LITTLE = 1e2;
/* Of a survey's total, from one to the next but one: what rounding leaves stays about the same. */
static const double SAME = 1.5;
/* Distances of the poles from the unit circle: near ones do with half as many vectors, but what their
 * solves leave is above the tolerance now and then: then the next are tried. */
static const double POLES[] = {1e-7, 1e-5, 1e-4};
enum { POLES_COUNT = sizeof POLES / sizeof *POLES };

_Static_assert((int)UMI_FORWARD_STATES == (int)UMI_BLEND_COLUMNS, "states are made by one blend");

struct umi_forward {
    um_context *ctx;
    umi_forward_options options;
    double norm_factor;
    int levels; /* collisions < 2^levels */
    umi_krylov krylov;
    umi_powers powers;
    umi_certificate certificate;
    umi_wide_vector *functional; /* on the space */
    /* From the start to where it was asked for last; along a grid, values alone. */
    umi_powers_path path, grid;
    umi_wide *coefficients;
    double *coordinates; /* of UMI_FORWARD_STATES collisions */
    int64_t reach;
    umi_forward_end end;
    bool stuck; /* at what solves with near poles leave */
};

static um_status take_functionals(umi_forward *f)
{
    int count = (int)f->options.functionals;
    UMI_TRY(umi_columns_create(f->ctx, f->krylov.rank, count, &f->functional));
    for (int i = 0; i < count; i++) {
        umi_wide_project((size_t)f->krylov.rank, f->krylov.basis, f->options.functional[i],
                         f->coefficients);
        umi_vector_gather(f->functional[i], f->krylov.rank, f->coefficients);
    }
    return umi_powers_follow(&f->powers, count, f->functional);
}

static void drop_powers(umi_forward *f)
{
    umi_powers_path_free(f->ctx, &f->path);
    umi_powers_path_free(f->ctx, &f->grid);
    umi_certificate_free(&f->certificate);
    umi_powers_free(&f->powers);
}

static um_status take_factor(umi_forward *f, umi_wide_vector **factor)
{
    UMI_TRY(umi_columns_create(f->ctx, umi_krylov_factor_rows(&f->krylov), f->krylov.rank, factor));
    um_status status = umi_krylov_factor(&f->krylov, *factor);
    if (status == UM_OK) return UM_OK;
    umi_columns_free(f->ctx, *factor);
    *factor = NULL;
    return status;
}

/* The largest element of H, at least 1. */
static double size_of_matrix(const umi_forward *f)
{
    double size = 1;
    for (int j = 0; j < f->krylov.rank; j++)
        for (int i = 0; i < f->krylov.rank; i++) size = fmax(size, fabs(f->krylov.matrix[j].hi[i]));
    return size;
}

/* Rounding: of the result to double; of H, its powers and the generator at every collision. */
static double rounding(const umi_forward *f, int64_t collisions)
{
    double each = 4 * f->krylov.rank * size_of_matrix(f) * UMI_WIDE_EPS;
    return f->norm_factor * f->krylov.start.hi *
           (umi_blend_get_rounding(f->krylov.rank) + each * (double)collisions);
}

static bool is_certified(umi_forward *f)
{
    return umi_forward_bound(f, f->options.collisions) <= f->options.tolerance;
}

static um_status certify(umi_forward *f, const umi_wide_vector *factor)
{
    UMI_TRY(umi_powers_path_create(f->ctx, &f->powers, f->krylov.start, &f->path));
    UMI_TRY(umi_powers_path_create(f->ctx, &f->powers, f->krylov.start, &f->grid));
    UMI_TRY(umi_certificate_create(f->ctx, &f->powers, umi_krylov_factor_rows(&f->krylov), factor,
                                   f->krylov.start, &f->certificate));
    if (is_certified(f)) f->end = UMI_FORWARD_CERTAIN;
    return UM_OK;
}

/* Of a survey's total, which is an estimate. */
static double wanted(const umi_forward *f)
{
    return fmax(f->options.tolerance, rounding(f, f->options.collisions)) / (4 * f->norm_factor);
}

static double rim_of(const umi_survey *seen) { return seen->total - seen->inside; }

/* What leaves through the rim does so from any space that holds the motion; so does what grows,
 * because the map without its rim is no contraction. In a hurry: that it leaves is settled before. */
static bool is_narrow(const umi_forward *f, const umi_survey *before, const umi_survey *now)
{
    if (f->krylov.generator.rim == 0 || now->total <= wanted(f)) return false;
    if (now->inside <= wanted(f)) return true;
    bool settled = before->rank > 0 && fabs(rim_of(now) - rim_of(before)) < 0.1 * rim_of(before);
    return f->options.rank_worth > 0 && settled && now->inside < rim_of(now);
}

/* What is missing are modes that are gone after the first collisions, and at the pace of the last
 * vectors, or somewhat faster, finding them is not worth it. */
static bool is_hopeless(const umi_forward *f, const umi_survey *before, const umi_survey *now)
{
    if (before->rank < RANK_PACE || !isfinite(before->total) || !isfinite(now->total)) return false;
    if (before->worst > FAST || now->worst > FAST) return false;
    double pace = 1.5 * log(before->total / now->total) / (now->rank - before->rank);
    return log(now->total / wanted(f)) > fmax(pace, 0) * (f->options.rank_worth - now->rank);
}

/* What is missing is no longer found: it is what solves left. */
static bool is_stuck(const umi_forward *f, const umi_survey *before, const umi_survey *now)
{
    bool little = before->rank > 0 && now->total < LITTLE * wanted(f);
    return little && now->total > before->total / SAME && now->total < before->total * SAME;
}

/* What the space is worth; the certificate, which costs more, where it has a chance or must be.
 * seen: the last surveys, this one first. over: no vector will be added. */
static um_status survey(umi_forward *f, umi_survey seen[SURVEYS], bool *over)
{
    umi_wide_vector *factor;
    drop_powers(f);
    UMI_TRY(umi_powers_create(f->ctx, f->krylov.rank, f->krylov.matrix, f->levels, &f->powers));
    UMI_TRY(take_factor(f, &factor));
    memmove(seen + 1, seen, (SURVEYS - 1) * sizeof *seen);
    /* What leaves through the rim must be seen to the end. */
    umi_survey_request request = {
        .levels = f->levels,
        .hasty = f->krylov.generator.rim ? f->levels : FAST,
        .enough = TOO_MUCH * wanted(f),
        .rows = umi_krylov_factor_rows(&f->krylov),
        .inside = umi_krylov_factor_inside(&f->krylov),
        .factor = factor,
        .start = f->krylov.start,
    };
    um_status status = umi_survey_take(f->ctx, &f->powers, &request, seen);
    bool narrow = is_narrow(f, seen + 1, seen), leaky = rim_of(seen) > seen->inside;
    bool hopeless = f->options.rank_worth > 0 && is_hopeless(f, seen + SURVEYS - 1, seen);
    f->stuck = f->krylov.pole < POLES[POLES_COUNT - 1] && is_stuck(f, seen + SURVEYS - 1, seen);
    *over = *over || narrow || hopeless || f->stuck;
    f->end = f->krylov.generator.rim > 0 && (narrow || leaky) ? UMI_FORWARD_NARROW : UMI_FORWARD_SLOW;
    if (status == UM_OK && (*over || seen->total <= wanted(f))) status = certify(f, factor);
    if (f->end == UMI_FORWARD_CERTAIN) *over = true;
    umi_columns_free(f->ctx, factor);
    return status;
}

/* Small spaces are looked at often, because that is cheap and they may do. */
static bool is_due(int rank) { return rank % (rank < 8 ? 2 : rank < 64 ? 4 : 8) == 0; }

static bool is_full(const umi_krylov *k) { return k->invariant || k->rank == k->rank_max; }

/* Adds vectors until the certificate is good enough, or none would help. */
static um_status grow(umi_forward *f)
{
    umi_krylov *k = &f->krylov;
    umi_survey seen[SURVEYS] = {0};
    bool over = is_full(k);
    if (over) return survey(f, seen, &over);
    while (!over) {
        if (f->options.stop && f->options.stop(f->options.user))
            return umi_fail(f->ctx, UM_ERROR_INTERRUPTED,
                            "stopped while a fast-forward was prepared");
        UMI_TRY(umi_krylov_extend(k, seen->alternating > seen->steady ? UMI_STEP_ALTERNATE
                                                                      : UMI_STEP_FIXED));
        over = is_full(k);
        if (over || is_due(k->rank)) UMI_TRY(survey(f, seen, &over));
    }
    return UM_OK;
}

/* The bound never falls with the number of collisions. */
static int64_t find_reach(umi_forward *f)
{
    int64_t good = 0, bad = f->options.collisions + 1;
    if (is_certified(f)) return f->options.collisions;
    while (bad - good > 1 + good / 1024) {
        int64_t middle = good < bad / 4 ? 2 * good + 1 : good + (bad - good) / 2;
        if (umi_forward_bound(f, middle) <= f->options.tolerance)
            good = middle;
        else
            bad = middle;
    }
    return good;
}

static int levels_for(int64_t collisions)
{
    int levels = 1;
    while (levels < LEVELS_MAX && collisions >> levels) levels++;
    return levels;
}

static int choose_rank(const umi_forward *f, const umi_forward_operator *generator)
{
    double bytes = 4.0 * sizeof(double) * (double)(generator->size + generator->rim);
    int rank = (int)fmin(fmax(BYTES_OF_VECTORS / bytes, RANK_LARGE), RANK_MAX);
    if (f->options.rank_max > 0) rank = f->options.rank_max;
    return generator->size < (size_t)rank ? (int)generator->size : rank;
}

/* So much beyond what is worth it that it is better to step on to a later start, which has less to find. */
static bool is_left_to_later(const umi_forward *f)
{
    return f->options.rank_worth > 0 && f->krylov.rank >= 2 * f->options.rank_worth;
}

static um_status make(umi_forward *f, const umi_forward_operator *generator, umi_wide_vector start)
{
    int rank_max = choose_rank(f, generator);
    f->norm_factor = generator->norm_factor;
    f->levels = levels_for(f->options.collisions);
    f->coefficients = UMI_NEW_ARRAY(f->ctx, umi_wide, (size_t)rank_max);
    if (!f->coefficients) return UM_ERROR_MEMORY;
    for (int i = generator->sharp ? 0 : POLES_COUNT - 1; i < POLES_COUNT; i++) {
        umi_krylov_free(&f->krylov);
        UMI_TRY(umi_krylov_create(f->ctx, generator, start, POLES[i], rank_max, &f->krylov));
        UMI_TRY(grow(f));
        if (!f->stuck || f->end != UMI_FORWARD_SLOW || is_left_to_later(f)) break;
    }
    UMI_TRY(take_functionals(f));
    f->reach = find_reach(f);
    f->coordinates = UMI_NEW_ARRAY(f->ctx, double, UMI_FORWARD_STATES * (size_t)f->krylov.rank);
    return f->coordinates ? UM_OK : UM_ERROR_MEMORY;
}

um_status umi_forward_create(um_context *ctx, const umi_forward_operator *generator,
                             umi_wide_vector start, const umi_forward_options *options,
                             umi_forward **forward)
{
    *forward = NULL;
    umi_forward *f = UMI_NEW(ctx, umi_forward);
    if (!f) return UM_ERROR_MEMORY;
    f->ctx = ctx;
    f->options = *options;
    um_status status = make(f, generator, start);
    if (status == UM_OK)
        *forward = f;
    else
        umi_forward_destroy(ctx, f);
    return status;
}

void umi_forward_destroy(um_context *ctx, umi_forward *f)
{
    if (!f) return;
    drop_powers(f);
    umi_krylov_free(&f->krylov);
    umi_columns_free(ctx, f->functional);
    umi_free(ctx, f->coefficients);
    umi_free(ctx, f->coordinates);
    umi_free(ctx, f);
}

int umi_forward_rank(const umi_forward *f) { return f->krylov.rank; }

umi_forward_end umi_forward_get_end(const umi_forward *f) { return f->end; }

int64_t umi_forward_reach(const umi_forward *f) { return f->reach; }

double umi_forward_bound(umi_forward *f, int64_t collisions)
{
    if (!umi_powers_path_go(&f->path, collisions)) return INFINITY;
    return f->norm_factor * umi_certificate_bound(&f->certificate, &f->path) +
           rounding(f, collisions);
}

const umi_wide_vector *umi_forward_get_basis(const umi_forward *f) { return f->krylov.basis; }

bool umi_forward_coordinates(umi_forward *f, int64_t collisions, umi_wide_vector *y)
{
    if (!umi_powers_path_go(&f->path, collisions)) return false;
    *y = umi_powers_path_get(&f->path);
    return true;
}

void umi_forward_states(umi_forward *f, int count, const int64_t *collisions, double *const *x)
{
    const double *factor[UMI_FORWARD_STATES];
    double *known[UMI_FORWARD_STATES];
    int n = 0;
    for (int c = 0; c < count; c++) {
        umi_wide_vector y;
        if (umi_forward_coordinates(f, collisions[c], &y)) {
            double *kept = f->coordinates + (size_t)n * (size_t)f->krylov.rank;
            memcpy(kept, y.hi, (size_t)f->krylov.rank * sizeof *kept);
            factor[n] = kept;
            known[n++] = x[c];
        } else {
            for (size_t i = 0; i < f->krylov.generator.size; i++) x[c][i] = NAN;
        }
    }
    umi_blend(f->krylov.rank, f->krylov.basis, n, factor, known);
}

void umi_forward_state(umi_forward *f, int64_t collisions, double *x)
{
    umi_forward_states(f, 1, &collisions, &x);
}

void umi_forward_functionals(umi_forward *f, int64_t collisions, umi_wide *values, umi_wide *sums)
{
    umi_powers_path *path = sums ? &f->path : &f->grid;
    bool known = umi_powers_path_go(path, collisions);
    if (known && sums) umi_powers_path_sum(path, sums);
    for (size_t i = 0; i < f->options.functionals; i++) {
        if (values)
            values[i] = known ? umi_wide_dot(f->functional[i], umi_powers_path_get(path))
                              : umi_wide_set(NAN);
        if (sums && !known) sums[i] = umi_wide_set(NAN);
    }
}
