/* Prints tests/oracle/plateau_1e6.txt: the state of the plateau example (theta = 1, q = 1/4, c = 1,
 * from the vacuum) after a million collisions in double-double arithmetic. Lines "n k r": r_{n,n+k}
 * in the frame rho_nm = (-i)^(n-m) r_nm. Build and run from tests/oracle (a few minutes):
 *     cc -std=gnu17 -O3 -ffp-contract=off -I. tools/make_long_run.c long_run.c -lm -o make_long_run
 *     ./make_long_run > plateau_1e6.txt
 */
#include <stdio.h>
#include <stdlib.h>

#include "long_run.h"

int main(int argc, char **argv)
{
    enum { LEVELS = 130, ORDERS = 12 };
    long collisions = argc > 1 ? atol(argv[1]) : 1000000;
    long_run *run = long_run_create(LEVELS, 1, 0.25, 1);
    if (!run) return 1;
    long_run_advance(run, collisions);
    printf("# n k r_{n,n+k} after %ld collisions of theta = 1, q = 1/4, c = 1 from the vacuum\n",
           collisions);
    printf("# %d levels, double-double; trace - 1 = %.2e; rows in use %d\n", LEVELS,
           long_run_trace_error(run), long_run_rows(run));
    printf("# energy %.17g purity %.17g\n", long_run_energy(run), long_run_purity(run));
    for (int k = 0; k < ORDERS; k++)
        for (int n = 0; n + k < long_run_rows(run); n++)
            printf("%d %d %.17g\n", n, k, long_run_get(run, n, n + k));
    long_run_destroy(run);
    return 0;
}
