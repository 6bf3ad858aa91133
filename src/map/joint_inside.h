/* The joint dynamics of one coherence order, for joint*.c alone. */
#ifndef UMI_JOINT_INSIDE_H
#define UMI_JOINT_INSIDE_H

#include "map/joint.h"
#include "map/joint_times.h"

/* Component of <n, s| rho |m, t>, n + s = L; s, t: 0 g, 1 e. */
enum { UMI_GG, UMI_GE, UMI_EG, UMI_EE };

typedef struct umi_joint {
    um_context *ctx;
    const umi_collision *it;
    double *lowering; /* d_0 .. d_N; d_N = 0 at a wall */
    double *shift;    /* (E_n - E_0 - n) omega */
    umi_times times;
    umi_band generator, work[UMI_BAND_MEAN_WORK]; /* the last one for several times only */
    umi_band *change; /* the mean of exp(time generator) - 1 of the order in hand */
    double complex *memory; /* vectors over order 0, UMI_JOINT_VECTORS of them */
    size_t length;          /* of each */
} umi_joint;

static inline int umi_joint_index(int excitations, int component)
{
    return UMI_BAND_BLOCK * excitations + component;
}

/* Fills `band` with the generator of order j, or with what the environment alone does. */
void umi_joint_fill(const umi_joint *joint, int order, bool environment_alone, umi_band *band);

/* <L,R| elements with both levels inside the space. */
static inline bool umi_joint_is_inside(const umi_joint *joint, int order, int excitations, int component)
{
    int n = excitations - (component >> 1), m = excitations + order - (component & 1);
    return n >= 0 && m >= 0 && n < joint->it->levels && m < joint->it->levels;
}

/* Row vectors over order 0: integrals over the collision, <V>; then room for two more. */
enum { UMI_JOINT_CHANGE, UMI_JOINT_HEAT, UMI_JOINT_LOST, UMI_JOINT_INTEGRALS };
enum { UMI_JOINT_COUPLING = UMI_JOINT_INTEGRALS, UMI_JOINT_SCRATCH, UMI_JOINT_VECTORS = UMI_JOINT_SCRATCH + 2 };

static inline double complex *umi_joint_vector(const umi_joint *joint, int index)
{
    return joint->memory + (size_t)index * joint->length;
}

/* Before the exponential of order 0: the integrals' vectors. After it: trace and readouts. */
void umi_joint_start_integrals(umi_joint *joint);
void umi_joint_mend_trace(umi_joint *joint);
void umi_joint_read_energies(umi_joint *joint, umi_table *table, double weight);
/* After the exponential of order 1. */
void umi_joint_read_coherence(umi_joint *joint, umi_table *table, double weight);

#endif
