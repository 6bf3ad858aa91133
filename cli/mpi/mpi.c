/* Messages between ranks over MPI: the loadable part umaser_mpi.so. */
#include <limits.h>
#include <mpi.h>
#include <stdlib.h>
#include <string.h>

#include "transport.h"

const cli_transport *umaser_transport_open(void);

/* Blocks are far smaller; an int counts what MPI sends. */
static void send_bytes(int to, int tag, const void *bytes, size_t count)
{
    MPI_Send(bytes, count < INT_MAX ? (int)count : INT_MAX, MPI_BYTE, to, tag, MPI_COMM_WORLD);
}

static void receive_bytes(int from, int *source, int *tag, void **bytes, size_t *count)
{
    MPI_Status status;
    int length;
    MPI_Probe(from < 0 ? MPI_ANY_SOURCE : from, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
    MPI_Get_count(&status, MPI_BYTE, &length);
    *bytes = malloc((size_t)length + 1);
    if (!*bytes) MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_Recv(*bytes, length, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD, &status);
    *source = status.MPI_SOURCE;
    *tag = status.MPI_TAG;
    *count = (size_t)length;
}

static bool waits(void)
{
    int flag = 0;
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &flag, MPI_STATUS_IGNORE);
    return flag != 0;
}

static void end(void) { MPI_Finalize(); }

const cli_transport *umaser_transport_open(void)
{
    static cli_transport made = {.send = send_bytes, .receive = receive_bytes, .waits = waits, .close = end};
    int level;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &level) != MPI_SUCCESS) return NULL;
    if (level < MPI_THREAD_SERIALIZED) return NULL;
    MPI_Comm_rank(MPI_COMM_WORLD, &made.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &made.size);
    return &made;
}
