/* Strict numbers and small expressions: recursive descent with a depth limit. */
#include "io/expression.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/file.h"
#include "umaser/io.h"

enum { DEPTH = 32 };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Length of an unsigned decimal number at the start of text; 0 if there is none. */
static size_t number_length(const char *text)
{
    size_t n = 0, digits = 0;
    while (is_digit(text[n])) n++, digits++;
    if (text[n] == '.')
        for (n++; is_digit(text[n]); n++) digits++;
    if (digits == 0) return 0;
    if (text[n] == 'e' || text[n] == 'E') {
        size_t exponent = n + 1;
        if (text[exponent] == '+' || text[exponent] == '-') exponent++;
        if (!is_digit(text[exponent])) return n;
        while (is_digit(text[exponent])) exponent++;
        n = exponent;
    }
    return n;
}

static bool has_leading_zero(const char *number) { return number[0] == '0' && is_digit(number[1]); }

static bool is_zero(const char *number, size_t length)
{
    for (size_t i = 0; i < length && number[i] != 'e' && number[i] != 'E'; i++)
        if (number[i] >= '1' && number[i] <= '9') return false;
    return true;
}

/* Reads a number whose grammar is checked; false when it is out of the range of a double. */
static bool convert(const char *text, size_t length, bool extended, long double *value,
                    char reason[UMI_REASON])
{
    umi_c_locale locale = umi_c_locale_enter();
    *value = extended ? strtold(text, NULL) : (long double)strtod(text, NULL);
    umi_c_locale_leave(locale);
    double rounded = (double)*value;
    const char *why = isinf(rounded)                           ? "too large for a number"
                      : rounded == 0 && !is_zero(text, length) ? "too small for a number; write 0"
                                                               : NULL;
    if (why) snprintf(reason, UMI_REASON, "%s", why);
    return !why;
}

bool umi_number_parse(const char *text, double *value, char reason[UMI_REASON])
{
    size_t sign = text[0] == '+' || text[0] == '-', length = number_length(text + sign);
    if (length == 0 || text[sign + length]) {
        if (length == 0)
            snprintf(reason, UMI_REASON, "not a number");
        else
            snprintf(reason, UMI_REASON, "not a number: it ends in other characters");
        return false;
    }
    if (has_leading_zero(text + sign)) {
        snprintf(reason, UMI_REASON, "a number with a leading zero; leave the zero out");
        return false;
    }
    long double wide;
    if (!convert(text, sign + length, false, &wide, reason)) return false;
    *value = (double)wide;
    return true;
}

bool umi_integer_parse(const char *text, int64_t *value, char reason[UMI_REASON])
{
    double number;
    if (!umi_number_parse(text, &number, reason)) return false;
    const char *why = number != trunc(number)             ? "not a whole number"
                      : fabs(number) > 9007199254740992.0 ? "too large for a whole number"
                                                          : NULL;
    if (why)
        snprintf(reason, UMI_REASON, "%s", why);
    else
        *value = (int64_t)number;
    return !why;
}

typedef struct reader {
    const char *at;
    char *reason;
    int depth;
} reader;

static bool fail(reader *r, const char *why)
{
    snprintf(r->reason, UMI_REASON, "%s", why);
    return false;
}

static void skip_spaces(reader *r)
{
    while (*r->at == ' ' || *r->at == '\t') r->at++;
}

static bool take(reader *r, char c)
{
    skip_spaces(r);
    if (*r->at != c) return false;
    r->at++;
    return true;
}

static bool finite_only(reader *r, long double value)
{
    return isfinite(value) || fail(r, "its value is not finite");
}

static bool read_sum(reader *r, long double *value);

static bool read_brackets(reader *r, long double *value)
{
    if (!read_sum(r, value)) return false;
    return take(r, ')') || fail(r, "a closing bracket is missing");
}

static bool read_word(reader *r, long double *value)
{
    size_t length = 0;
    while (is_digit(r->at[length]) || (r->at[length] >= 'a' && r->at[length] <= 'z')) length++;
    if (length == 2 && strncmp(r->at, "pi", 2) == 0) {
        r->at += 2;
        *value = 3.14159265358979323846264338327950288L;
        return true;
    }
    if (length != 4 || strncmp(r->at, "sqrt", 4) != 0)
        return fail(r,
                    "not a number or an expression of numbers, pi, sqrt(), + - * / and brackets");
    r->at += 4;
    if (!take(r, '(')) return fail(r, "sqrt needs brackets: sqrt(2)");
    if (!read_brackets(r, value)) return false;
    if (*value < 0) return fail(r, "the square root of a negative number");
    *value = sqrtl(*value);
    return true;
}

static bool read_factor(reader *r, long double *value)
{
    skip_spaces(r);
    size_t length = number_length(r->at);
    if (length > 0) {
        if (has_leading_zero(r->at)) return fail(r, "a number with a leading zero; leave it out");
        if (!convert(r->at, length, true, value, r->reason)) return false;
        r->at += length;
        return true;
    }
    return take(r, '(') ? read_brackets(r, value) : read_word(r, value);
}

static bool read_signed(reader *r, long double *value)
{
    if (++r->depth > DEPTH) return fail(r, "nested too deeply");
    bool done;
    if (take(r, '-')) {
        done = read_signed(r, value);
        *value = -*value;
    } else {
        done = take(r, '+') ? read_signed(r, value) : read_factor(r, value);
    }
    r->depth--;
    return done;
}

static bool read_product(reader *r, long double *value)
{
    if (!read_signed(r, value)) return false;
    for (;;) {
        long double other = 0;
        bool times = take(r, '*');
        if (!times && !take(r, '/')) return true;
        if (!read_signed(r, &other)) return false;
        if (!times && other == 0) return fail(r, "a division by zero");
        *value = times ? *value * other : *value / other;
        if (!finite_only(r, *value)) return false;
    }
}

static bool read_sum(reader *r, long double *value)
{
    if (!read_product(r, value)) return false;
    for (;;) {
        long double other = 0;
        bool plus = take(r, '+');
        if (!plus && !take(r, '-')) return true;
        if (!read_product(r, &other)) return false;
        *value = plus ? *value + other : *value - other;
        if (!finite_only(r, *value)) return false;
    }
}

bool umi_expression_parse(const char *text, double *value, char reason[UMI_REASON])
{
    /* A plain number is rounded once, straight to double: it must survive being printed and read.
     */
    size_t sign = text[0] == '+' || text[0] == '-', length = number_length(text + sign);
    if (length > 0 && !text[sign + length]) return umi_number_parse(text, value, reason);
    reader r = {.at = text, .reason = reason};
    long double wide = 0;
    if (!read_sum(&r, &wide)) return false;
    skip_spaces(&r);
    if (*r.at) return fail(&r, "not a number: an operator is missing, or other characters follow");
    *value = (double)wide;
    if (!finite_only(&r, *value)) return false;
    if (*value == 0 && wide != 0) return fail(&r, "its value is too small for a number");
    return true;
}

um_status um_expression_parse(um_context *ctx, const char *text, double *value)
{
    char reason[UMI_REASON];
    if (umi_expression_parse(text, value, reason)) return UM_OK;
    return umi_fail(ctx, UM_ERROR_CONFIG, "'%.80s': %s", text, reason);
}
