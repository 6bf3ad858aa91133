/* A sweep on several processes: rank 0 hands out blocks, computes its own, and is the only writer. */
#ifndef UMASER_CLI_RANKS_H
#define UMASER_CLI_RANKS_H

#include "sweep.h"
#include "transport.h"

/* The transport of this process; NULL if it was started alone. Returns an exit code: CLI_MISSING if
 * there are several processes and no part to connect them, said on stderr. */
int cli_ranks_open(const cli_options *options, const cli_transport **transport);

/* Rank 0's part of um_sweep_run. */
um_status cli_ranks_lead(cli_sweep *it, const cli_transport *transport,
                         const um_sweep_options *options);
/* The others', from the first message to the last; prints nothing that rank 0 prints. */
int cli_ranks_follow(cli_sweep *it, const cli_transport *transport);
/* What the others do where rank 0 fails before the first block. */
void cli_ranks_dismiss(const cli_transport *transport);

#endif
