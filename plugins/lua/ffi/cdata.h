/* C data as Lua values: userdata with a type, and a place in memory that is their own or not. */
#ifndef FFI_CDATA_H
#define FFI_CDATA_H

#include "state.h"

struct cdata {
    const void *mark; /* tells these userdata from all others */
    const struct ctype *type;
    void *address;
    size_t size;       /* of the object; of a function 0 */
    bool is_reference; /* the memory belongs to something else */
};

/* C types as Lua values. */
struct ctype_object {
    const void *mark;
    const struct ctype *type;
};

extern const char cdata_mark, ctype_object_mark;

/* The C data at the index, or NULL. Does not look at the metatable, so that it is quick. */
static inline struct cdata *cdata_at(lua_State *L, int index)
{
    struct cdata *cdata = lua_touserdata(L, index);
    if (!cdata || lua_rawlen(L, index) < sizeof(*cdata) || cdata->mark != &cdata_mark)
        return NULL;
    return cdata;
}

/* The C type at the index, or NULL. */
const struct ctype *ctype_at(lua_State *L, int index);

/* Pushes a new zeroed object of `size` bytes. Raises when there is no memory. */
struct cdata *cdata_new(struct ffi *ffi, lua_State *L, const struct ctype *type, size_t size);

/* Pushes an object that lies in memory of something else: of the value at `parent`, which it keeps
 * alive, unless that is 0. */
struct cdata *cdata_refer(struct ffi *ffi, lua_State *L, const struct ctype *type, void *address,
                          int parent);

/* Pushes a pointer, which keeps the value at `parent` alive, unless that is 0. */
void cdata_push_pointer(struct ffi *ffi, lua_State *L, const struct ctype *type,
                        const void *pointer, int parent);

/* Pushes what the object at the index keeps alive or what it is itself: the parent for pointers
 * into it. */
void cdata_push_owner(lua_State *L, int index);

/* Does the object lie in memory that Lua holds? What C gave may be gone. */
bool cdata_is_held(lua_State *L, int index);

void ctype_push(struct ffi *ffi, lua_State *L, const struct ctype *type);

/* Puts a finished object under the finalizer of its type, if there is one. */
void cdata_adopt(struct ffi *ffi, lua_State *L, int object);

/* Gives the object a finalizer of its own; nil takes any away. */
void cdata_set_finalizer(struct ffi *ffi, lua_State *L, int object, int function);

/* The pointer that the data is: of a pointer its value, of arrays and the like its place. */
static inline void *cdata_pointer(const struct cdata *cdata)
{
    return cdata->type->kind == CTYPE_POINTER ? *(void **)cdata->address : cdata->address;
}

#endif
