/* climb: whether a battery is on its way out of all levels it may have, or out of those that a leap
 * can have, seen from its energies so far and from where it is. A guess: it decides what is tried
 * and when a run is given up, never a number. */
#ifndef UMI_CLIMB_H
#define UMI_CLIMB_H

#include "charge/run.h"

typedef struct umi_climb {
    bool ahead;  /* it gets to the top before the stage is over, if it goes on like this */
    bool gone;   /* too much is above all levels that a leap can have */
    double top;  /* collision of the stage at which, about; of meaning only then */
    double area; /* of the window */
    double cost; /* of a collision, as elements of the state that a stencil passes over */
} umi_climb;

/* After stage_done >= 4 collisions of the stage. */
umi_climb umi_climb_look(const um_run *run);
/* What the collisions to twice as many cost, or to the top, in elements of the state. */
double umi_climb_work(const um_run *run, const umi_climb *climb);

#endif
