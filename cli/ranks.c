#define _GNU_SOURCE /* readlink on /proc, dlopen */
#include "ranks.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

/* To rank 0: a block is wanted; here is one; work has ended, and how. From it: the sweep as rank 0
 * sees it (kernel path, then description); a block to compute. */
enum { TAG_REQUEST = 1, TAG_BLOCK, TAG_ENDED, TAG_SWEEP, TAG_ASSIGN };

static const uint64_t none = UINT64_MAX;

/* ---- starting -------------------------------------------------------------------------------- */

static bool is_one_of_several(void)
{
    static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS"};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *text = getenv(sizes[i]);
        if (text && atoi(text) > 1) return true;
    }
    /* Slurm's own launcher tells through PMIx. */
    const char *tasks = getenv("SLURM_STEP_NUM_TASKS");
    return tasks && atoi(tasks) > 1 && getenv("PMIX_RANK");
}

static void *load(char *tried, size_t room)
{
    static const char *const places[] = {"", "../lib/umaser/", "../lib/x86_64-linux-gnu/umaser/"};
    char program[4096];
    const char *named = getenv("UMASER_MPI");
    if (named) {
        snprintf(tried, room, "%s", named);
        return dlopen(named, RTLD_NOW | RTLD_GLOBAL);
    }
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    program[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(program, '/');
    if (slash) slash[1] = '\0';
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char path[8192];
        snprintf(path, sizeof path, "%s%s%s", program, places[i], CLI_TRANSPORT_FILE);
        void *part = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
        if (part) return part;
    }
    snprintf(tried, room, "%s%s", program, CLI_TRANSPORT_FILE);
    return NULL;
}

int cli_ranks_open(const cli_options *options, const cli_transport **transport)
{
    char tried[8192] = "", words[9000];
    *transport = NULL;
    if (!is_one_of_several()) return CLI_DONE;
    void *part = load(tried, sizeof tried);
    cli_transport_opener open = NULL;
    if (part) *(void **)&open = dlsym(part, CLI_TRANSPORT_OPEN);
    if (open) *transport = open();
    if (*transport && (*transport)->size > 1) return CLI_DONE;
    if (*transport) {
        *transport = NULL;
        return CLI_DONE;
    }
    snprintf(words, sizeof words,
             "this is one of several MPI processes, and %s cannot be used: install libopenmpi-dev and "
             "openmpi-bin, and build umaser again; or use --threads, or --shard I/N",
             tried);
    return cli_refuse(options, UM_ERROR_MISSING, NULL, words);
}

/* ---- blocks as messages ---------------------------------------------------------------------- */

typedef struct packed {
    uint64_t number, first, count, width, failures;
} packed;

static char *pack(const um_sweep_block *block, size_t *bytes)
{
    packed head = {block->number, block->first, block->count, block->width, block->failures_count};
    size_t values = block->count * block->width * sizeof(double), all = sizeof head + values;
    for (size_t i = 0; i < block->failures_count; i++)
        all += 2 * sizeof(uint64_t) + strlen(block->failures[i].message) + 1;
    char *message = malloc(all), *to = message;
    *bytes = all;
    if (!message) return NULL;
    memcpy(to, &head, sizeof head), to += sizeof head;
    memcpy(to, block->values, values), to += values;
    for (size_t i = 0; i < block->failures_count; i++) {
        const um_sweep_failure *failure = &block->failures[i];
        uint64_t pair[2] = {failure->point, (uint64_t)failure->status};
        size_t length = strlen(failure->message) + 1;
        memcpy(to, pair, sizeof pair), to += sizeof pair;
        memcpy(to, failure->message, length), to += length;
    }
    return message;
}

/* Points into the message; the failures' list is to be freed with free(). */
static bool unpack(char *message, um_sweep_block *block)
{
    packed head;
    memcpy(&head, message, sizeof head);
    char *from = message + sizeof head;
    *block = (um_sweep_block){head.number, head.first, head.count, head.width, NULL,
                              head.failures, NULL};
    block->values = (double *)(void *)from;
    from += head.count * head.width * sizeof(double);
    block->failures = calloc(head.failures + 1, sizeof *block->failures);
    if (!block->failures) return false;
    for (size_t i = 0; i < head.failures; i++) {
        uint64_t pair[2];
        memcpy(pair, from, sizeof pair), from += sizeof pair;
        block->failures[i] = (um_sweep_failure){pair[0], (um_status)pair[1], from};
        from += strlen(from) + 1;
    }
    return true;
}

/* ---- rank 0 ---------------------------------------------------------------------------------- */

static um_error describe(um_status status, const char *words)
{
    um_error error = {.status = status, .line = -1, .level = -1, .collision = -1};
    snprintf(error.message, sizeof error.message, "%s", words);
    return error;
}

