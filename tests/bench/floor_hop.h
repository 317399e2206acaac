/* A process at the other end of a socket pair that answers everything at once. */
#ifndef BENCH_FLOOR_HOP_H
#define BENCH_FLOOR_HOP_H

#include "span.h"

/* Starts the process, which ends with this one, and returns the socket to it. */
int floor_hop_start(void);

/* One round trip; waits for the answer. */
void floor_hop_ask(int socket, struct span question);

#endif
