/* The JSON summary of a sweep (docs/results.md). */
#include "io/json_result.h"
#include "umaser/io.h"

static void put_status(umi_json *json, const um_journal_status *status)
{
    umi_json_integer(json, "points", (int64_t)status->points);
    umi_json_integer(json, "done", (int64_t)status->done);
    umi_json_integer(json, "failed", (int64_t)status->failed);
    umi_json_boolean(json, "complete", status->complete);
    umi_json_number(json, "seconds", status->seconds);
    umi_json_number(json, "rate", status->rate);
    umi_json_number(json, "seconds_left", (double)(status->points - status->done) / status->rate);
    umi_json_integer(json, "shard", status->shard);
    umi_json_integer(json, "shards", status->shards);
    umi_json_text(json, "kernel", status->kernel);
}

um_status um_sweep_write_json(um_context *ctx, const um_journal_status *status,
                              const um_sweep_failure *failures, size_t count, const char *output,
                              const um_error *error, int exit_code, FILE *stream)
{
    umi_json_summary summary;
    umi_json *json = umi_json_begin(&summary, stream, error, UM_OK, exit_code);
    if (status) put_status(json, status);
    umi_json_text(json, "output", output);
    umi_json_open(json, "failures", '[');
    for (size_t i = 0; i < count; i++) {
        umi_json_open(json, NULL, '{');
        umi_json_integer(json, "point", (int64_t)failures[i].point);
        umi_json_text(json, "status", um_status_get_name(failures[i].status));
        umi_json_text(json, "message", failures[i].message);
        umi_json_close(json, '}');
    }
    umi_json_close(json, ']');
    return umi_json_end(ctx, &summary);
}