typedef struct lead {
    cli_sweep *it;
    const cli_transport *transport;
    um_sweep_store store;
    const um_sweep_options *options;
    um_context *ctx; /* of the thread that serves the others */
    pthread_mutex_t lock;
    size_t next, blocks;
    size_t done, failed, total, fresh; /* points, of all ranks */
    int busy;                          /* ranks that have not ended */
    um_status status;                  /* of the first that went wrong */
    um_error error;
} lead;

static void note(lead *all, um_status status, const um_error *error)
{
    if (all->status != UM_OK) return;
    all->status = status;
    all->error = *error;
}

/* Under the lock. */
static size_t take_next(lead *all)
{
    if (all->status != UM_OK) return SIZE_MAX;
    while (all->next < all->blocks && all->store.has(all->store.self, all->next)) all->next++;
    return all->next < all->blocks ? all->next++ : SIZE_MAX;
}

static void count_block(lead *all, const um_sweep_block *block)
{
    all->done += block->count;
    all->fresh += block->count;
    all->failed += block->failures_count;
}

static size_t own_next(void *user)
{
    lead *all = user;
    pthread_mutex_lock(&all->lock);
    size_t number = take_next(all);
    pthread_mutex_unlock(&all->lock);
    return number;
}

static bool own_has(void *self, size_t number)
{
    (void)self, (void)number;
    return false;
}

static um_status own_put(void *self, um_context *ctx, const um_sweep_block *block)
{
    lead *all = self;
    pthread_mutex_lock(&all->lock);
    um_status status = all->store.put(all->store.self, ctx, block);
    if (status == UM_OK)
        count_block(all, block);
    else
        note(all, status, um_context_get_error(ctx));
    pthread_mutex_unlock(&all->lock);
    return status;
}

static bool own_look(void *user, const um_sweep_progress *now)
{
    lead *all = user;
    pthread_mutex_lock(&all->lock);
    um_sweep_progress whole = {all->done, all->total, all->failed, now->seconds, all->fresh};
    bool go_on = all->status == UM_OK;
    pthread_mutex_unlock(&all->lock);
    return go_on && all->options->monitor(all->options->user, &whole);
}

static void serve_block(lead *all, char *message)
{
    um_sweep_block block;
    if (unpack(message, &block)) {
        own_put(all, all->ctx, &block);
        free(block.failures);
        return;
    }
    um_error error = describe(UM_ERROR_MEMORY, "out of memory for a block of another rank");
    pthread_mutex_lock(&all->lock);
    note(all, error.status, &error);
    pthread_mutex_unlock(&all->lock);
}

static void serve_end(lead *all, int rank, const void *message, size_t count)
{
    um_error error = {.status = UM_OK};
    if (count == sizeof error) memcpy(&error, message, sizeof error);
    pthread_mutex_lock(&all->lock);
    all->busy--;
    if (error.status != UM_OK) {
        char words[sizeof error.message];
        snprintf(words, sizeof words, "rank %d: %.900s", rank, error.message);
        memcpy(error.message, words, sizeof words);
        note(all, error.status, &error);
    }
    pthread_mutex_unlock(&all->lock);
}

static void serve(lead *all)
{
    int rank, tag;
    void *message;
    size_t count;
    all->transport->receive(-1, &rank, &tag, &message, &count);
    if (tag == TAG_REQUEST) {
        pthread_mutex_lock(&all->lock);
        size_t next = take_next(all);
        pthread_mutex_unlock(&all->lock);
        uint64_t number = next == SIZE_MAX ? none : next;
        all->transport->send(rank, TAG_ASSIGN, &number, sizeof number);
    }
    if (tag == TAG_BLOCK) serve_block(all, message);
    if (tag == TAG_ENDED) serve_end(all, rank, message, count);
    free(message);
}

static void announce(const lead *all)
{
    char text[256];
    snprintf(text, sizeof text, "%s", um_sweep_get_kernel());
    for (int rank = 1; rank < all->transport->size; rank++) {
        all->transport->send(rank, TAG_SWEEP, text, strlen(text) + 1);
        all->transport->send(rank, TAG_SWEEP, all->it->description,
                             strlen(all->it->description) + 1);
    }
}

