#include "steady/spectrum_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "steady/modes.h"

void umi_eigenvalues_free(um_context *ctx, umi_eigenvalues *list)
{
    umi_free(ctx, list->of);
    *list = (umi_eigenvalues){0};
}

um_status umi_eigenvalues_add(um_context *ctx, umi_eigenvalues *list, umi_eigenvalue value)
{
    if (list->count == list->room) {
        int room = 2 * list->room + 64;
        umi_eigenvalue *grown = UMI_NEW_ARRAY(ctx, umi_eigenvalue, (size_t)room);
        if (!grown) return UM_ERROR_MEMORY;
        if (list->count) memcpy(grown, list->of, (size_t)list->count * sizeof *grown);
        umi_free(ctx, list->of);
        list->of = grown;
        list->room = room;
    }
    list->of[list->count++] = value;
    return UM_OK;
}

/* Equal decays: the positive one first, then the upper half plane, so that the order is one. */
static int compare(const void *a, const void *b)
{
    const umi_eigenvalue *x = a, *y = b;
    if (x->decay != y->decay) return x->decay < y->decay ? -1 : 1;
    if (x->re != y->re) return x->re > y->re ? -1 : 1;
    return x->im > y->im ? -1 : x->im < y->im;
}

void umi_eigenvalues_sort(umi_eigenvalues *list)
{
    if (list->count) qsort(list->of, (size_t)list->count, sizeof *list->of, compare);
}

static bool belongs(const um_mode *mode, const umi_eigenvalue *value)
{
    double close = fmax(mode->error + value->error, 1e-9 * value->decay);
    double apart = hypot(mode->re - value->re, mode->im - value->im);
    return fabs(mode->decay - value->decay) <= close && apart <= close + 4e-15;
}

/* Whether two decays are the same as far as is known: their order says nothing. */
static bool is_beside(const um_mode *mode, const umi_eigenvalue *value)
{
    return value->decay - mode->decay <= fmax(mode->error + value->error, 1e-9 * value->decay);
}

static um_mode mode_of(const umi_eigenvalue *value)
{
    return (um_mode){
        .re = value->re,
        .im = value->im,
        .modulus = exp(-value->decay),
        .decay = value->decay,
        .relaxation = 1 / value->decay, /* infinite for 0 */
        .error = value->error,
        .multiplicity = 1,
    };
}

um_status umi_eigenvalues_group(um_context *ctx, const umi_eigenvalues *list, int wanted, bool drop,
                                um_spectrum *spectrum)
{
    spectrum->modes = UMI_NEW_ARRAY(ctx, um_mode, (size_t)list->count);
    if (!spectrum->modes) return UM_ERROR_MEMORY;
    int taken = 0;
    for (int i = 0; i < list->count; i++) {
        const umi_eigenvalue *value = &list->of[i];
        size_t same = spectrum->count;
        for (size_t j = 0; j < spectrum->count && same == spectrum->count; j++)
            if (belongs(&spectrum->modes[j], value)) same = j;
        bool conjugate = false;
        if (spectrum->count) {
            const um_mode *last = &spectrum->modes[spectrum->count - 1];
            conjugate = last->im != 0 && fabs(last->im + value->im) <= 1e-9 * fabs(last->im) &&
                        fabs(last->re - value->re) <= 1e-9;
        }
        /* All copies of what was wanted, and the other one of a pair. */
        if (taken >= wanted && same == spectrum->count && !conjugate) {
            if (!is_beside(&spectrum->modes[spectrum->count - 1], value)) break;
            continue;
        }
        if (drop && value->artificial) {
            spectrum->dropped++;
            continue;
        }
        if (!(value->error <= UMI_UNSURE)) {
            spectrum->unsure++;
            continue;
        }
        if (same < spectrum->count) {
            um_mode *mode = &spectrum->modes[same];
            mode->multiplicity++;
            mode->error = fmax(mode->error, value->error);
        } else {
            spectrum->modes[spectrum->count++] = mode_of(value);
        }
        taken++;
    }
    spectrum->eigenvalues = taken;
    return UM_OK;
}
