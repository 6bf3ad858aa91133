/* JSON tokens onto a stream, in the C locale the caller has entered. */
#include "io/json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "io/json_number.h"

static void put(umi_json *json, const char *text, size_t length)
{
    if (json->error) return;
    errno = 0;
    if (fwrite(text, 1, length, json->stream) != length) json->error = errno ? errno : EIO;
}

/* Bytes of the well-formed UTF-8 sequence at `text`, 0 if there is none. */
static size_t sequence_length(const unsigned char *text)
{
    unsigned char lead = text[0];
    if (lead < 0x80) return 1;
    size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                    : (lead & 0xF0) == 0xE0       ? 3
                    : lead >= 0xF0 && lead < 0xF5 ? 4
                                                  : 0;
    for (size_t i = 1; i < length; i++)
        if ((text[i] & 0xC0) != 0x80) return 0;
    /* Overlong forms, surrogates, beyond U+10FFFF. */
    if ((lead == 0xE0 && text[1] < 0xA0) || (lead == 0xED && text[1] > 0x9F) ||
        (lead == 0xF0 && text[1] < 0x90) || (lead == 0xF4 && text[1] > 0x8F))
        return 0;
    return length;
}

static void put_escaped(umi_json *json, unsigned char byte)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *found = memchr(plain, byte, sizeof plain - 1);
    char text[8];
    int length = found ? snprintf(text, sizeof text, "\\%c", letter[found - plain])
                       : snprintf(text, sizeof text, "\\u%04x", byte);
    put(json, text, (size_t)length);
}

static void put_string(umi_json *json, const char *text)
{
    put(json, "\"", 1);
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        size_t length = sequence_length(at);
        if (length == 0)
            put(json, "\\ufffd", 6);
        else if (*at < 0x20 || *at == 0x7f || *at == '"' || *at == '\\')
            put_escaped(json, *at);
        else
            put(json, (const char *)at, length);
        at += length ? length : 1;
    }
    put(json, "\"", 1);
}

static void begin_value(umi_json *json, const char *key)
{
    if (json->comma) put(json, ", ", 2);
    json->comma = true;
    if (!key) return;
    put_string(json, key);
    put(json, ": ", 2);
}

void umi_json_open(umi_json *json, const char *key, char bracket)
{
    begin_value(json, key);
    put(json, &bracket, 1);
    json->comma = false;
}

void umi_json_close(umi_json *json, char bracket)
{
    put(json, &bracket, 1);
    json->comma = true;
}

void umi_json_null(umi_json *json, const char *key)
{
    begin_value(json, key);
    put(json, "null", 4);
}

void umi_json_boolean(umi_json *json, const char *key, bool value)
{
    begin_value(json, key);
    put(json, value ? "true" : "false", value ? 4 : 5);
}

void umi_json_number(umi_json *json, const char *key, double value)
{
    char text[UMI_NUMBER_ROOM];
    int length = umi_number_format(value, text);
    begin_value(json, key);
    if (length > 0)
        put(json, text, (size_t)length);
    else
        put(json, "null", 4);
}

void umi_json_integer(umi_json *json, const char *key, int64_t value)
{
    char text[UMI_NUMBER_ROOM];
    int length = snprintf(text, sizeof text, "%" PRId64, value);
    begin_value(json, key);
    put(json, text, (size_t)length);
}

void umi_json_text(umi_json *json, const char *key, const char *text)
{
    if (!text) {
        umi_json_null(json, key);
        return;
    }
    begin_value(json, key);
    put_string(json, text);
}

void umi_json_numbers(umi_json *json, const char *key, const double *values, size_t count)
{
    umi_json_open(json, key, '[');
    for (size_t i = 0; i < count && !json->error; i++) umi_json_number(json, NULL, values[i]);
    umi_json_close(json, ']');
}

void umi_json_matrix(umi_json *json, const char *key, const double *values, size_t rows,
                     size_t columns)
{
    umi_json_open(json, key, '[');
    for (size_t i = 0; i < rows && !json->error; i++)
        umi_json_numbers(json, NULL, values + i * columns, columns);
    umi_json_close(json, ']');
}

void umi_json_finish(umi_json *json)
{
    put(json, "\n", 1);
    errno = 0;
    if (!json->error && fflush(json->stream) != 0) json->error = errno ? errno : EIO;
}
