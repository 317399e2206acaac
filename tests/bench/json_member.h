/*
 * Finds a member of a JSON object in place, fast enough for the timed path. It trusts the text:
 * client_verify checks, off the timed path, that messages are JSON at all.
 */
#ifndef BENCH_JSON_MEMBER_H
#define BENCH_JSON_MEMBER_H

#include "span.h"

/*
 * Sets *value to the value of the first member called `key` at the object's top level: a string
 * without its quotes and with its escapes, anything else as it stands. False when there is none.
 */
bool json_member(struct span object, const char *key, struct span *value)
    __attribute__((warn_unused_result));

#endif
