/* How the processes of one sweep talk: messages between ranks. What carries them (MPI) is a part of
 * its own that is loaded only where several processes were started. */
#ifndef UMASER_CLI_TRANSPORT_H
#define UMASER_CLI_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cli_transport {
    int rank, size;
    /* Returns when the bytes may be reused. */
    void (*send)(int to, int tag, const void *bytes, size_t count);
    /* Waits for a message from `from` (-1: from anyone). */
    void (*receive)(int from, int *source, int *tag, void **bytes, size_t *count); /* free(*bytes) */
    bool (*waits)(void); /* whether a message is there */
    void (*close)(void);
} cli_transport;

/* The name of the loadable part, and of the function in it: NULL if it cannot start. Calls may come
 * from any thread, one at a time. */
#define CLI_TRANSPORT_FILE "umaser_mpi.so"
#define CLI_TRANSPORT_OPEN "umaser_transport_open"
typedef const cli_transport *(*cli_transport_opener)(void);

#endif
