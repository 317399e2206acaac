/* Completion of names, fields, methods, keywords, and in strings of table keys, modules and files. */
#ifndef LUA_COMPLETE_H
#define LUA_COMPLETE_H

#include "session.h"

enum hilum_status complete_code(struct hilum_session *session, struct hilum_str code,
                                size_t cursor);

#endif
