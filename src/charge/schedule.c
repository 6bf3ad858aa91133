/* Which collisions are recorded. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "charge/run.h"
#include "model/model.h"

/* The distinct round(10^(j/per_decade)), from a stage's start. */
static um_status fill_steps(um_context *ctx, const um_record *record, umi_schedule *schedule)
{
    enum { DECADES = 16 };
    schedule->at = UMI_NEW_ARRAY(ctx, int64_t, (size_t)(DECADES * record->per_decade));
    if (!schedule->at) return UM_ERROR_MEMORY;
    for (int j = 0; j < DECADES * record->per_decade; j++) {
        int64_t step = (int64_t)nearbyint(pow(10, (double)j / record->per_decade));
        size_t count = schedule->count;
        if (count == 0 || schedule->at[count - 1] < step)
            schedule->at[schedule->count++] = step;
    }
    schedule->list = schedule->at;
    return UM_OK;
}

/* First place in the list with more than `after`. */
static size_t place_after(const int64_t *list, size_t count, int64_t after)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list[middle] <= after)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int64_t records_of(const umi_schedule *schedule, const um_spec *spec, const um_stage *stage)
{
    bool log = schedule->mode == UM_RECORD_LOG;
    switch (stage->kind) {
    case UM_STAGE_STORE:
        return spec->record.per_decade;
    case UM_STAGE_DRIVE:
        return 1;
    default:
        if (stage->collisions == 0) return 0;
        if (!log) return stage->collisions;
        return (int64_t)place_after(schedule->list, schedule->count, stage->collisions - 1) + 1;
    }
}

static int64_t count_records(const umi_schedule *schedule, const um_spec *spec)
{
    int64_t sum = 1;
    for (size_t i = 0; i < spec->stages_count; i++) {
        const um_stage *stage = &spec->stages[i];
        if (schedule->mode != UM_RECORD_LIST || !umi_stage_has_collisions(stage))
            sum += records_of(schedule, spec, stage);
    }
    return schedule->mode == UM_RECORD_LIST ? sum - 1 + (int64_t)schedule->count : sum;
}

um_status umi_schedule_create(um_context *ctx, const um_spec *spec, umi_schedule *schedule)
{
    const um_record *record = &spec->record;
    *schedule = (umi_schedule){.mode = record->mode};
    for (size_t i = 0; i < spec->stages_count; i++) schedule->total += spec->stages[i].collisions;
    if (record->mode == UM_RECORD_LOG) UMI_TRY(fill_steps(ctx, record, schedule));
    if (record->mode == UM_RECORD_LIST) {
        schedule->list = record->at;
        schedule->count = record->at_count;
    }
    schedule->records = count_records(schedule, spec);
    return UM_OK;
}

void umi_schedule_enter(umi_schedule *schedule, int64_t start, int64_t collisions)
{
    schedule->start = start;
    schedule->end = start + collisions;
    schedule->next = 0;
}

bool umi_schedule_has(umi_schedule *schedule, int64_t collision)
{
    bool log = schedule->mode == UM_RECORD_LOG;
    if (schedule->mode == UM_RECORD_EVERY) return true;
    if (log && (collision == 0 || collision == schedule->end)) return true;
    int64_t wanted = log ? collision - schedule->start : collision;
    while (schedule->next < schedule->count && schedule->list[schedule->next] < wanted)
        schedule->next++;
    return schedule->next < schedule->count && schedule->list[schedule->next] == wanted;
}

int64_t umi_schedule_next(const umi_schedule *schedule, int64_t after, int64_t other)
{
    if (schedule->mode == UM_RECORD_EVERY) return after + 1 < other ? after + 1 : other;
    int64_t start = schedule->mode == UM_RECORD_LOG ? schedule->start : 0;
    return start + umi_list_next(schedule->list, schedule->count, after - start, other - start);
}

bool umi_list_has(const int64_t *list, size_t count, int64_t collision)
{
    size_t place = place_after(list, count, collision);
    return place > 0 && list[place - 1] == collision;
}

int64_t umi_list_next(const int64_t *list, size_t count, int64_t after, int64_t other)
{
    size_t place = place_after(list, count, after);
    return place < count && list[place] < other ? list[place] : other;
}
