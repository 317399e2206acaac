/*
 * Answers aside: while the session runs a cell, its checkpoint answers what is asked about the state
 * before that cell. It does so in a copy of its own, so that what the answer runs (a metamethod, say)
 * can change nothing, may crash, and may take too long.
 */
#ifndef HILUM_WORKER_ASIDE_H
#define HILUM_WORKER_ASIDE_H

#include "evaluator/link.h"

struct worker;

/* Answers `request` over the worker's link: with the copy's reply, or with one of status "error" when
 * it does not come. When something else arrives on the link meanwhile, there is no answer. */
void aside_answer(struct worker *worker, const struct link_message *request);

#endif