/* Waiting inside MPI would take a processor of its own. */
static void *serve_all(void *user)
{
    lead *all = user;
    const struct timespec pause = {.tv_nsec = 500000};
    announce(all);
    while (all->busy > 0) {
        while (all->busy > 0 && all->transport->waits()) serve(all);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static void count_points(lead *all)
{
    size_t points = um_sweep_count_points(all->it->sweep), each = um_sweep_get_plan(all->it->sweep)->block;
    all->total = points;
    for (size_t i = 0; i < all->blocks; i++)
        if (all->store.has(all->store.self, i))
            all->done += points - i * each < each ? points - i * each : each;
}

um_status cli_ranks_lead(cli_sweep *it, const cli_transport *transport,
                         const um_sweep_options *options)
{
    lead all = {.it = it, .transport = transport, .store = um_journal_get_store(it->journal),
                .options = options, .blocks = um_sweep_count_blocks(it->sweep),
                .busy = transport->size - 1};
    um_sweep_store own = {&all, own_has, own_put};
    um_sweep_options choices = {.threads = options->threads, .monitor = own_look, .user = &all,
                                .next = own_next, .next_user = &all};
    pthread_t server;
    pthread_mutex_init(&all.lock, NULL);
    count_points(&all);
    if (um_context_create(NULL, &all.ctx) != UM_OK ||
        pthread_create(&server, NULL, serve_all, &all) != 0) {
        um_context_destroy(all.ctx);
        pthread_mutex_destroy(&all.lock);
        cli_ranks_dismiss(transport);
        it->stopped = describe(UM_ERROR_MEMORY, "there is no memory or thread to serve the other ranks");
        return it->stopped.status;
    }
    um_status status = um_sweep_run(it->ctx, it->sweep, &own, &choices);
    pthread_mutex_lock(&all.lock);
    if (status != UM_OK) note(&all, status, um_context_get_error(it->ctx));
    pthread_mutex_unlock(&all.lock);
    pthread_join(server, NULL);
    um_context_destroy(all.ctx);
    pthread_mutex_destroy(&all.lock);
    it->stopped = all.error;
    return all.status;
}

/* ---- the others ------------------------------------------------------------------------------ */

static size_t ask_next(void *user)
{
    const cli_transport *transport = user;
    int source, tag;
    void *message;
    size_t count;
    uint64_t number = none;
    transport->send(0, TAG_REQUEST, NULL, 0);
    transport->receive(0, &source, &tag, &message, &count);
    if (count == sizeof number) memcpy(&number, message, sizeof number);
    free(message);
    return number == none ? SIZE_MAX : (size_t)number;
}

static um_status send_block(void *self, um_context *ctx, const um_sweep_block *block)
{
    (void)ctx;
    size_t bytes;
    char *message = pack(block, &bytes);
    if (!message) return UM_ERROR_MEMORY;
    const cli_transport *transport = self;
    transport->send(0, TAG_BLOCK, message, bytes);
    free(message);
    return UM_OK;
}

static bool look(void *user, const um_sweep_progress *now)
{
    (void)user, (void)now;
    return !cli_signal();
}

static um_status refuse(um_error *error, const char *words)
{
    *error = describe(UM_ERROR_CONFIG, words);
    return UM_ERROR_CONFIG;
}

/* Waits for a text of rank 0's; NULL: there is no work. */
static char *receive_text(const cli_transport *transport)
{
    int source, tag;
    void *message;
    size_t count;
    transport->receive(0, &source, &tag, &message, &count);
    if (tag == TAG_SWEEP && count > 0) return message;
    free(message);
    return NULL;
}

static um_status join(cli_sweep *it, const cli_transport *transport, um_error *error)
{
    char *kernel = receive_text(transport);
    if (!kernel) return UM_ERROR_INTERRUPTED;
    setenv("UMASER_KERNEL", kernel, 1);
    bool same = strcmp(um_sweep_get_kernel(), kernel) == 0;
    free(kernel);
    char *description = receive_text(transport);
    bool agrees = description && it->description && strcmp(description, it->description) == 0;
    free(description);
    if (!same) return refuse(error, "this machine has not the kernels of rank 0; set UMASER_KERNEL");
    if (!agrees) return refuse(error, "it reads another configuration than rank 0");
    return UM_OK;
}

int cli_ranks_follow(cli_sweep *it, const cli_transport *transport)
{
    um_sweep_store store = {(void *)transport, own_has, send_block};
    um_sweep_options choices = {.threads = it->options->threads, .monitor = look, .next = ask_next,
                                .next_user = (void *)transport};
    um_error error = {.status = UM_OK};
    um_status status = join(it, transport, &error);
    if (status == UM_ERROR_INTERRUPTED) return CLI_DONE; /* rank 0 has said why */
    cli_catch_signals();
    if (status == UM_OK) {
        status = um_sweep_run(it->ctx, it->sweep, &store, &choices);
        if (status != UM_OK) error = *um_context_get_error(it->ctx);
    }
    transport->send(0, TAG_ENDED, &error, sizeof error);
    return cli_exit_code_of_stop(status);
}

void cli_ranks_dismiss(const cli_transport *transport)
{
    for (int rank = 1; rank < transport->size; rank++) transport->send(rank, TAG_ASSIGN, NULL, 0);
}
