/* C declarations as ffi reads them: an error has a place in the text, what is accepted has a layout
 * that holds its members and a text of its own. */
#include "../../plugins/lua/ffi/parse.h"
#include "c_text.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check_error(const struct parse_error *error, const struct parse_request *request)
{
    size_t lines = 1;
    for (size_t i = 0; i < request->size; i++)
        lines += request->text[i] == '\n';
    FUZZ_REQUIRE(error->line >= 1 && error->line <= lines);
    FUZZ_REQUIRE(error->column >= 1 && error->column <= request->size + 1);
    FUZZ_REQUIRE(memchr(error->message, '\0', sizeof(error->message)) && error->message[0]);
}

static void check_record(const struct ctype *record)
{
    for (const struct cfield *field = record->fields; field; field = field->next) {
        if (field->is_constant)
            continue;
        FUZZ_REQUIRE(field->offset <= record->size);
        if (field->is_bit_field)
            FUZZ_REQUIRE(field->bits <= 8 * ctype_size(field->type));
        else if (field->type->plain->extent == CTYPE_FIXED)
            FUZZ_REQUIRE(field->offset + ctype_size(field->type) <= record->size);
    }
}

static void check_type(const struct ctype *type, const char *name)
{
    const struct ctype *plain = type->plain;
    FUZZ_REQUIRE(plain->size <= CTYPE_MOST_BYTES);
    FUZZ_REQUIRE(plain->kind == CTYPE_FUNCTION || plain->extent == CTYPE_UNKNOWN ||
                 plain->kind == CTYPE_VOID ||
                 (plain->align > 0 && (plain->align & (plain->align - 1)) == 0));
    if (plain->kind == CTYPE_RECORD)
        check_record(plain);
    FUZZ_REQUIRE(c_text_size(type, name) > 0);
}

static void check_type_name(struct declarations *declarations, const struct parse_request *request)
{
    struct parse_error error = {0};
    bool is_new = false;
    const struct ctype *type = parse_type(declarations, request, &is_new, &error);
    if (type)
        check_type(type, NULL);
    else
        check_error(&error, request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct parse_argument arguments[] = {{.number = 3}, {.name = "named"}};
    struct declarations declarations;
    struct parse_error error = {0};
    struct str text = fuzz_copy(fuzz_input(data, size));
    struct parse_request request = {text.data, text.size, arguments, 2};
    FUZZ_REQUIRE(declarations_init(&declarations));
    if (!parse_declarations(&declarations, &request, &error))
        check_error(&error, &request);
    for (const struct declaration *i = declarations.first; i; i = i->next) {
        FUZZ_REQUIRE(declarations_find(&declarations, i->name, strlen(i->name)) == i);
        check_type(i->type, i->name);
    }
    check_type_name(&declarations, &request);
    declarations_fini(&declarations);
    free((void *)text.data);
    return 0;
}
