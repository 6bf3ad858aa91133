/* base, inside the library: memory, failures, exact sums, time. */
#ifndef UMI_BASE_H
#define UMI_BASE_H

#include "umaser/base.h"

/* Room for so many doubles, of any content. */
typedef struct umi_scratch {
    double *block;
    size_t size;
} umi_scratch;

enum { UMI_SCRATCH_KEPT = 4 };

typedef struct umi_team umi_team; /* team.h */

struct um_context {
    um_context_options options;
    um_error error;
    size_t blocks;
    umi_scratch scratch[UMI_SCRATCH_KEPT]; /* given back, for the next to take; not among the blocks */
    umi_team *team;    /* NULL until somebody asks; not among the blocks either */
    bool team_refused; /* there was no memory for it */
    double part_least; /* multiply-adds that are worth a thread of their own */
    double place_least; /* doubles of a state that a collision is rather to change in place */
};

/* Zeroed, aligned to 64 bytes; NULL (and a UM_ERROR_MEMORY failure recorded) when count * size
 * overflows or memory is out. count = 0 gives a block of one element. */
void *umi_alloc(um_context *ctx, size_t count, size_t size);
void umi_free(um_context *ctx, void *block);

/* Work space, which the context keeps if it is not large: memory fresh from the system costs as much as small
 * matrices take to be diagonalised. UM_ERROR_MEMORY as umi_alloc. Nothing to give back is no mistake. */
um_status umi_scratch_take(um_context *ctx, size_t size, umi_scratch *scratch);
void umi_scratch_give(um_context *ctx, umi_scratch *scratch);
void umi_scratch_free_all(um_context *ctx);

char *umi_strdup(um_context *ctx, const char *text);

#define UMI_NEW(ctx, type) ((type *)umi_alloc((ctx), 1, sizeof(type)))
#define UMI_NEW_ARRAY(ctx, type, count) ((type *)umi_alloc((ctx), (count), sizeof(type)))

/* Record a failure and return its status: `return umi_fail(ctx, UM_ERROR_ARG, "q = %g", q);`
 * Clears file, line, key, level, collision; set them afterwards where they apply. */
um_status umi_fail(um_context *ctx, um_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
um_status umi_fail_key(um_context *ctx, um_status status, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define UMI_TRY(call) \
    do { \
        um_status umi_try_status = (call); \
        if (umi_try_status != UM_OK) return umi_try_status; \
    } while (0)

/* Neumaier's compensated sum: add terms, read total + compensation. */
typedef struct umi_sum {
    double total, compensation;
} umi_sum;
static inline void umi_sum_add(umi_sum *sum, double term)
{
    double total = sum->total + term;
    bool larger = __builtin_fabs(sum->total) >= __builtin_fabs(term);
    double large = larger ? sum->total : term, small = larger ? term : sum->total;
    sum->compensation += (large - total) + small;
    sum->total = total;
}

static inline double umi_sum_get(const umi_sum *sum) { return sum->total + sum->compensation; }

/* Seconds of a clock that never goes back. */
double umi_seconds(void);

/* Instruction sets that kernels are compiled for (src/<module>/kernels/), from slow to fast. */
typedef enum umi_instructions { UMI_REFERENCE, UMI_AVX2, UMI_AVX512, UMI_INSTRUCTIONS } umi_instructions;

const char *umi_instructions_get_name(umi_instructions set);
bool umi_instructions_are_there(umi_instructions set);
/* The fastest set this machine has, or the one named by the environment variable UMASER_KERNEL. */
umi_instructions umi_instructions_choose(void);

static inline int umi_min(int a, int b) { return a < b ? a : b; }
static inline int umi_max(int a, int b) { return a > b ? a : b; }

#endif
