/* Values between Lua and C. */
#ifndef FFI_CONVERT_H
#define FFI_CONVERT_H

#include "cdata.h"

/*
 * Stores the Lua value as a C object of this type. False: it cannot be one. With `cast`, what only a
 * cast in C does is allowed too: between pointers and numbers, from one pointer type to another.
 * Raises for faults inside of tables, and for lack of memory when it has to make a callback.
 */
bool convert_store(struct ffi *ffi, lua_State *L, const struct ctype *type, void *to, int index,
                   bool cast);

/* Pushes the C object as Lua sees it: numbers, booleans and NULL as Lua's own, all others as C data,
 * structs and arrays as references that keep the value at `parent` alive (0: none). */
void convert_push(struct ffi *ffi, lua_State *L, const struct ctype *type, void *from, int parent);

/* Pushes an unsigned number: boxed only when Lua's integers do not reach. */
void convert_push_unsigned(struct ffi *ffi, lua_State *L, uint64_t value);

/* Bit-fields. */
bool convert_store_bits(struct ffi *ffi, lua_State *L, const struct cfield *field, void *record,
                        int index);
void convert_push_bits(struct ffi *ffi, lua_State *L, const struct cfield *field,
                       const void *record);

/* A number of C at this place; *is_unsigned when it takes all 64 bits without a sign. */
int64_t convert_read_integer(const struct ctype *type, const void *from);
void convert_write_integer(const struct ctype *type, void *to, int64_t value);
double convert_read_float(const struct ctype *type, const void *from);

/* A Lua number as C's integer; fractions are cut off, what is too large wraps around. */
int64_t convert_to_integer(lua_State *L, int index);

/* May a pointer to `from` be used where one to `to` is wanted? */
bool convert_fits_pointer(const struct ctype *to, const struct ctype *from);

#endif
