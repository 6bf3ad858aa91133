/* Block Krylov-Schur on M^s: with s about as long as the unwanted modes live, a few dozen vectors
 * hold all that is left. A block finds as many equal eigenvalues as it has vectors; where it found
 * that many, another run starts from new random vectors beside what the runs before have found,
 * until one brings nothing that is as large: an eigenvalue of any multiplicity is found that often. */
#include <math.h>
#include <string.h>

#include "linalg/linalg.h"
#include "steady/modes.h"

enum {
    BLOCK_MIN = 4, /* vectors at a time: at least, at most */
    BLOCK_MAX = 12,
    BLOCK_NEAR = 8, /* where a vector costs little: as many as are solved for at once */
    KEPT = 8,        /* Schur vectors kept at a restart beside the wanted ones */
    BLOCKS = 8,      /* Krylov blocks beside those kept */
    POWER = 31,     /* collisions per step at first */
    POWER_MAX = 95, /* collisions per step; odd numbers keep +1 and -1 apart */
    STRIP = 512,     /* rows at a time where vectors are recombined in place */
    LOOK = 4,        /* blocks between two looks at what the space holds */
    HELD = 9,        /* blocks that there is memory for at first: most searches end before */
    RESTARTS = 400,
    RESTARTS_NEAR = 1, /* where what is missing can be found in another way */
    /* More modes than this many times `wanted` are collected only if they have so few numbers. */
    CROWD = 6,
    CROWD_NUMBERS = 2000000
};

static const double converged = 1e-13, same = 1e-9, doubt = 1e-9;
/* Moduli that a block may take for equal. */
static const double alike = 1e-6;

typedef struct search {
    um_context *ctx;
    const umi_operator *map;
    int wanted, found, block;
    int power, power_max; /* collisions per step */
    int settled;          /* leading Ritz values that have converged */
    bool once;            /* one run, which need not find all */
    bool complete;        /* nothing as large as what was found is missing */
    double least;         /* modulus of what is wanted */
    double *locked;       /* size x found: invariant */
    double *modulus;      /* of the locked ones */
    int room;             /* columns that v may have */
    int held;             /* ... for which there is memory */
    double *v;            /* size x held, orthonormal */
    double *h;            /* room x room: M^s v = v h, but for the last block of v */
    double *schur, *vectors, *re, *im;
    double *link; /* block x room: the last rows of h, times `vectors` */
    double *scratch;
    uint64_t random;
} search;

static double draw(uint64_t *random)
{
    uint64_t x = *random += 0x9e3779b97f4a7c15u; /* splitmix64 */
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (double)(int64_t)(x ^ x >> 31) * 0x1p-63;
}

static void fill_random(search *s, double *x)
{
    for (size_t i = 0; i < s->map->size; i++) x[i] = draw(&s->random);
}

/* columns -= basis basis' columns, twice; the coefficients are added to `sum` (stride room) unless
 * it is NULL. */
static void remove_part(search *s, const double *basis, int basis_count, double *columns, int count,
                        double *sum)
{
    umi_linalg_reject(s->map->size, basis_count, basis, count, columns, s->scratch);
    for (int j = 0; sum && j < count; j++)
        for (int i = 0; i < basis_count; i++)
            sum[j * s->room + i] += s->scratch[j * basis_count + i];
}

/* Column `at` of v, a multiple of 1/length: orthonormal to all before. What is left of it where
 * little was left at first is rounding: then it becomes a random one. Returns whether it did. */
static bool sharpen(search *s, int at, double length)
{
    size_t size = s->map->size;
    double *x = s->v + (size_t)at * size;
    bool replaced = !(length > 1e-280);
    if (replaced) fill_random(s, x);
    for (int attempt = 0; attempt < 4; attempt++) {
        double before = umi_linalg_norm(size, x);
        for (size_t i = 0; i < size; i++) x[i] /= before;
        remove_part(s, s->locked, s->found, x, 1, NULL);
        remove_part(s, s->v, at, x, 1, NULL);
        double after = umi_linalg_norm(size, x);
        if (after > 0.5) break;
        replaced = true;
        fill_random(s, x);
    }
    double rest = umi_linalg_norm(size, x);
    for (size_t i = 0; i < size; i++) x[i] /= rest;
    return replaced;
}

/* A block that little was left of, orthogonal to all before it to its own digits: of column j, which
 * becomes one of about unit length, length[j] was left; 0 where that was rounding. */
