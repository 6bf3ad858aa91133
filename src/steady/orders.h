/* orders: the leading eigenvalues of a map that mixes no coherence orders, order by order. */
#ifndef UMI_STEADY_ORDERS_H
#define UMI_STEADY_ORDERS_H

#include "steady/spectrum_branch.h"

/* In so many levels all eigenvalues of an order take about a second. */
enum { UMI_ORDERS_LEVELS = 600 };

bool umi_orders_are_apart(const um_model *model, size_t stage);

/* At least so many of them that were not made by the truncation (if `drop`; else of all), unless these are
 * outnumbered; and nothing is missing among those in the list. */
um_status umi_orders_collect(const umi_subject *about, int eigenvalues, bool drop, umi_eigenvalues *list);

#endif
