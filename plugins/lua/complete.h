/* Completion of names, fields, methods, keywords and table keys in brackets. */
#ifndef LUA_COMPLETE_H
#define LUA_COMPLETE_H

#include "session.h"

enum hilum_status complete_code(struct hilum_session *session, struct hilum_str code,
                                size_t cursor);

#endif