static void sharpen_block(search *s, int first, double *length)
{
    size_t size = s->map->size;
    double *block = s->v + (size_t)first * size;
    for (int j = 0; j < s->block; j++) {
        double scale = length[j] > 1e-280 ? 1 / length[j] : 0;
        for (size_t i = (size_t)j * size; i < ((size_t)j + 1) * size; i++) block[i] *= scale;
    }
    remove_part(s, s->locked, s->found, block, s->block, NULL);
    remove_part(s, s->v, first, block, s->block, NULL);
    for (int j = 0; j < s->block; j++)
        if (!(umi_linalg_norm(size, block + (size_t)j * size) > 0.5)) length[j] = 0;
}

/* The same among themselves: unit vectors with their columns of h, which are lengths[j] times that. */
static void orthonormalise_block(search *s, int first, const double *length, double *columns)
{
    size_t size = s->map->size;
    double *block = s->v + (size_t)first * size;
    for (int j = 0; j < s->block; j++) {
        double *x = block + (size_t)j * size, before = umi_linalg_norm(size, x);
        remove_part(s, block, j, x, 1, NULL);
        double after = umi_linalg_norm(size, x), *column = columns ? columns + j * s->room + first : NULL;
        for (int i = 0; column && i < j; i++) column[i] += length[j] * s->scratch[i];
        if (length[j] == 0 || !(after > 1e-4 * before)) {
            if (sharpen(s, first + j, length[j] == 0 ? 0 : after)) after = 0;
        } else {
            for (size_t i = 0; i < size; i++) x[i] *= 1 / after;
        }
        if (column) column[j] = length[j] * after;
    }
}

/* The block of v that begins at column `first`: orthogonal to all before and orthonormal. columns
 * (or NULL): its columns of h, to be added to. */
static void orthonormalise(search *s, int first, double *columns)
{
    size_t size = s->map->size;
    double *block = s->v + (size_t)first * size, before[2 * BLOCK_NEAR], length[2 * BLOCK_NEAR];
    bool little = false;
    for (int j = 0; j < s->block; j++) before[j] = umi_linalg_norm(size, block + (size_t)j * size);
    remove_part(s, s->locked, s->found, block, s->block, NULL);
    remove_part(s, s->v, first, block, s->block, columns);
    for (int j = 0; j < s->block; j++) {
        length[j] = umi_linalg_norm(size, block + (size_t)j * size);
        little |= !(length[j] > 1e-4 * before[j]);
    }
    if (little) sharpen_block(s, first, length);
    for (int j = 0; j < s->block && !little; j++) length[j] = 1;
    orthonormalise_block(s, first, length, columns);
}

/* Memory for so many columns of v. */
static um_status hold(search *s, int columns)
{
    if (columns <= s->held) return UM_OK;
    int held = umi_max(columns, umi_min(2 * s->held, s->room));
    double *v = UMI_NEW_ARRAY(s->ctx, double, (size_t)held *s->map->size);
    if (!v) return UM_ERROR_MEMORY;
    if (s->v) memcpy(v, s->v, (size_t)s->held * s->map->size * sizeof(double));
    umi_free(s->ctx, s->v);
    s->v = v;
    s->held = held;
    return UM_OK;
}

/* The next block, and the columns of h that belong to the last one. */
static um_status expand(search *s, int done)
{
    size_t size = s->map->size;
    UMI_TRY(hold(s, done + 2 * s->block));
    double *last = s->v + (size_t)done * size, *next = last + s->block * size;
    memcpy(next, last, s->block * size * sizeof(double));
    UMI_TRY(umi_operator_apply(s->map, s->power, s->block, next));
    double *columns = s->h + (size_t)done * (size_t)s->room;
    memset(columns, 0, s->block * (size_t)s->room * sizeof(double));
    orthonormalise(s, done + s->block, columns);
    return UM_OK;
}

/* The Schur form of what is done, and how many leading vectors have settled. */
static um_status reduce(search *s, int done, int *settled)
{
    size_t stride = (size_t)s->room, n = (size_t)done;
    for (size_t j = 0; j < n; j++) memcpy(s->schur + j * n, s->h + j * stride, n * sizeof(double));
    UMI_TRY(umi_linalg_schur(s->ctx, done, done, s->schur, s->vectors, s->re, s->im));
    umi_linalg_dgemm('N', 'N', s->block, done, done, 1, s->h + done, s->room, s->vectors, done, 0,
                     s->link, s->block);
    int j = 0;
    while (j < done && umi_linalg_norm((size_t)s->block, s->link + j * s->block) <=
                           converged * hypot(s->re[j], s->im[j]) + 1e-280)
        j++;
    if (j > 0 && s->im[j - 1] > 0) j--; /* a pair stays together */
    *settled = j;
    return UM_OK;
}

