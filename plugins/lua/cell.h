/* A cell: compile, run with its result shown, discard. Entries of the evaluator table. */
#ifndef LUA_CELL_H
#define LUA_CELL_H

#include "session.h"

enum hilum_status cell_compile(struct hilum_session *session, const struct hilum_source *source,
                               struct hilum_unit **unit);
enum hilum_status cell_run(struct hilum_session *session, struct hilum_unit *unit);
void cell_discard(struct hilum_session *session, struct hilum_unit *unit);

#endif
