/* Batteries with environments of every kind, and their channels as maps. */
#ifndef UM_TEST_CHANNEL_CASES_H
#define UM_TEST_CHANNEL_CASES_H

#include "check.h"

enum { CHANNEL_CASES = 10, CHANNEL_LEVELS_MAX = 200 };

typedef struct channel_case {
    const char *name;
    um_battery battery;
    um_environment environment;
    int levels;
} channel_case;

/* Kinds 0..CHANNEL_CASES-1; a ladder is a wall where its name says so, and a cavity of two levels or more is cut
 * like a matrix. */
channel_case channel_case_make(int kind, int levels);

/* For a time; averaged over waiting times of that mean, behind a collision that does nothing. */
um_map *channel_case_environment(um_context *ctx, const channel_case *it, double time);
um_map *channel_case_waiting(um_context *ctx, const channel_case *it, double mean);

#endif
