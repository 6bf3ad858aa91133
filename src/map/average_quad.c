/* Means of products in quad: for generators, whose smallest eigenvalues are 1e-20. */
#define _GNU_SOURCE /* sinf128 and its like */
#include "map/average.h"

#include <math.h>

#define UMI_MEAN(name) umi_quad_mean_##name
#define UMI_MEAN_REAL umi_quad
#define UMI_MEAN_ERROR 1e-32
#define REAL(function) function##f128
#define PI M_PIf128
#include "map/average_inside.h"
