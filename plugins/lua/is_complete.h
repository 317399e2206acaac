/* May the console run this code, or does it need more lines? */
#ifndef LUA_IS_COMPLETE_H
#define LUA_IS_COMPLETE_H

#include "session.h"

enum hilum_completeness is_complete_code(struct hilum_session *session, struct hilum_str code,
                                         struct hilum_str *indent);

#endif
