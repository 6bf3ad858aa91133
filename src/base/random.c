/* Philox, and what is made of its bits. Compiled without contraction (CMakeLists.txt). */
#include "base/random.h"

#include <Random123/philox.h>
#include <math.h>

umi_random umi_random_at(uint64_t seed, uint64_t stream, uint64_t index, uint64_t purpose)
{
    return (umi_random){.key = {seed, stream}, .counter = {index, purpose, 0, 0}};
}

uint64_t umi_random_bits(umi_random *random)
{
    if (random->left == 0) {
        philox4x64_ctr_t counter;
        philox4x64_key_t key = {{random->key[0], random->key[1]}};
        for (int i = 0; i < 4; i++) counter.v[i] = random->counter[i];
        philox4x64_ctr_t block = philox4x64(counter, key);
        for (int i = 0; i < 4; i++) random->block[i] = block.v[i];
        random->counter[2]++;
        random->left = 4;
    }
    return random->block[4 - random->left--];
}

/* 52 bits and a half: x and 1 - x are both exact. */
double umi_random_uniform(umi_random *random)
{
    return ((double)(umi_random_bits(random) >> 12) + 0.5) * 0x1p-52;
}

/* ln x = e ln 2 + 2 artanh((m-1)/(m+1)), m within sqrt(1/2) .. sqrt(2). */
static double logarithm(double x)
{
    int exponent;
    double m = frexp(x, &exponent);
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    double z = (m - 1) / (m + 1), square = z * z, sum = 0;
    for (int k = 23; k > 0; k -= 2) sum = sum * square + 1.0 / k;
    return exponent * 0.693147180559945309 + 2 * z * sum;
}

typedef struct rational {
    double numerator[8], denominator[8];
} rational;

static double evaluate(const rational *f, double x)
{
    double numerator = 0, denominator = 0;
    for (int i = 7; i >= 0; i--) {
        numerator = numerator * x + f->numerator[i];
        denominator = denominator * x + f->denominator[i];
    }
    return numerator / denominator;
}

/* Quantiles of the normal distribution: Wichura, Appl. Statist. 37, 477 (1988), AS 241. */
static const rational middle = {
    {3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
     1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
     3.3430575583588128105e4, 2.5090809287301226727e3},
    {1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
     2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
     5.2264952788528545610e3}};
static const rational flank = {
    {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
     3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
     2.27238449892691845833e-2, 7.74545014278341407640e-4},
    {1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
     1.05075007164441684324e-9}};
static const rational tail = {
    {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
     2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
     2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15}};

double umi_random_normal(umi_random *random)
{
    double p = umi_random_uniform(random), q = p - 0.5;
    if (fabs(q) <= 0.425) return q * evaluate(&middle, 0.180625 - q * q);
    double r = sqrt(-logarithm(q < 0 ? p : 1 - p));
    double x = r <= 5 ? evaluate(&flank, r - 1.6) : evaluate(&tail, r - 5);
    return q < 0 ? -x : x;
}

double umi_random_exponential(umi_random *random)
{
    return -logarithm(umi_random_uniform(random));
}
