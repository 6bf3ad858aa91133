#include "simulate.h"

void simulation_init(simulation *s, double theta, double q, double c, int64_t collisions)
{
    memset(s, 0, sizeof *s);
    assert_int_equal(um_context_create(NULL, &s->ctx), UM_OK);
    um_spec_init(&s->spec);
    s->stage = s->spec.stages[0];
    s->spec.stages = &s->stage;
    s->stage.interaction.theta = theta;
    s->stage.atoms.q = q;
    s->stage.atoms.c = c;
    s->stage.collisions = collisions;
}

void simulation_record(simulation *s, const int64_t *at, size_t count)
{
    s->spec.record.mode = UM_RECORD_LIST;
    s->spec.record.at = at;
    s->spec.record.at_count = count;
}

void simulation_keep(simulation *s, int64_t collision)
{
    s->state_at[s->spec.record.states_count++] = collision;
    s->spec.record.states = s->state_at;
}

um_status simulation_try(simulation *s)
{
    CHECK_OK(s->ctx, um_model_create(s->ctx, &s->spec, &s->model));
    CHECK_OK(s->ctx, um_run_create(s->ctx, s->model, &s->run));
    um_status status = um_run_advance(s->run, -1, NULL, NULL);
    s->result = um_run_get_result(s->run);
    return status;
}

void simulation_run(simulation *s)
{
    CHECK_OK(s->ctx, simulation_try(s));
    CHECK_OK(s->ctx, um_run_finish(s->run, true));
    s->result = um_run_get_result(s->run);
    const um_ledger *ledger = &s->result->ledger;
    CHECK_AT_MOST(fabs(ledger->residual), 1e-12 * (1 + ledger->moduli));
    CHECK_CLOSE(ledger->battery + ledger->atoms - ledger->switching - ledger->heat - ledger->drive,
                ledger->residual, 1e-15 * (1 + ledger->moduli));
    CHECK_AT_MOST(fabs(s->result->truncation.trace_drift),
                  1e-16 * (double)s->result->collisions + 1e-15 +
                      fmax(0, s->result->truncation.error_bound)); /* NAN: not known */
}

void simulation_free(simulation *s)
{
    um_run_destroy(s->run);
    um_model_destroy(s->model);
    assert_int_equal(um_context_get_blocks(s->ctx), 0);
    um_context_destroy(s->ctx);
}

double simulation_get(const simulation *s, um_quantity quantity, int64_t collision)
{
    for (size_t i = 0; i < s->result->records; i++)
        if (s->result->collision[i] == collision) return s->result->series[quantity][i];
    fail_msg("collision %lld is not recorded", (long long)collision);
    return NAN;
}
