#include "json_decode.h"

#include "interrupt.h"
#include "json.h"

#include <lauxlib.h>

#include <stdbool.h>
#include <string.h>

enum {
    DEPTH = 600, /* more than the core lets through */
};

struct decoder {
    lua_State *L;
    const char *at;
    const char *end;
    int depth;
};

static void refuse(const struct decoder *decoder)
{
    luaL_error(decoder->L, "this is no JSON");
}

static int peek(const struct decoder *decoder)
{
    return decoder->at < decoder->end ? (unsigned char)*decoder->at : -1;
}

static bool take(struct decoder *decoder, char c)
{
    if (peek(decoder) != c)
        return false;
    decoder->at++;
    return true;
}

static void expect(struct decoder *decoder, char c)
{
    if (!take(decoder, c))
        refuse(decoder);
}

static void skip_space(struct decoder *decoder)
{
    int c;
    while ((c = peek(decoder)) == ' ' || c == '\n' || c == '\t' || c == '\r')
        decoder->at++;
}

static bool take_word(struct decoder *decoder, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(decoder->end - decoder->at) < size || memcmp(decoder->at, word, size) != 0)
        return false;
    decoder->at += size;
    return true;
}

static unsigned long read_hex(struct decoder *decoder)
{
    unsigned long code = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        int c = peek(decoder);
        const char *found = c > 0 ? strchr(digits, c) : NULL;
        if (!found)
            refuse(decoder);
        code = code * 16 + (unsigned long)((found - digits) % 16);
        decoder->at++;
    }
    return code;
}

/* The code point of a \u escape, of which "\u" is taken. Half a surrogate pair is U+FFFD. */
static unsigned long read_escape(struct decoder *decoder)
{
    unsigned long first = read_hex(decoder);
    if (first < 0xD800 || first > 0xDFFF)
        return first;
    const char *behind = decoder->at;
    if (first < 0xDC00 && take_word(decoder, "\\u")) {
        unsigned long second = read_hex(decoder);
        if (second >= 0xDC00 && second <= 0xDFFF)
            return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        decoder->at = behind;
    }
    return 0xFFFD;
}

static void add_escaped(struct decoder *decoder, luaL_Buffer *out)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    if (take(decoder, 'u')) {
        lua_pushfstring(decoder->L, "%U", read_escape(decoder));
        luaL_addvalue(out);
        return;
    }
    int c = peek(decoder);
    const char *letter = c > 0 ? strchr(letters, c) : NULL;
    if (!letter)
        refuse(decoder);
    decoder->at++;
    luaL_addchar(out, meanings[letter - letters]);
}

static void push_string(struct decoder *decoder)
{
    luaL_Buffer out;
    luaL_buffinit(decoder->L, &out);
    expect(decoder, '"');
    while (!take(decoder, '"')) {
        const char *start = decoder->at;
        while (peek(decoder) >= ' ' && peek(decoder) != '"' && peek(decoder) != '\\')
            decoder->at++;
        luaL_addlstring(&out, start, (size_t)(decoder->at - start));
        if (take(decoder, '\\'))
            add_escaped(decoder, &out);
        else if (peek(decoder) != '"')
            refuse(decoder);
    }
    luaL_pushresult(&out);
}

/* Lua reads all that JSON has. It would read more, so what goes to it is cut at other characters. */
static void push_number(struct decoder *decoder)
{
    lua_State *L = decoder->L;
    const char *start = decoder->at;
    while (peek(decoder) > 0 && strchr("+-.0123456789Ee", peek(decoder)))
        decoder->at++;
    lua_pushlstring(L, start, (size_t)(decoder->at - start));
    if (lua_stringtonumber(L, lua_tostring(L, -1)) == 0)
        refuse(decoder);
    lua_remove(L, -2);
}

static void push_value(struct decoder *decoder);

static void push_array(struct decoder *decoder)
{
    lua_State *L = decoder->L;
    lua_newtable(L);
    expect(decoder, '[');
    skip_space(decoder);
    if (take(decoder, ']')) {
        json_mark_array(L, -1);
        return;
    }
    lua_Integer position = 0;
    do {
        push_value(decoder);
        lua_rawseti(L, -2, ++position);
    } while (take(decoder, ','));
    expect(decoder, ']');
}

static void push_object(struct decoder *decoder)
{
    lua_State *L = decoder->L;
    lua_newtable(L);
    expect(decoder, '{');
    skip_space(decoder);
    if (take(decoder, '}'))
        return;
    do {
        skip_space(decoder);
        push_string(decoder);
        skip_space(decoder);
        expect(decoder, ':');
        push_value(decoder);
        lua_rawset(L, -3);
    } while (take(decoder, ','));
    expect(decoder, '}');
}

/* With the space around it. */
static void push_value(struct decoder *decoder)
{
    lua_State *L = decoder->L;
    if (++decoder->depth > DEPTH)
        luaL_error(L, "the JSON is nested too deeply");
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    if (session_of(L)->interrupted) /* long texts take a while */
        interrupt_raise(L);
    skip_space(decoder);
    if (peek(decoder) == '{')
        push_object(decoder);
    else if (peek(decoder) == '[')
        push_array(decoder);
    else if (peek(decoder) == '"')
        push_string(decoder);
    else if (take_word(decoder, "null"))
        lua_pushlightuserdata(L, NULL);
    else if (take_word(decoder, "true"))
        lua_pushboolean(L, true);
    else if (take_word(decoder, "false"))
        lua_pushboolean(L, false);
    else
        push_number(decoder);
    skip_space(decoder);
    decoder->depth--;
}

void json_decode(lua_State *L, struct hilum_str text)
{
    struct decoder decoder = {.L = L, .at = text.data, .end = text.data + text.size};
    push_value(&decoder);
    if (decoder.at != decoder.end)
        refuse(&decoder);
}
