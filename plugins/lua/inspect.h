/* What is known about the name at the cursor: signature, documentation, value, source. */
#ifndef LUA_INSPECT_H
#define LUA_INSPECT_H

#include "session.h"

enum hilum_status inspect_code(struct hilum_session *session, struct hilum_str code, size_t cursor,
                               int detail_level);

#endif
