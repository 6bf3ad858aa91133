/* branch: the leading eigenvalues of one sector of a map: all modes in double, those next to +1 and
 * -1 once more in wide arithmetic. */
#ifndef UMI_STEADY_SPECTRUM_BRANCH_H
#define UMI_STEADY_SPECTRUM_BRANCH_H

#include "steady/slow.h"
#include "steady/spectrum_list.h"

/* The map whose spectrum it is. */
typedef struct umi_subject {
    um_context *ctx;
    const um_model *model;
    size_t stage;
    int levels;
    bool rabi, still;
    /* A truncated space: from level `top` on there is what the truncation made. */
    bool truncated, has_trap;
    int top, regions;
    int closed; /* parts of the space that nothing leaves: as many eigenvalues are exactly 1 */
} umi_subject;

typedef struct umi_branch {
    const umi_subject *about;
    umi_layout layout;
    umi_sector sector;
    umi_modes modes;
    umi_generator generator; /* of maps that have one */
    umi_ordering *ordering;
    umi_elimination *inverse[2]; /* next to +1, to -1 */
    int slow[2];           /* modes next to +1, to -1: those of of[0], of[1] */
    umi_eigenvalues of[3]; /* the last: all others */
    int wanted, pole; /* pole: the one that an inverse is used of */
    bool looked[2], has_near[2]; /* for those next to it; all are found */
    bool sure;    /* looked for others */
    double floor; /* every eigenvalue of larger modulus is there, if sure; 0: all are */
} umi_branch;

/* branch stays where it is until it is freed. */
um_status umi_branch_create(const umi_subject *about, const umi_layout *layout, umi_branch *branch);
void umi_branch_free(umi_branch *branch);
/* Those next to +1 and -1 alone, which are cheap, with room for so many and some more: they are in
 * of[0] and of[1]. Nothing is known of others. */
um_status umi_branch_look_near(umi_branch *branch, int wanted);
/* At least so many of the leading ones, as far as they are next to +1 and -1; all if `sure`. What an
 * earlier call found is used again. */
um_status umi_branch_solve(umi_branch *branch, int wanted, bool sure);

/* The eigenvalues of slow modes: branch->of[0] or [1], depending on the pole. */
um_status umi_branch_add_slow(umi_branch *branch, const umi_slow *slow);
/* ... into a list. exact: how many are known to be 1. above: which elements are above the last trap. */
um_status umi_subject_add_slow(const umi_subject *about, const umi_slow *slow, int exact,
                               const bool *above, umi_eigenvalues *list);

/* How much of a mode is anywhere, at the top, and in its last row: squares. */
typedef struct umi_weight {
    double all, top, rim;
} umi_weight;
/* A mode that decays lives where its matrix is: whether the truncation made it. */
bool umi_subject_made_it(const umi_subject *about, umi_weight w, double decay);

#endif
