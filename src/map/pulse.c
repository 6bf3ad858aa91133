#include "map/pulse.h"

#include <math.h>

static const long double PI = 3.14159265358979323846264338327950288L;

/* In the middle. */
static long double get_height(const um_interaction *it)
{
    long double width = it->pulse_width;
    switch (it->pulse) {
    case UM_PULSE_CONSTANT:
        return 1;
    case UM_PULSE_SINE:
        return PI / 2;
    case UM_PULSE_GAUSSIAN:
        return 1 / (width * sqrtl(2 * PI) * erfl(1 / (2 * sqrtl(2) * width)));
    }
    return 0;
}

/* In units of the height. */
static long double get_shape(const um_interaction *it, long double x)
{
    long double away = (x - 0.5L) / it->pulse_width;
    switch (it->pulse) {
    case UM_PULSE_CONSTANT:
        return 1;
    case UM_PULSE_SINE:
        return sinl(PI * x);
    case UM_PULSE_GAUSSIAN:
        return expl(-away * away / 2);
    }
    return 0;
}

long double umi_pulse_get(const um_interaction *it, long double x) { return get_height(it) * get_shape(it, x); }

long double umi_pulse_get_slope(const um_interaction *it, long double x)
{
    long double width = it->pulse_width;
    switch (it->pulse) {
    case UM_PULSE_CONSTANT:
        return 0;
    case UM_PULSE_SINE:
        return PI * PI / 2 * cosl(PI * x);
    case UM_PULSE_GAUSSIAN:
        return -(x - 0.5L) / (width * width) * umi_pulse_get(it, x);
    }
    return 0;
}

/* H = a . sigma, sigma_z = +1 on the block's |n-1,e>. */
typedef struct vector {
    long double x, y, z;
} vector;

/* w - i v . sigma */
typedef struct rotation {
    long double w;
    vector v;
} rotation;

static vector scaled(long double factor, vector a) { return (vector){factor * a.x, factor * a.y, factor * a.z}; }
static vector plus(vector a, vector b) { return (vector){a.x + b.x, a.y + b.y, a.z + b.z}; }
static long double dot(vector a, vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static vector cross(vector a, vector b)
{
    return (vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

/* [-i a . sigma, -i b . sigma] = -i (this) . sigma */
static vector commute(vector a, vector b) { return scaled(2, cross(a, b)); }

static rotation after(rotation l, rotation r)
{
    vector v = plus(scaled(l.w, r.v), scaled(r.w, l.v));
    return (rotation){l.w * r.w - dot(l.v, r.v), plus(v, cross(l.v, r.v))};
}

static rotation turn(vector a)
{
    long double angle = sqrtl(dot(a, a));
    return (rotation){cosl(angle), scaled(angle == 0 ? 1 : sinl(angle) / angle, a)};
}

/* Sixth order in the step, from three Gauss points: Blanes, Casas, Oteo, Ros, Phys. Rep. 470, 151 (2009). */
static rotation cross_step(const um_interaction *it, long double split, long double highest, long double begin,
                           long double length)
{
    static const long double ROOT = 3.87298334620741688517926539978239961L; /* sqrt(15) */
    long double early = get_shape(it, begin + (0.5L - ROOT / 10) * length);
    long double middle = get_shape(it, begin + length / 2);
    long double late = get_shape(it, begin + (0.5L + ROOT / 10) * length);
    /* Mean, slope and curvature: the last two of the coupling alone. */
    vector a = scaled(length, (vector){highest * middle, 0, split / 2});
    vector b = {ROOT / 3 * length * highest * (late - early), 0, 0};
    vector c = {10 * length / 3 * highest * (late - 2 * middle + early), 0, 0};
    vector ab = commute(a, b);
    vector inner = scaled(-1 / 60.0L, commute(a, plus(scaled(2, c), ab)));
    vector outer = commute(plus(scaled(-20, a), plus(scaled(-1, c), ab)), plus(b, inner));
    return turn(plus(a, plus(scaled(1 / 12.0L, c), scaled(1 / 240.0L, outer))));
}

/* A pulse that is the same backwards, and a real symmetric H: the second half is the first one's transpose. */
static rotation evolve(const um_interaction *it, long double split, long double turned, int steps)
{
    const long double highest = turned * get_height(it);
    rotation half = {.w = 1};
    for (int i = 0; i < steps; i++)
        half = after(cross_step(it, split, highest, 0.5L * i / steps, 0.5L / steps), half);
    /* Every step was a rotation, but for its rounding. */
    long double norm = sqrtl(half.w * half.w + dot(half.v, half.v));
    half = (rotation){half.w / norm, scaled(1 / norm, half.v)};
    rotation transpose = {half.w, {half.v.x, -half.v.y, half.v.z}};
    return after(transpose, half);
}

enum { STEPS_FIRST = 4, ROUNDS = 13 };
/* The error is a small part of the last change, which rounding keeps above some 1e-18. */
static const long double CHANGE_LEAST = 3e-17L;

static void extrapolate(long double *value, long double *row, int round)
{
    for (int j = 0; j < round; j++) {
        long double before = row[j];
        row[j] = *value;
        *value += (*value - before) / (ldexpl(1, 6 + 2 * j) - 1);
    }
    row[round] = *value;
}

/* Richardson: powers 6, 8, 10, ... of the step fall out one after the other. */
umi_pulse_turn umi_pulse_block(const um_interaction *it, long double split, long double turned)
{
    long double row[3][ROUNDS], best[3] = {1, 0, 0}, change = 1;
    for (int round = 0; round < ROUNDS && change > CHANGE_LEAST; round++) {
        rotation made = evolve(it, split, turned, STEPS_FIRST << round);
        long double now[3] = {made.w, made.v.x, made.v.z};
        change = 0;
        for (int i = 0; i < 3; i++) {
            extrapolate(&now[i], row[i], round);
            change = fmaxl(change, fabsl(now[i] - best[i]));
            best[i] = now[i];
        }
    }
    long double norm = sqrtl(best[0] * best[0] + best[1] * best[1] + best[2] * best[2]);
    return (umi_pulse_turn){best[0] / norm, best[2] / norm, best[1] / norm};
}
