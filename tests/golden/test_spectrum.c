/* Leading eigenvalues against the golden spectra: moduli of the whole truncated map, artificial
 * modes of its top among them. */
#include <cjson/cJSON.h>

#include "check.h"
#include "context.h"
#include "golden_cases.h"

/* The reference is a dense eigenvalue problem in double: good to 1e-10 for modes that are not
 * alone. */
#define TOLERANCE 1e-9

static double number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (!cJSON_IsNumber(item)) fail_msg("golden.json: no number %s", key);
    return item->valuedouble;
}

static um_spectrum solve(const cJSON *params, int eigenvalues)
{
    um_spec spec;
    um_spec_init(&spec);
    um_stage stage = spec.stages[0];
    spec.stages = &stage;
    stage.atoms.q = number(params, "q");
    stage.atoms.c = number(params, "c");
    stage.interaction.theta = number(params, "theta");
    um_model *model;
    um_spectrum spectrum;
    CHECK_OK(ctx, um_model_create(ctx, &spec, &model));
    CHECK_OK(ctx, um_spectrum_solve(ctx, model, 0, (int)number(params, "levels"), eigenvalues,
                                    false, &spectrum));
    um_model_destroy(model);
    return spectrum;
}

static void test_moduli(void **state)
{
    (void)state;
    cJSON *json = golden_parse(), *item;
    int cases = 0;
    cJSON_ArrayForEach(item, json)
    {
        const cJSON *moduli = cJSON_GetObjectItemCaseSensitive(item, "leading_moduli");
        if (!moduli) continue;
        int wanted = cJSON_GetArraySize(moduli), found = 0;
        um_spectrum spectrum = solve(cJSON_GetObjectItemCaseSensitive(item, "params"), wanted);
        assert_true(spectrum.eigenvalues >= wanted);
        for (size_t i = 0; i < spectrum.count; i++)
            for (int m = 0; m < spectrum.modes[i].multiplicity && found < wanted; m++)
                CHECK_CLOSE(spectrum.modes[i].modulus,
                            cJSON_GetArrayItem(moduli, found++)->valuedouble, TOLERANCE);
        assert_int_equal(found, wanted);
        um_spectrum_clear(ctx, &spectrum);
        cases++;
    }
    cJSON_Delete(json);
    assert_int_equal(cases, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_moduli)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
