/* Compensated sums and the clock. */
#include "base/base.h"

#include <math.h>
#include <time.h>

void umi_sum_add(umi_sum *sum, double term)
{
    double total = sum->total + term;
    sum->compensation += fabs(sum->total) >= fabs(term) ? (sum->total - total) + term
                                                        : (term - total) + sum->total;
    sum->total = total;
}

double umi_sum_get(const umi_sum *sum) { return sum->total + sum->compensation; }

double umi_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
