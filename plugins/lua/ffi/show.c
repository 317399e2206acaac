/* C data as readable text: "struct point {x = 1.0, y = 2.0}". Pointers are not followed, since nobody
 * knows what is there. */
#include "access.h"
#include "convert.h"
#include "module.h"
#include "typename.h"

#include <string.h>

enum { WIDTH = 80, INDENT = 2, MOST_DEPTH = 8, TEXT_BYTES = 64 * 1024, STRING_BYTES = 200 };

/* Stands between entries before they are laid out; strings are shown without control characters. */
#define SEPARATOR "\1"

struct view {
    struct ffi *ffi;
    lua_State *L;
    int items; /* shown of one array */
    int outer; /* levels of what the object is shown in */
    int depth;
};

static void show(struct view *view, const struct ctype *type, void *place, size_t size,
                 struct text *out);

static struct hilum_str next_entry(struct hilum_str *entries)
{
    const char *end = memchr(entries->data, SEPARATOR[0], entries->size);
    struct hilum_str entry = {entries->data, end ? (size_t)(end - entries->data) : entries->size};
    size_t taken = entry.size + (end != NULL);
    entries->data += taken;
    entries->size -= taken;
    return entry;
}

static void new_line(struct text *out, int depth)
{
    text_puts(out, "\n");
    text_pad(out, (size_t)(depth * INDENT));
}

/* Adds the entries in braces: on one line when they fit, otherwise members on a line each, and as
 * many elements as fit. */
static void lay_out(const struct view *view, const struct text *collected, bool shares_lines,
                    struct text *out)
{
    struct hilum_str entries = text_str(collected);
    size_t indent = (size_t)((view->outer + view->depth + 1) * INDENT), column = 0;
    bool flat = collected->size + indent + 2 <= WIDTH &&
                !(collected->size && memchr(collected->data, '\n', collected->size));
    text_puts(out, "{");
    for (bool first = true; entries.size; first = false) {
        struct hilum_str entry = next_entry(&entries);
        bool stays = flat || (shares_lines && !first && column + entry.size + 3 <= WIDTH);
        text_puts(out, first ? "" : stays ? ", " : ",");
        if (!stays) {
            new_line(out, view->outer + view->depth + 1);
            column = indent;
        }
        text_add(out, entry.data, entry.size);
        column += entry.size + 2;
    }
    if (!flat)
        new_line(out, view->outer + view->depth);
    text_puts(out, "}");
}

static void show_string(const char *bytes, size_t size, struct text *out)
{
    size_t shown = strnlen(bytes, size), limit = shown < STRING_BYTES ? shown : STRING_BYTES;
    text_puts(out, "\"");
    for (size_t i = 0, step; i < limit; i += step) {
        unsigned char c = (unsigned char)bytes[i];
        step = str_sequence_size((struct hilum_str){bytes + i, shown - i});
        if (step == 0 || c < ' ' || c == 0x7F) {
            text_printf(out, "\\%03d", c);
            step = 1;
        } else {
            text_puts(out, c == '"' || c == '\\' ? "\\" : "");
            text_add(out, bytes + i, step);
        }
    }
    text_puts(out, shown > limit ? "\"..." : "\"");
}

static void show_enum(const struct ctype *type, const void *place, struct text *out)
{
    int64_t value = convert_read_integer(type, place);
    for (const struct cfield *field = type->plain->fields; field; field = field->next) {
        if (field->value == value) {
            text_puts(out, field->name);
            return;
        }
    }
    text_printf(out, "%lld", (long long)value);
}

/* Takes the value on the top off. */
static void show_lua(struct view *view, struct text *out)
{
    size_t size;
    const char *string = luaL_tolstring(view->L, -1, &size);
    text_add(out, string, size);
    lua_pop(view->L, 2);
}

static void show_pointer(const void *place, struct text *out)
{
    void *pointer;
    memcpy(&pointer, place, sizeof(pointer));
    if (pointer)
        text_printf(out, "%p", pointer);
    else
        text_puts(out, "NULL");
}

static void show_elements(struct view *view, const struct ctype *type, char *place, size_t size,
                          struct text *out)
{
    size_t each = ctype_size(type->inner), count = each ? size / each : 0;
    struct text entries = {.limit = TEXT_BYTES};
    bool nested = type->inner->kind == CTYPE_RECORD || type->inner->kind == CTYPE_ARRAY;
    size_t shown = count < (size_t)view->items ? count : (size_t)view->items;
    view->depth++;
    for (size_t i = 0; i < shown && !entries.truncated; i++) {
        text_puts(&entries, i ? SEPARATOR : "");
        show(view, type->inner, place + i * each, each, &entries);
    }
    view->depth--;
    if (shown < count)
        text_printf(&entries, SEPARATOR "... %zu more", count - shown);
    lay_out(view, &entries, !nested, out);
    text_free(&entries);
}

static void show_members(struct view *view, const struct ctype *type, char *place, size_t size,
                         struct text *entries)
{
    for (const struct cfield *field = type->plain->fields; field; field = field->next) {
        size_t room = ctype_size(field->type);
        if (field->is_constant || (field->is_bit_field && !field->name))
            continue;
        if (!field->name) {
            show_members(view, field->type, place + field->offset, room, entries);
            continue;
        }
        text_puts(entries, entries->size ? SEPARATOR : "");
        text_printf(entries, "%s = ", field->name);
        if (field->is_bit_field) {
            convert_push_bits(view->ffi, view->L, field, place);
            show_lua(view, entries);
            continue;
        }
        if (field == type->plain->repeat && size > field->offset)
            room = size - field->offset;
        show(view, field->type, place + field->offset, room, entries);
    }
}

static void show_record(struct view *view, const struct ctype *type, char *place, size_t size,
                        struct text *out)
{
    struct text entries = {.limit = TEXT_BYTES};
    view->depth++;
    show_members(view, type, place, size, &entries);
    view->depth--;
    lay_out(view, &entries, false, out);
    text_free(&entries);
}

static void show(struct view *view, const struct ctype *type, void *place, size_t size,
                 struct text *out)
{
    bool is_deep = view->depth >= MOST_DEPTH;
    switch (type->kind) {
    case CTYPE_RECORD:
        if (is_deep)
            text_puts(out, "{...}");
        else
            show_record(view, type, place, size, out);
        break;
    case CTYPE_ARRAY:
        if (type->inner->kind == CTYPE_INT && type->inner->plain->is_char)
            show_string(place, size, out);
        else if (is_deep)
            text_puts(out, "{...}");
        else
            show_elements(view, type, place, size, out);
        break;
    case CTYPE_ENUM:
        show_enum(type, place, out);
        break;
    case CTYPE_POINTER:
        show_pointer(place, out);
        break;
    default:
        convert_push(view->ffi, view->L, type, place, 0);
        show_lua(view, out);
    }
}

bool ffi_show(lua_State *L, int index, int items, int depth, struct text *out)
{
    const struct cdata *cdata = cdata_at(L, index);
    struct view view = {.ffi = ffi_find(L), .L = L, .items = items, .outer = depth};
    if (!cdata || !view.ffi)
        return false;
    const struct ctype *type = cdata->type;
    bool is_record = type->kind == CTYPE_RECORD && type->plain->extent != CTYPE_UNKNOWN;
    if (!is_record && type->kind != CTYPE_ARRAY)
        return false;
    luaL_checkstack(L, 8, NULL);
    if (access_push_meta(L, type, "__tostring")) {
        lua_pop(L, 1);
        return false;
    }
    typename_declare(out, type, NULL);
    text_puts(out, " ");
    show(&view, type, cdata->address, cdata->size, out);
    return true;
}
