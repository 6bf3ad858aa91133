/* leap: the part of a stage that fast-forward carries.
 *
 * What a leap yields at a collision follows from the state it starts from, never from what was asked
 * or recorded before: a run that was interrupted inside it has the same bits as one that was not. */
#ifndef UMI_LEAP_H
#define UMI_LEAP_H

#include "charge/run.h"
#include "charge/trajectory.h"

/* Why a leap goes no further. */
typedef enum umi_leap_end {
    UMI_LEAP_COMPLETE, /* the stage is over */
    UMI_LEAP_LEVELS,   /* the battery climbs beyond all levels it may have */
    UMI_LEAP_NAMED,    /* ... beyond those that were named */
    UMI_LEAP_MEMORY,   /* more levels need more memory than there is */
    UMI_LEAP_BOUND     /* the compressed motion is not certain any further */
} umi_leap_end;

/* The trajectory gives every sixteenth state, from which the others are stepped, whatever is
 * recorded: results do not depend on the records, and neighbours cost a step each. */
enum { UMI_LEAP_STEPS = 16 };

typedef struct umi_leap {
    size_t stage;
    int64_t start, to;  /* collisions of the run: it carries from `start` to `to` */
    int64_t stage_done; /* at the start */
    umi_leap_end end;
    int levels, orders; /* of the trajectory */
    int room;           /* levels of the space its states are given back in, with room for steps */
    double truncation;  /* distance to the trajectory with fewer levels; NAN: not known */
    um_state *state;    /* at the start, as are the next two */
    umi_totals totals;
    umi_curve_mark curve;
    umi_trajectory *trajectory; /* NULL: to be made again */
    umi_curve_mark sampled;     /* the curve up to a point of the leap's own grid */
    umi_power power;            /* on that grid */
} umi_leap;

void umi_leap_destroy(um_context *ctx, umi_leap *leap);
/* Its trajectory, made again where it is not there. */
um_status umi_leap_build(um_run *run, umi_leap *leap);
/* From wherever it is in the leap's stage the run goes to `collision`, start < collision <= to. */
um_status umi_leap_go(um_run *run, umi_leap *leap, int64_t collision);
/* The curve as far as the run is. */
um_status umi_leap_sample(um_run *run, umi_leap *leap);
/* Whether a stage is stepped whatever its state does; not asked about counter-rotating terms. */
bool umi_leap_is_never_tried(const um_spec *spec, size_t stage);
/* The first collision after `after`, at most `last`, that something is kept of. */
int64_t umi_leap_next_wanted(const um_run *run, int64_t after, int64_t last);
/* Where it is time for a leap, or inside one: goes to the next collision that is wanted, at most
 * `until` (-1: any). went: whether it did; if not, the next collision is to be stepped. */
um_status umi_leap_advance(um_run *run, int64_t until, bool *went);

/* Points of a logarithmic grid, 2^shift of them an octave; few bits, so that powers are cheap. */
enum { UMI_GRID_COARSE = 2, UMI_GRID_FINE = 4 };
static inline int64_t umi_grid_next(int64_t point, int shift)
{
    int octave = point > 0 ? 63 - __builtin_clzll((unsigned long long)point) : 0;
    int64_t step = octave > shift ? INT64_C(1) << (octave - shift) : 1;
    return point - point % step + step;
}

/* How far a state can be carried, and with how many levels. final: no later start will be tried,
 * so that what is certain counts, however little. */
typedef struct umi_leap_space {
    umi_trajectory *trajectory; /* NULL: not even the first fits into memory */
    int64_t certain;            /* collisions from the start */
    int levels;                 /* of the largest space that was tried */
    double truncation;
    umi_leap_end end;
} umi_leap_space;
um_status umi_leap_find_space(um_run *run, int64_t collisions, bool final, umi_leap_space *space);
/* One trajectory from the state of a run; tolerance and memory as everywhere in a run. */
um_status umi_leap_compress(um_run *run, size_t stage, int64_t stage_done, const um_state *start,
                            int levels, int orders, umi_trajectory **trajectory);
double umi_leap_tolerance(const um_spec *spec, size_t stage);

#endif
