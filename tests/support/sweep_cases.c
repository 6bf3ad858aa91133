#include "sweep_cases.h"

#include <unistd.h>

um_status test_sweep_create(um_context *ctx, const char *text, test_sweep *made)
{
    um_sweep_plan plan;
    *made = (test_sweep){0};
    um_status status = um_config_parse(ctx, text, strlen(text), "sweep.yaml", NULL, 0, &made->config);
    if (status == UM_OK) status = um_config_get_plan(ctx, made->config, &plan);
    if (status == UM_OK)
        status = um_sweep_create(ctx, &plan, um_config_create_point, made->config, &made->sweep);
    if (status == UM_OK)
        status = um_config_format_sweep(ctx, made->config, 0, &made->description);
    if (status == UM_OK) status = um_config_format_source(ctx, made->config, &made->source);
    return status;
}

void test_sweep_destroy(um_context *ctx, test_sweep *made)
{
    um_sweep_destroy(made->sweep);
    um_config_destroy(made->config);
    um_text_destroy(ctx, made->description);
    um_text_destroy(ctx, made->source);
    *made = (test_sweep){0};
}

um_journal_header test_sweep_header(const test_sweep *of)
{
    return (um_journal_header){.description = of->description,
                               .name = "sweep.yaml",
                               .source = of->source,
                               .kernel = um_sweep_get_kernel(),
                               .shards = 1};
}

um_status test_sweep_compute(um_context *ctx, const test_sweep *of, const char *path,
                             um_journal **journal)
{
    um_journal_header header = test_sweep_header(of);
    um_status status = um_journal_open(ctx, path, of->sweep, &header, journal);
    if (status != UM_OK) return status;
    um_sweep_store store = um_journal_get_store(*journal);
    status = um_sweep_run(ctx, of->sweep, &store, NULL);
    if (status == UM_OK) return UM_OK;
    um_journal_close(*journal);
    *journal = NULL;
    return status;
}

void test_sweep_remove_journal(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    char name[2048];
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}
