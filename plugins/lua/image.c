#include "image.h"

#include "bundle.h"
#include "interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct signature {
    const char *mime_type;
    size_t offset;
    struct hilum_str bytes;
};

#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

/* The formats that notebook clients show. */
static const struct signature signatures[] = {
    {"image/png", 0, BYTES("\x89PNG\r\n\x1a\n")},
    {"image/jpeg", 0, BYTES("\xFF\xD8\xFF")},
    {"image/gif", 0, BYTES("GIF87a")},
    {"image/gif", 0, BYTES("GIF89a")},
    {"image/webp", 8, BYTES("WEBPVP8")},
};

static bool has_signature(struct hilum_str data, const struct signature *signature)
{
    size_t end = signature->offset + signature->bytes.size;
    return data.size >= end &&
           memcmp(data.data + signature->offset, signature->bytes.data, signature->bytes.size) == 0;
}

/* An XML declaration, a document type and comments may come before the element. */
static bool is_svg(struct hilum_str data)
{
    enum { LOOKED_AT = 4096 };
    size_t start = 0, size = data.size < LOOKED_AT ? data.size : LOOKED_AT;
    if (size >= 3 && memcmp(data.data, "\xEF\xBB\xBF", 3) == 0)
        start = 3;
    while (start < size && strchr(" \t\r\n", data.data[start]))
        start++;
    return start < size && data.data[start] == '<' &&
           memmem(data.data + start, size - start, "<svg", 4);
}

static const char *kind_of(struct hilum_str data)
{
    for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++)
        if (has_signature(data, &signatures[i]))
            return signatures[i].mime_type;
    return is_svg(data) ? "image/svg+xml" : NULL;
}

/* Reads all of the file, up to the limit of `bytes`. Raises nothing. Returns 0 or an errno. */
static int read_all(lua_State *L, const char *name, struct text *bytes)
{
    char piece[64 * 1024];
    ssize_t size = 0;
    int file = open(name, O_RDONLY | O_CLOEXEC), error = 0;
    if (file < 0)
        return errno;
    do {
        size = read(file, piece, sizeof(piece));
        if (size > 0)
            text_add(bytes, piece, (size_t)size);
        if (size < 0 && errno != EINTR)
            error = errno;
    } while ((size > 0 || (size < 0 && !error)) && !bytes->truncated &&
             !session_of(L)->interrupted);
    close(file);
    return error;
}

/* Pushes what is in the file. The bundle lends its text, which Lua frees when this raises. */
static void push_file(lua_State *L, const char *name)
{
    struct bundle *bundle = bundle_new(L);
    int error = read_all(L, name, &bundle->rendered);
    if (session_of(L)->interrupted)
        interrupt_raise(L);
    if (error != 0)
        luaL_error(L, "cannot read %s: %s", name, strerror(error));
    if (bundle->rendered.truncated)
        luaL_error(L, "%s is too large to be shown: more than %d MiB", name,
                   BUNDLE_BYTES / (1024 * 1024));
    lua_pushlstring(L, bundle->rendered.size ? bundle->rendered.data : "", bundle->rendered.size);
    text_free(&bundle->rendered);
    lua_replace(L, bundle->index);
}

static bool can_be_name(struct hilum_str text)
{
    return text.size > 0 && text.size < 4096 && !memchr(text.data, '\0', text.size) &&
           !memchr(text.data, '\n', text.size);
}

const char *image_push(lua_State *L, int index, const char *wanted)
{
    struct hilum_str data;
    const char *name = NULL;
    data.data = luaL_checklstring(L, index, &data.size);
    const char *kind = kind_of(data);
    if (kind) {
        lua_pushvalue(L, index);
    } else {
        if (!can_be_name(data))
            luaL_argerror(L, index, "neither an image nor the name of a file");
        name = data.data;
        push_file(L, name);
        data.data = lua_tolstring(L, -1, &data.size);
        kind = kind_of(data);
    }
    const char *expected = wanted ? wanted : "an image of a kind that notebooks show";
    if (!kind || (wanted && strcmp(kind, wanted) != 0))
        luaL_error(L, "%s is not %s%s%s", name ? name : "the argument", expected,
                   kind ? " but " : "", kind ? kind : "");
    return kind;
}
