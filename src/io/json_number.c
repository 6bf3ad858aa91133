/* Shortest round-trip decimals. */
#include "io/json_number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int umi_number_format(double value, char text[UMI_NUMBER_ROOM])
{
    text[0] = '\0';
    if (!isfinite(value)) return 0;
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, UMI_NUMBER_ROOM, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return length;
}
