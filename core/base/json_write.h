/* Writes JSON text into a buffer. The caller writes the punctuation; this module what needs care. */
#ifndef HILUM_BASE_JSON_WRITE_H
#define HILUM_BASE_JSON_WRITE_H

#include "base/buffer.h"
#include "base/str.h"

/* "text" with quotes and escapes. Invalid UTF-8 is replaced by U+FFFD. */
void json_write_string(struct buffer *out, struct str text);

/* "key": with the colon; `key` needs no escapes. */
void json_write_key(struct buffer *out, const char *key);

/* Base64 (RFC 4648) in quotes. */
void json_write_base64(struct buffer *out, struct str bytes);

#endif