/* v becomes v vectors in its first `keep` columns, followed by the block that was next. */
static void contract(search *s, int done, int keep)
{
    size_t size = s->map->size, stride = (size_t)s->room;
    for (size_t first = 0; first < size; first += STRIP) {
        int rows = (int)(size - first < STRIP ? size - first : STRIP);
        umi_linalg_dgemm('N', 'N', rows, keep, done, 1, s->v + first, (int)size, s->vectors, done,
                         0, s->scratch, rows);
        for (int j = 0; j < keep; j++)
            memcpy(s->v + (size_t)j * size + first, s->scratch + (size_t)j * (size_t)rows,
                   (size_t)rows * sizeof(double));
    }
    memmove(s->v + (size_t)keep * size, s->v + (size_t)done * size,
            s->block * size * sizeof(double));
    memset(s->h, 0, stride * stride * sizeof(double));
    for (int j = 0; j < keep; j++) {
        double *column = s->h + (size_t)j * stride;
        memcpy(column, s->schur + (size_t)j * (size_t)done, (size_t)keep * sizeof(double));
        memcpy(column + keep, s->link + j * s->block, s->block * sizeof(double));
    }
}

/* A first block that holds something of each of the columns kept: the power has changed. */
static um_status begin_again(search *s, int keep)
{
    size_t size = s->map->size;
    int rows = (int)size, columns = keep + s->block;
    UMI_TRY(hold(s, columns + s->block));
    double *mix = s->h; /* no longer needed */
    for (int i = 0; i < columns * s->block; i++) mix[i] = draw(&s->random);
    double *block = s->v + (size_t)columns * size;
    umi_linalg_dgemm('N', 'N', rows, s->block, columns, 1, s->v, rows, mix, columns, 0, block,
                     rows);
    memcpy(s->v, block, s->block * size * sizeof(double));
    orthonormalise(s, 0, NULL);
    return UM_OK;
}

/* |lambda| of Ritz value j. */
static double modulus_of(const search *s, int j)
{
    return pow(hypot(s->re[j], s->im[j]), 1.0 / s->power);
}

/* How many leading Ritz values are among the wanted ones, with those already locked. Of very many
 * equal ones as many as the space has room for; the next run finds more. */
static int count_needed(const search *s, int most)
{
    int needed = 0;
    for (int j = 0; j < most; j++) {
        double modulus = modulus_of(s, j);
        if (modulus < s->least) break;
        int larger = 0;
        for (int i = 0; i < s->found; i++) larger += s->modulus[i] > modulus * (1 + same);
        bool equal =
            j > 0 && j < s->room / 3 && needed == j && modulus >= modulus_of(s, j - 1) * (1 - same);
        if (larger + j < s->wanted || equal) needed = j + 1;
    }
    return needed > 0 && s->im[needed - 1] > 0 ? needed + 1 : needed;
}

/* The largest modulus that is known; what rounding leaves of it is in every vector. */
static double find_largest(const search *s)
{
    double largest = modulus_of(s, 0);
    for (int i = 0; i < s->found; i++) largest = fmax(largest, s->modulus[i]);
    return largest;
}

/* Collisions per step that leave of Ritz value `last` a thousandth of the largest. */
static int suit_power(const search *s, int last)
{
    double first = find_largest(s), modulus = modulus_of(s, last);
    if (!(first > 0) || !(modulus > 1e-3 * first)) return 1;
    double steps = log(1e3) / fmax(log(first / modulus), 1e-6);
    return steps >= s->power_max ? s->power_max : (int)(steps / 2) * 2 + 1;
}

/* Whether so much is left of Ritz value j that it has its digits. */
static bool is_sharp(const search *s, int j)
{
    return s->power == 1 || hypot(s->re[j], s->im[j]) > 2e-4 * pow(find_largest(s), s->power);
}

