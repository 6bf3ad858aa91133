/* One collision with counter-rotating terms while the environment acts on battery and atom:
 *   d rho/dt = -i [H, rho] + D rho     on battery x atom, for a time tau.
 * H alone falls into two parity chains (rabi.c), D alone moves elements along the diagonals. Steps
 *   S(h) = D(h/2) U(h) D(h/2),   S(tau/n)^n for several n,
 * differ from the truth by even powers of 1/n, which are extrapolated away (Richardson). D commutes
 * with the free motion, so that what a step gets wrong is small in the rates and in the coupling. */
#ifndef UMI_OPEN_RABI_H
#define UMI_OPEN_RABI_H

#include "map/map.h"

/* UM_ERROR_UNSUPPORTED: as umi_joint_check; UM_ERROR_NOCONV: more steps than are allowed. */
um_status umi_map_create_open_rabi(um_context *ctx, const umi_collision *collision, um_map **map);

#endif
