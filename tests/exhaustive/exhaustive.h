/* Every matrix unit of a small battery through a map, compared with the oracle. */
#ifndef UM_EXHAUSTIVE_H
#define UM_EXHAUSTIVE_H

#include "check.h"
#include "oracle.h"

/* What is compared, in words: printed when they differ. */
typedef struct exhaustive_case {
    char label[256];
    um_map *map;
    int levels;
    const oracle_experiment *experiment; /* of at least as many levels */
    const oracle_battery *battery;
    oracle_real start, gap;
    bool coupling; /* <V> is reported */
    double tolerance;
} exhaustive_case;

/* For every n <= m < levels: |n><m| + |m><n| and i|n><m| - i|m><n|, the image and the outcome. */
void exhaustive_compare(um_context *ctx, const exhaustive_case *the_case);

/* Makes a model of one stage of one collision. */
um_model *exhaustive_model(um_context *ctx, const um_battery *battery, const um_atoms *atoms,
                           const um_interaction *interaction, const um_stream *stream);

extern const um_atoms exhaustive_atoms[];
extern const int exhaustive_atoms_count;

extern const um_environment exhaustive_baths[];
extern const int exhaustive_baths_count;

#endif