/* Adds the first `count` columns of v, of these moduli. */
static um_status lock(search *s, int count, const double *v, const double *of)
{
    size_t size = s->map->size, all = (size_t)(s->found + count);
    double *locked = UMI_NEW_ARRAY(s->ctx, double, all *size);
    double *modulus = UMI_NEW_ARRAY(s->ctx, double, all);
    if (!locked || !modulus) {
        umi_free(s->ctx, locked);
        umi_free(s->ctx, modulus);
        return UM_ERROR_MEMORY;
    }
    size_t before = (size_t)s->found;
    if (before > 0) {
        memcpy(locked, s->locked, before * size * sizeof(double));
        memcpy(modulus, s->modulus, before * sizeof(double));
    }
    memcpy(locked + before * size, v, (size_t)count * size * sizeof(double));
    memcpy(modulus + before, of, (size_t)count * sizeof(double));
    umi_free(s->ctx, s->locked);
    umi_free(s->ctx, s->modulus);
    s->locked = locked;
    s->modulus = modulus;
    s->found += count;
    return UM_OK;
}

/* What the Schur form of a Krylov space says about a run. */
typedef enum verdict { GO_ON, ALL_THERE, NOTHING_LEFT } verdict;

static verdict judge(const search *s, int settled, int needed)
{
    if (needed > 0) return settled >= needed ? ALL_THERE : GO_ON;
    /* Nothing is as large as what is wanted, once the largest is more than a guess. */
    double largest = hypot(s->re[0], s->im[0]), error = umi_linalg_norm((size_t)s->block, s->link);
    if (error > 0.1 * largest + 1e-280) return GO_ON;
    double most = pow(largest + 10 * error, 1.0 / s->power);
    if (most < s->least) return NOTHING_LEFT;
    int larger = 0;
    for (int i = 0; i < s->found; i++) larger += s->modulus[i] > most;
    return larger >= s->wanted || error <= doubt * largest ? NOTHING_LEFT : GO_ON;
}

static int count_kept(const search *s, int done, int needed)
{
    int keep = umi_min(needed + KEPT, done - 3 * s->block);
    return s->im[keep - 1] > 0 ? keep + 1 : keep;
}

static bool fits(const search *s, int power)
{
    return power <= 2 * s->power && 7 * power >= 5 * s->power;
}

/* Fills the space, and looks now and then whether it is large enough already; at first also whether
 * the power suits. */
static um_status fill(search *s, bool first, int *done, int *needed, verdict *found)
{
    int from = *done;
    for (*found = GO_ON; *done + 2 * s->block <= s->room;) {
        UMI_TRY(expand(s, *done));
        *done += s->block;
        bool full = *done + 2 * s->block > s->room;
        int look = s->once ? LOOK / 2 : LOOK;
        if (!full && (*done < LOOK * s->block || (*done - from) % (look * s->block) != 0)) continue;
        UMI_TRY(reduce(s, *done, &s->settled));
        *needed = count_needed(s, *done - 3 * s->block);
        *found = judge(s, s->settled, *needed);
        if (*found != GO_ON) return UM_OK;
        if (first && *done == LOOK * s->block &&
            !fits(s, suit_power(s, count_kept(s, *done, *needed) - 1)))
            return UM_OK;
    }
    return UM_OK;
}

static um_status lock_found(search *s, int count)
{
    for (int j = 0; j < count; j++) s->re[j] = modulus_of(s, j);
    return lock(s, count, s->v, s->re);
}

/* One run from new random vectors; brought: how many modes it locked. */
static um_status run(search *s, int *brought)
{
    *brought = 0;
    for (int j = 0; j < s->block; j++) fill_random(s, s->v + (size_t)j * s->map->size);
    orthonormalise(s, 0, NULL);
    for (int restart = 0, done = 0; restart < RESTARTS; restart++) {
        verdict found;
        int needed = 0;
        bool last = s->once && restart == RESTARTS_NEAR;
        UMI_TRY(fill(s, restart == 0, &done, &needed, &found));
        if (found == NOTHING_LEFT) return UM_OK;
        bool blunt = found == ALL_THERE && !is_sharp(s, needed - 1);
        if (blunt) s->power_max = s->power / 4 * 2 + 1;
        int keep = count_kept(s, done, needed),
            power = suit_power(s, blunt ? needed - 1 : keep - 1);
        contract(s, done, keep);
        if (last) needed = umi_min(umi_min(needed, s->settled), keep);
        if (last || (found == ALL_THERE && !blunt)) {
            *brought = needed;
            return lock_found(s, needed);
        }
        done = keep;
        if (blunt || !fits(s, power)) {
            UMI_TRY(begin_again(s, keep));
            s->power = power;
            done = 0;
        }
    }
    return umi_fail(s->ctx, UM_ERROR_NOCONV,
                    "the leading eigenvalues of a map with %zu unknowns did not converge",
                    s->map->size);
}

