/*
 * print, io.write, io.read and friends on the notebook. io.stdin, io.stdout and io.stderr become C
 * streams of our own (fopencookie) that lead to the host, so that the io library works on them as
 * it is: redirection, formats, methods.
 */
#ifndef LUA_CONSOLE_H
#define LUA_CONSOLE_H

#include "session.h"

/* Takes over the standard streams of a state with open libraries. May raise; console_close is
 * needed in any case. */
void console_open(lua_State *L);

/* Closes the streams, after lua_close. */
void console_close(struct console *console);

/* Brackets a cell: it starts without input that an earlier one left over, and ends with all output
 * handed out even when the user has turned buffering on. */
void console_begin(struct console *console);
void console_end(struct console *console);

/* Hands out what the user had buffered. */
void console_flush(struct console *console);

#endif
