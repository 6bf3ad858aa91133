/* Shortest round-trip decimals: of 15 to 17 digits, the fewest that read back to the same bits. */
#include "io/json_number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Quad holds powers of ten exactly up to here: numbers from 1e-31 to 1e17 are scaled with one rounding. */
enum { POWERS = 48 };
static const uint64_t beyond = 100000000000000000; /* the first of 18 digits */

/* What the C library says, try by try; a state and its Wigner function are 1e5 numbers. */
static int format_slowly(double value, char text[UMI_NUMBER_ROOM])
{
    int length = 0;
    for (int digits = 15; digits <= 17; digits++) {
        length = snprintf(text, UMI_NUMBER_ROOM, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return length;
}

static __float128 power_of_ten(int exponent)
{
    static const double exact[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12,
                                   1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    enum { LAST = sizeof exact / sizeof *exact - 1 };
    __float128 power = 1;
    for (; exponent > LAST; exponent -= LAST) power *= exact[LAST];
    return power * exact[exponent];
}

/* value = (whole + part) 10^(exponent - 16), whole of 17 digits; ulp in the same unit. */
typedef struct scaled {
    uint64_t whole;
    double part, ulp;
    int exponent;
} scaled;

static bool scale(double value, scaled *to)
{
    int binary;
    if (frexp(value, &binary) == 0.5) return false; /* doubles lie closer below than above */
    to->exponent = (int)floor((binary - 1) * 0.30102999566398120);
    for (;; to->exponent++) {
        int power = 16 - to->exponent;
        if (power < 0 || power > POWERS) return false;
        __float128 factor = power_of_ten(power), product = value * factor;
        to->whole = (uint64_t)product;
        to->part = (double)(product - to->whole);
        to->ulp = ldexp((double)factor, binary - 53);
        if (to->whole < beyond) return true;
    }
}

/* Rounded to a multiple of `unit`, does it still read back as the same double? 0 or 1; -1: too close to a tie
 * to be said here. */
static int round_to(const scaled *from, uint64_t unit, uint64_t *rounded)
{
    static const double doubt = 1e-6;
    uint64_t below = from->whole / unit * unit;
    double over = (double)(from->whole - below) + from->part, half = 0.5 * (double)unit;
    if (fabs(over - half) < doubt) return -1;
    *rounded = over > half ? below + unit : below;
    double moved = over > half ? (double)unit - over : over;
    if (fabs(moved - 0.5 * from->ulp) < doubt) return -1;
    return moved < 0.5 * from->ulp;
}

/* As %.*g writes so many digits. */
static int write_digits(bool negative, uint64_t number, int exponent, int digits, char *text)
{
    char digit[17], *at = text;
    int count = 17;
    if (number == beyond) {
        number /= 10;
        exponent++;
    }
    for (int i = 16; i >= 0; i--, number /= 10) digit[i] = (char)('0' + number % 10);
    while (count > 1 && digit[count - 1] == '0') count--;
    if (negative) *at++ = '-';
    if (exponent < -4 || exponent >= digits) {
        *at++ = digit[0];
        if (count > 1) *at++ = '.';
        memcpy(at, digit + 1, (size_t)(count - 1));
        at += count - 1;
        return (int)(at - text) + sprintf(at, "e%+03d", exponent);
    }
    for (int place = exponent < 0 ? exponent : 0; place < 0; place++) {
        *at++ = '0';
        if (place == exponent) *at++ = '.';
    }
    for (int i = 0; i < count || i <= exponent; i++) {
        *at++ = i < count ? digit[i] : '0';
        if (i == exponent && i + 1 < count) *at++ = '.';
    }
    *at = '\0';
    return (int)(at - text);
}

int umi_number_format(double value, char text[UMI_NUMBER_ROOM])
{
    static const uint64_t units[] = {100, 10, 1};
    text[0] = '\0';
    if (!isfinite(value)) return 0;
    scaled all;
    if (value == 0) return (int)(stpcpy(text, signbit(value) ? "-0" : "0") - text);
    if (!scale(fabs(value), &all)) return format_slowly(value, text);
    for (int i = 0; i < 3; i++) {
        uint64_t rounded;
        int same = round_to(&all, units[i], &rounded);
        if (same < 0) break;
        if (same) return write_digits(value < 0, rounded, all.exponent, 15 + i, text);
    }
    return format_slowly(value, text);
}
