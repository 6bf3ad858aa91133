/* perturb: the leak of a chamber whose edge is all but closed, to first order in the rate, that is
 * in s^2 of the edge: correct to O(s^2) relative, however small s is.
 *
 * With the edge closed (s = 0, the cosine of its true sign) the chamber keeps its state rho. A
 * little s puts amplitude into the coherences X between the chamber and what lies beyond; they
 * settle to -G_XX X = (G rho)_X; and what crosses the edge is the flux of rho and X together. */
#ifndef UMI_STEADY_PERTURB_H
#define UMI_STEADY_PERTURB_H

#include "steady/chambers_window.h"

/* Rates at which the state of a cell steps over its edges into the rest of a window. */
um_status umi_perturb_leak(const umi_chamber_map *map, const umi_part *part,
                           const umi_window *window, double *up, double *down);

#endif
