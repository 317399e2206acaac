/* Image files: which kind they are, and their bytes. */
#ifndef LUA_IMAGE_H
#define LUA_IMAGE_H

#include <lua.h>

/*
 * Pushes the bytes of an image and returns its MIME type. The string at `index` is the bytes
 * themselves or the name of a file. Raises when it is neither, or another kind of image than `wanted`
 * unless that is NULL.
 */
const char *image_push(lua_State *L, int index, const char *wanted);

#endif
