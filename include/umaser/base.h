/* base: status codes, the context every call works in, messages.
 *
 * Every function of the library that can fail returns a um_status and leaves a message in its
 * context. The library never prints, exits or aborts. A context is not shared between threads
 * that use it at the same time.
 *
 * Contracts stand in the headers, in fixed fields:
 *   computes  what, as a formula        in   arguments: shape, layout, unit, range
 *   out       results                   aliasing   what may overlap
 *   owner     who frees what            errors     each status and why
 *   cost      operations                source     equation or paper ("-": own)
 *   equals    (optional) a slower call with the same result; it is a test
 */
#ifndef UMASER_BASE_H
#define UMASER_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define UM_API __attribute__((visibility("default")))
#else
#define UM_API
#endif

#define UM_VERSION "0.1.0"

/* One list: enumerator, short name (used in JSON), what it means. */
#define UM_STATUS_LIST(X) \
    X(UM_OK, "done", "success") \
    X(UM_ERROR_ARG, "argument", "the caller passed a value outside the contract") \
    X(UM_ERROR_CONFIG, "configuration", "the configuration or command line is wrong") \
    X(UM_ERROR_UNSUPPORTED, "unsupported", "the feature is not in this version") \
    X(UM_ERROR_DOMAIN, "domain", "no such answer exists") \
    X(UM_ERROR_NOCONV, "accuracy", "the accuracy asked for was not reached") \
    X(UM_ERROR_MEMORY, "memory", "out of memory") \
    X(UM_ERROR_IO, "io", "input or output failed") \
    X(UM_ERROR_MISSING, "missing", "an external part is missing") \
    X(UM_ERROR_INTERRUPTED, "interrupted", "stopped by the caller") \
    X(UM_ERROR_INTERNAL, "internal", "an internal check failed")

#define UM_STATUS_ENUMERATOR(code, name, text) code,
typedef enum um_status { UM_STATUS_LIST(UM_STATUS_ENUMERATOR) UM_STATUS_COUNT } um_status;
#undef UM_STATUS_ENUMERATOR

typedef struct um_context um_context;

/* What went wrong last. Strings are empty and numbers -1 where they do not apply. */
typedef struct um_error {
    um_status status;
    char message[1024]; /* one sentence or two, for a person */
    char file[512];     /* the user's file */
    int line;           /* 1-based line in it */
    char key[256];      /* configuration key path, "atoms.q" */
    int level;          /* battery level where truncation failed */
    int64_t collision;  /* collision at which it happened */
} um_error;

/* Zero-initialised: malloc and free, one thread, seed 0. */
typedef struct um_context_options {
    void *(*allocate)(void *user, size_t bytes); /* NULL: malloc */
    void (*release)(void *user, void *block);    /* NULL: free */
    void *user;
    int threads;   /* 0: one; several share large collisions, with the same bits */
    uint64_t seed; /* of every random choice made under this context */
} um_context_options;

/**
 * computes  a new context
 * in        options: may be NULL for the defaults
 * out       context: set on success, NULL otherwise
 * aliasing  options is copied
 * owner     the caller, who ends it with um_context_destroy
 * errors    UM_ERROR_ARG context is NULL, or only one of allocate and release is given, or
 *           threads < 0; UM_ERROR_MEMORY
 * cost      O(1)
 * source    -
 */
UM_API um_status um_context_create(const um_context_options *options, um_context **context);

/**
 * computes  nothing; ends the context
 * in        context: may be NULL; every object made under it is destroyed before
 * out       -
 * aliasing  -
 * owner     the context and its messages are gone
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API void um_context_destroy(um_context *context);

/**
 * computes  what the last failing call under this context said
 * in        context: not NULL
 * out       returns a pointer that stays valid until the context is destroyed; its content is
 *           that of the last failure (status UM_OK and empty if none)
 * aliasing  -
 * owner     the context
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API const um_error *um_context_get_error(const um_context *context);

/**
 * computes  how many blocks are allocated under this context and not yet released
 * in        context: not NULL
 * out       returns the number; 0 when every object has been destroyed
 * aliasing  -
 * owner     -
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API size_t um_context_get_blocks(const um_context *context);

/**
 * computes  the short name of a status, "done", "configuration", ... (a JSON word)
 * in        status: any value
 * out       returns a static string; "unknown" outside the list
 * aliasing  -
 * owner     static
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API const char *um_status_get_name(um_status status);

/**
 * computes  one line that says what a status means
 * in        status: any value
 * out       returns a static string
 * aliasing  -
 * owner     static
 * errors    none
 * cost      O(1)
 * source    -
 */
UM_API const char *um_status_get_text(um_status status);

#ifdef __cplusplus
}
#endif
#endif
