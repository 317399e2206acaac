/* Comm messages: from Lua values to the host, and from the host as Lua values. */
#ifndef LUA_COMM_MESSAGE_H
#define LUA_COMM_MESSAGE_H

#include "session.h"

enum comm_message_kind {
    COMM_OPEN,
    COMM_MSG,
    COMM_CLOSE,
};

/* Prepares the state. All functions may raise. */
void comm_message_open(lua_State *L);

/* Raises when no cell and no comm's function runs: what is sent then would belong to nothing. */
void comm_message_check_place(lua_State *L);

/*
 * Sends data, buffers and metadata, which are at `first` and the two indices after it: a table or nil,
 * a string, a list of strings or nil, a table or nil.
 */
void comm_message_send(lua_State *L, enum comm_message_kind kind, struct hilum_str id,
                       struct hilum_str target, int first);

/* Pushes {data = ..., metadata = ..., buffers = {...}}. */
void comm_message_push(lua_State *L, const struct hilum_comm_message *message);

#endif
