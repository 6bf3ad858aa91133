/* A good description, to be changed and tried: models made of it, refused ones. */
#ifndef UM_TEST_MODEL_CASES_H
#define UM_TEST_MODEL_CASES_H

#include "context.h"

static um_stage stage;
static um_spec spec;

/* Makes the description good again; every program has its own. */
static void restore(void);

static int setup_model(void **state)
{
    restore();
    return setup(state);
}

static um_model *create(void)
{
    um_model *model = NULL;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    assert_non_null(model);
    return model;
}

/* The stage with every value filled in; its samples are gone. */
static um_stage resolved(void)
{
    um_model *model = create();
    um_stage copy = um_model_get_spec(model)->stages[0];
    um_model_destroy(model);
    copy.imperfections.theta_samples = NULL;
    return copy;
}

static uint64_t digest(void)
{
    um_model *model = create();
    uint64_t value = um_model_get_digest(model);
    um_model_destroy(model);
    return value;
}

static void refused(const char *key, const char *part)
{
    um_model *model = (um_model *)&spec;
    CHECK_STATUS(ctx, um_model_create(ctx, &spec, &model), UM_ERROR_CONFIG);
    assert_null(model);
    const um_error *error = um_context_get_error(ctx);
    assert_string_equal(error->key, key);
    if (!strstr(error->message, part)) fail_msg("'%s' does not say '%s'", error->message, part);
    assert_int_equal(um_context_get_blocks(ctx), 0);
    restore();
}

/* Refused with what is assigned changed in a good description. */
#define REFUSED(assignments, key, part) (restore(), (void)(assignments), refused(key, part))

#endif
