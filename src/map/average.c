/* Means of products in long double: tables are filled with them. */
#include "map/average.h"

#include <math.h>

#define UMI_MEAN(name) umi_mean_##name
#define UMI_MEAN_REAL long double
#define UMI_MEAN_ERROR 1e-17
#define REAL(function) function##l
#define PI 3.14159265358979323846264338327950288L
#include "map/average_inside.h"
