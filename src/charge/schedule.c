/* Which collisions are recorded. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "charge/run.h"

static int64_t total_collisions(const um_spec *spec)
{
    int64_t total = 0;
    for (size_t i = 0; i < spec->stages_count; i++) total += spec->stages[i].collisions;
    return total;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Collision 0, round(10^(j/per_decade)) from each stage's start, each stage's last. */
static size_t fill_log(const um_spec *spec, int64_t *at)
{
    size_t count = 0;
    int64_t start = 0;
    at[count++] = 0;
    for (size_t i = 0; i < spec->stages_count; i++) {
        int64_t last = spec->stages[i].collisions;
        for (int j = 0; last > 0; j++) {
            double step = nearbyint(pow(10, (double)j / spec->record.per_decade));
            if (step >= (double)last) break;
            at[count++] = start + (int64_t)step;
        }
        start += last;
        at[count++] = start;
    }
    return count;
}

um_status umi_schedule_create(um_context *ctx, const um_spec *spec, umi_schedule *schedule)
{
    const um_record *record = &spec->record;
    *schedule = (umi_schedule){.every = record->mode == UM_RECORD_EVERY,
                               .total = total_collisions(spec)};
    if (schedule->every) return UM_OK;
    size_t room = record->mode == UM_RECORD_LIST
                      ? record->at_count
                      : 1 + spec->stages_count * (size_t)(16 * record->per_decade + 2);
    schedule->at = UMI_NEW_ARRAY(ctx, int64_t, room);
    if (!schedule->at) return UM_ERROR_MEMORY;
    size_t filled = record->at_count;
    if (record->mode == UM_RECORD_LIST) {
        if (filled) memcpy(schedule->at, record->at, filled * sizeof *record->at);
    } else {
        filled = fill_log(spec, schedule->at);
    }
    qsort(schedule->at, filled, sizeof *schedule->at, compare);
    for (size_t i = 0; i < filled; i++)
        if (i == 0 || schedule->at[i] != schedule->at[i - 1])
            schedule->at[schedule->count++] = schedule->at[i];
    return UM_OK;
}

int64_t umi_schedule_records(const umi_schedule *schedule)
{
    return schedule->every ? schedule->total + 1 : (int64_t)schedule->count;
}

bool umi_schedule_has(umi_schedule *schedule, int64_t collision)
{
    if (schedule->every) return true;
    while (schedule->next < schedule->count && schedule->at[schedule->next] < collision)
        schedule->next++;
    return schedule->next < schedule->count && schedule->at[schedule->next] == collision;
}

bool umi_list_has(const int64_t *list, size_t count, int64_t collision)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == collision) return true;
    return false;
}