static um_status lock_known(search *s, const umi_modes *known)
{
    if (known->count == 0) return UM_OK;
    double *modulus = UMI_NEW_ARRAY(s->ctx, double, (size_t)known->count);
    if (!modulus) return UM_ERROR_MEMORY;
    for (int j = 0; j < known->count; j++) modulus[j] = hypot(known->re[j], known->im[j]);
    um_status status = lock(s, known->count, known->basis, modulus);
    umi_free(s->ctx, modulus);
    return status;
}

/* Memory for what s says, with room for so many locked modes. */
static um_status allocate(search *s, int locked)
{
    size_t n = (size_t)s->room, block = (size_t)s->block, most = (size_t)locked + 2 * n;
    UMI_TRY(hold(s, umi_min(HELD * s->block, s->room)));
    s->h = UMI_NEW_ARRAY(s->ctx, double, 3 * n * n + (2 + block) * n);
    s->scratch = UMI_NEW_ARRAY(s->ctx, double, STRIP *n + 2 * block * most);
    if (!s->h || !s->scratch) return UM_ERROR_MEMORY;
    s->schur = s->h + n * n;
    s->vectors = s->schur + n * n;
    s->re = s->vectors + n * n;
    s->im = s->re + n;
    s->link = s->im + n;
    return UM_OK;
}

/* Whether a run from a random block left nothing behind: it found nothing, or all that were wanted and
 * none of them as often as the block has vectors. */
static bool is_complete(const search *s, int brought)
{
    if (brought > 0 && s->found < s->wanted) return false;
    const double *modulus = s->modulus + s->found - brought;
    for (int i = 0; i < brought; i++) {
        int equal = 0;
        for (int j = 0; j < brought; j++)
            equal += fabs(modulus[i] - modulus[j]) <= alike * modulus[i];
        if (equal >= s->block) return false;
    }
    return true;
}

static um_status collect(search *s, const umi_modes *before)
{
    int crowd = umi_max(CROWD * s->wanted, (int)(CROWD_NUMBERS / s->map->size));
    int block = s->block, room = s->room;
    UMI_TRY(allocate(s, umi_max(crowd, before->count)));
    UMI_TRY(lock_known(s, before));
    for (int brought = 1; brought > 0 && s->found < crowd;) {
        s->room = umi_min(room, (int)s->map->size - s->found - block);
        if (s->room < 2 * LOOK * block) break; /* all but these are found */
        UMI_TRY(run(s, &brought));
        s->complete = is_complete(s, brought);
        s->block = BLOCK_MIN; /* hardly anything is left */
        if (s->once || before->hurried || s->complete) break;
    }
    return UM_OK;
}

static um_status search_with(search *s, const umi_modes *before, double **basis, int *count)
{
    s->room = 2 * (s->wanted + KEPT) + BLOCKS * s->block;
    s->random = 1;
    um_status status = collect(s, before);
    umi_free(s->ctx, s->v);
    umi_free(s->ctx, s->h);
    umi_free(s->ctx, s->scratch);
    umi_free(s->ctx, s->modulus);
    if (status != UM_OK) umi_free(s->ctx, s->locked);
    *basis = status == UM_OK ? s->locked : NULL;
    *count = s->found;
    return status;
}

um_status umi_modes_krylov(um_context *ctx, const umi_operator *map, int wanted,
                           umi_modes *before, double **basis, int *count, int *power)
{
    int least = map->apply_all && map->size > 64 * BLOCK_NEAR ? BLOCK_NEAR : BLOCK_MIN;
    int block = umi_min(before->copies, umi_min((int)(map->size / 64), BLOCK_MAX));
    search s = {.ctx = ctx,
                .map = map,
                .wanted = wanted,
                .block = before->count > 0 ? least : umi_max(block, least),
                .power_max = POWER_MAX,
                .power = before->power ? before->power : POWER};
    if (!before->power && before->count >= wanted) s.power = POWER_MAX; /* nothing slow is left */
    um_status status = search_with(&s, before, basis, count);
    *power = s.power;
    before->sure = s.complete;
    return status;
}

um_status umi_modes_krylov_once(um_context *ctx, const umi_operator *map, int wanted, double least,
                                const umi_modes *before, double **basis, int *count)
{
    search s = {.ctx = ctx,
                .map = map,
                .wanted = wanted,
                .block = before->copies > BLOCK_NEAR ? 2 * BLOCK_NEAR : BLOCK_NEAR,
                .power = 1,
                .power_max = 1,
                .once = true,
                .least = least};
    return search_with(&s, before, basis, count);
}
