/* Small runs of every kind, and results compared number by number. */
#ifndef UM_TEST_RUN_CASES_H
#define UM_TEST_RUN_CASES_H

#include "umaser/charge.h"

typedef enum test_run_kind {
    TEST_RUN_RESONANT,       /* coherent atoms, vacuum */
    TEST_RUN_INCOHERENT,     /* populations alone */
    TEST_RUN_DETUNED,        /* switching work */
    TEST_RUN_HERMITIAN,      /* coherent start with a phase, atoms with another */
    TEST_RUN_LADDER,         /* finite: the wall is real */
    TEST_RUN_CUSTOM,         /* uneven levels */
    TEST_RUN_RABI,           /* locked frame */
    TEST_RUN_RABI_LAB,       /* the map depends on time */
    TEST_RUN_STAGES,         /* three, each with its own atoms, coupling and stream */
    TEST_RUN_PROTOCOL,       /* all kinds of stages, an environment */
    TEST_RUN_KINDS
} test_run_kind;

typedef struct test_run_case {
    const char *name;
    um_spec spec;
    um_stage stages[6];
    double energies[40], lowering[40];
} test_run_case;

/* Collisions of the Rabi model cost much more: there are fewer. */
#define TEST_RUN_RABI_COLLISIONS(collisions) ((collisions) / 10)

/* A description to be changed and made a model of; collisions in all. */
void test_run_case_make(test_run_kind kind, int64_t collisions, test_run_case *made);

/* Ends the run; the one that an archive of it makes. */
um_run *test_run_reload(um_context *ctx, um_run *run, const um_model *model);

um_model *test_run_model(um_context *ctx, const um_spec *spec);

/* A run that went to its end. */
typedef struct test_run_done {
    um_model *model;
    um_run *run;
    const um_result *result;
} test_run_done;

test_run_done test_run_execute(um_context *ctx, const um_spec *spec, bool plateaus);
void test_run_done_destroy(test_run_done *done);

/* Every number bit for bit, except the wall clock; fails the test. */
void test_same_result(const char *what, const um_result *a, const um_result *b);
void test_same_state(const char *what, const um_state *a, const um_state *b);

#endif
