/* Means of products in long double: tables are filled with them. */
#include "map/average.h"

#include <math.h>

#define UMI_MEAN(name) umi_mean_##name
#define UMI_MEAN_REAL long double
#define UMI_MEAN_ERROR 1e-17
#define REAL(function) function##l
#define PI 3.14159265358979323846264338327950288L
#include "map/average_inside.h"

const struct umi_place umi_term_places[UMI_TERMS] = {
    [UMI_TERM_HERE] = {0, 0},         [UMI_TERM_ABOVE] = {0, 1},     [UMI_TERM_BELOW] = {0, -1},
    [UMI_TERM_COLUMN_LESS] = {-1, 0}, [UMI_TERM_ROW_LESS] = {1, -1}, [UMI_TERM_ROW_MORE] = {-1, 1},
    [UMI_TERM_COLUMN_MORE] = {1, 0},
};
