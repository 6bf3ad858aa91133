/* Resonant collisions in double-double arithmetic (about 32 digits), for long runs from the vacuum.
 *
 * phi = 0, the state real in the frame rho_nm = (-i)^(n-m) r_nm. The stencil of section 2 as it is
 * written there, element by element; rows beyond the last one that holds anything above 1e-26 are
 * left out. Slow, and shares nothing with the library.
 */
#ifndef UM_ORACLE_LONG_RUN_H
#define UM_ORACLE_LONG_RUN_H

typedef struct long_run long_run;

/* Cavity of so many levels in the vacuum. NULL when memory is out. */
long_run *long_run_create(int levels, double theta, double q, double c);
void long_run_destroy(long_run *run);
void long_run_advance(long_run *run, long collisions);

/* r_nm, rounded to double. */
double long_run_get(const long_run *run, int n, int m);
double long_run_energy(const long_run *run);
double long_run_purity(const long_run *run);
double long_run_trace_error(const long_run *run); /* trace - 1 */
int long_run_rows(const long_run *run);           /* levels in use */

#endif
