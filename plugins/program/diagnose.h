/* Diagnostics of the program's, and its errors, as those of an evaluator. */
#ifndef PROGRAM_DIAGNOSE_H
#define PROGRAM_DIAGNOSE_H

#include "session.h"

/* The content of a `diagnostic` message. */
void diagnose(struct hilum_session *session, const json_t *content);

/* ename, evalue and traceback of `content`, as a reply or an `error` message has them. */
void diagnose_error(struct hilum_session *session, const json_t *content);

#endif
