/* A team: the threads of a context, which share tasks of a few microseconds. They wait in a loop for the next
 * one, and go to sleep when none has come for a while. */
#ifndef UMI_TEAM_H
#define UMI_TEAM_H

#include "base/base.h"

/* One part of a task. It sees no context: it can neither ask for memory nor fail. */
typedef void umi_task(void *data, int part);

/* How many threads can be worth it now, the context's own included: as many as its options say, or as the system
 * grants (at least one); one while all others are left alone. They are started when somebody asks. */
int umi_team_get_size(um_context *ctx);

/* task(data, part) for each part = 0..parts-1, parts no more than umi_team_get_size has been, together; each part in
 * the same thread as last time, so that what it works on stays in that core's cache, unless that thread is late. */
void umi_team_run(um_context *ctx, umi_task *task, void *data, int parts);

/* Ends the threads. NULL: nothing. */
void umi_team_destroy(um_context *ctx);

#endif
