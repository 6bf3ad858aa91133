/* The one-dimensional functions of phase_space.h. */
#include "observe/phase_space.h"

#include <math.h>
#include <string.h>

/* v_{n+1} = (slope v_n - back sqrt(n) v_{n-1}) / sqrt(n+1), v_0 = scale e^exponent. Far out v_0 is
 * below the smallest double and what grows from it is not: v = value 2^power. */
static void three_terms(double exponent, double scale, double slope, double back, int count,
                        double *values)
{
    double binary = exponent * M_LOG2E;
    if (!(binary > -1e9)) {
        memset(values, 0, sizeof *values * (size_t)count);
        return;
    }
    int power = (int)floor(binary);
    double value = scale * exp2(binary - power), previous = 0, unit = ldexp(1, power), root = 0;
    for (int n = 0; n < count; n++) {
        values[n] = value * unit;
        double next_root = sqrt(n + 1.0);
        double next = (slope * value - back * root * previous) / next_root;
        previous = value;
        value = next;
        root = next_root;
        if (fabs(value) > 0x1p256) {
            value *= 0x1p-256;
            previous *= 0x1p-256;
            power += 256;
            unit = ldexp(1, power);
        }
    }
}

void umi_phase_space_hermite(double x, int count, double *values)
{
    static const double vacuum = 0.75112554446494248286; /* pi^(-1/4) */
    three_terms(-x * x, vacuum, 2 * x, 1, count, values);
}

void umi_phase_space_smeared(double x, int count, double *values)
{
    static const double vacuum = 0.53112596601359845722; /* pi^(1/4) / sqrt(2 pi) */
    three_terms(-x * x / 2, vacuum, x, 0, count, values);
}
