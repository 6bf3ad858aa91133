/* Numbers as people write them in a configuration, always read in the C locale. */
#ifndef UMI_EXPRESSION_H
#define UMI_EXPRESSION_H

#include "base/base.h"

enum { UMI_REASON = 128 };

/* One decimal number, the whole text: [+-] digits [. digits] [e [+-] digits]; finite, no leading
 * zeros (010 means 8 to some readers). False: `reason` says why not. */
bool umi_number_parse(const char *text, double *value, char reason[UMI_REASON]);

/* The same with a whole value: 1000, 1e15, 2.0. */
bool umi_integer_parse(const char *text, int64_t *value, char reason[UMI_REASON]);

/* A number, or an expression of numbers, pi, sqrt(), + - * / and brackets, in long double and
 * rounded once. */
bool umi_expression_parse(const char *text, double *value, char reason[UMI_REASON]);

#endif
