/* The module `comm`: messages between Lua and programs in the frontend. */
#ifndef LUA_COMM_H
#define LUA_COMM_H

#include "session.h"

/* Makes the module, loaded and global. May raise. */
void comm_open(lua_State *L);

/* Entries of the evaluator table. */
enum hilum_status comm_on_open(struct hilum_session *session,
                               const struct hilum_comm_message *message);
enum hilum_status comm_on_message(struct hilum_session *session,
                                  const struct hilum_comm_message *message);
enum hilum_status comm_on_close(struct hilum_session *session,
                                const struct hilum_comm_message *message);

#endif
