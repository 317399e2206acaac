/* The names that shared libraries define, read from their dynamic symbol tables. */
#ifndef FFI_SYMBOLS_H
#define FFI_SYMBOLS_H

/* Calls `visit` for each symbol that the library defines; of all loaded ones when handle is NULL.
 * The names stay valid as long as the library is loaded. */
void symbols_each(void *handle, void (*visit)(void *context, const char *name), void *context);

#endif
