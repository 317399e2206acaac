#include "base/json_scan.h"
#include "base/utf8.h"
#include "test.h"

#include <jansson.h>

/* ---- what is JSON and what is not: RFC 8259, after Nicolas Seriot's JSONTestSuite ---- */

#define TEXT(literal)                                                                              \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }

static const struct str good[] = {
    TEXT("0"),
    TEXT("-0"),
    TEXT("42"),
    TEXT("-42"),
    TEXT("1.5"),
    TEXT("-1.5e10"),
    TEXT("1E5"),
    TEXT("1e+5"),
    TEXT("1e-5"),
    TEXT("0.0"),
    TEXT("0e0"),
    TEXT("0E+1"),
    TEXT("1.000000000000000005"),
    TEXT("123456789012345678901234567890"),
    TEXT("1e9999"),
    TEXT("-1e-9999"),
    TEXT("true"),
    TEXT("false"),
    TEXT("null"),
    TEXT(" \t\r\n null \t\r\n "),
    TEXT("\"\""),
    TEXT("\"a\""),
    TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    TEXT("\"\\u0041\""),
    TEXT("\"\\u0000\""),
    TEXT("\"\\uD834\\uDD1E\""),
    TEXT("\"\\uFFFF\""),
    TEXT("\"\\uabcd\\uABCD\""),
    TEXT("\"\x7F\""),
    TEXT("\"\xC2\x80\""),
    TEXT("\"\xE2\x82\xAC\""),
    TEXT("\"\xF4\x8F\xBF\xBF\""),
    TEXT("\"\xEF\xBB\xBF\""),
    TEXT("\"\xE2\x80\xA8\xE2\x80\xA9\""),
    TEXT("\"a/*b*/c\""),
    /* A lone surrogate: JavaScript clients send them (see json_check). */
    TEXT("\"\\uD800\""),
    TEXT("\"\\uDC00\""),
    TEXT("\"\\uDC00\\uD800\""),
    TEXT("\"\\uD800\\n\""),
    TEXT("[]"),
    TEXT("[ ]"),
    TEXT("[1]"),
    TEXT("[1,2]"),
    TEXT("[ 1 , 2 ]"),
    TEXT("[[],[[]]]"),
    TEXT("[1\n,2]"),
    TEXT("[null, 1, \"1\", {}]"),
    TEXT("[\"\"]"),
    TEXT("[1]\n"),
    TEXT(" [1]"),
    TEXT("{}"),
    TEXT("{ }"),
    TEXT("{\"a\":1}"),
    TEXT("{ \"a\" : 1 , \"b\" : 2 }"),
    TEXT("{\"\":0}"),
    TEXT("{\"a\":1,\"a\":2}"),
    TEXT("{\"a\\u0000b\":1}"),
    TEXT("{\"a\":{\"b\":{\"c\":[]}}}"),
    TEXT("{\n\"a\": 1\n}"),
};

static const struct str bad[] = {
    TEXT(""),
    TEXT(" "),
    TEXT("\xEF\xBB\xBF"),
    TEXT("\xEF\xBB\xBF{}"),
    TEXT("\0"),
    TEXT("a"),
    TEXT("'a'"),
    TEXT("nul"),
    TEXT("nulll"),
    TEXT("True"),
    TEXT("truE"),
    TEXT("tru"),
    TEXT("NaN"),
    TEXT("Infinity"),
    TEXT("-Infinity"),
    TEXT("undefined"),
    TEXT("//\n1"),
    TEXT("1 // one"),
    TEXT("/**/1"),
    TEXT("1\0"),
    TEXT("1\xA0"),
    TEXT("\x0B"
         "1"),
    TEXT("\x0C"
         "1"),
    TEXT("1\xC2\x85"),
    TEXT("+1"),
    TEXT("-"),
    TEXT("--1"),
    TEXT("- 1"),
    TEXT("01"),
    TEXT("-01"),
    TEXT("00"),
    TEXT("1."),
    TEXT(".5"),
    TEXT("-.5"),
    TEXT("1.e5"),
    TEXT("1e"),
    TEXT("1e+"),
    TEXT("1E-"),
    TEXT("1e1.5"),
    TEXT("1.5.5"),
    TEXT("0x1"),
    TEXT("1a"),
    TEXT("1_000"),
    TEXT("1 2"),
    TEXT("0e"),
    TEXT("1,5"),
    TEXT("\xEF\xBC\x91"),
    TEXT("1\x80"),
    TEXT("\""),
    TEXT("\"a"),
    TEXT("\"a\\"),
    TEXT("\"a\\\""),
    TEXT("a\""),
    TEXT("\"a\"b"),
    TEXT("\"a\" \"b\""),
    TEXT("\"\\a\""),
    TEXT("\"\\x41\""),
    TEXT("\"\\'\""),
    TEXT("\"\\0\""),
    TEXT("\"\\\0\""),
    TEXT("\"\\U0041\""),
    TEXT("\"\\u\""),
    TEXT("\"\\u1\""),
    TEXT("\"\\u123\""),
    TEXT("\"\\u12G4\""),
    TEXT("\"\\u 123\""),
    TEXT("\"\\u-123\""),
    TEXT("\"\\u123"),
    TEXT("\"\\u"),
    TEXT("\"\n\""),
    TEXT("\"\t\""),
    TEXT("\"\0\""),
    TEXT("\"\x1F\""),
    TEXT("\"1234567\x1F"
         "9\""),
    TEXT("\"\x80\""),
    TEXT("\"\xC3\""),
    TEXT("\"\xC3\"\xA9"),
    TEXT("\"\xC0\xAF\""),
    TEXT("\"\xE0\x80\x80\""),
    TEXT("\"\xED\xA0\x80\""),
    TEXT("\"\xF4\x90\x80\x80\""),
    TEXT("\"\xFF\""),
    TEXT("\"\xF0\x9F\x98\""),
    TEXT("\"12345678\x80\""),
    TEXT("["),
    TEXT("]"),
    TEXT("[1"),
    TEXT("[1,"),
    TEXT("[,"),
    TEXT("[,1]"),
    TEXT("[1,]"),
    TEXT("[1,,2]"),
    TEXT("[1 2]"),
    TEXT("[1]]"),
    TEXT("[1],"),
    TEXT("[1}"),
    TEXT("[1:2]"),
    TEXT("[\"a\":1]"),
    TEXT("[a]"),
    TEXT("[1;2]"),
    TEXT("[-]"),
    TEXT("[1,\"a\\\"]"),
    TEXT("[*]"),
    TEXT("[][]"),
    TEXT("[<null>]"),
    TEXT("{"),
    TEXT("}"),
    TEXT("{,"),
    TEXT("{,}"),
    TEXT("{\"a\""),
    TEXT("{\"a\"}"),
    TEXT("{\"a\":"),
    TEXT("{\"a\":}"),
    TEXT("{\"a\":1"),
    TEXT("{\"a\":1,"),
    TEXT("{\"a\":1,}"),
    TEXT("{\"a\":1,,}"),
    TEXT("{\"a\" 1}"),
    TEXT("{\"a\",1}"),
    TEXT("{\"a\"::1}"),
    TEXT("{a:1}"),
    TEXT("{'a':1}"),
    TEXT("{1:1}"),
    TEXT("{null:1}"),
    TEXT("{[]:1}"),
    TEXT("{\"a\":1]"),
    TEXT("{\"a\":1}}"),
    TEXT("{\"a\":1}#"),
    TEXT("{\"a\":1 \"b\":2}"),
    TEXT("{\"a\":1;\"b\":2}"),
    TEXT("{\"a\n\":1}"),
    TEXT("{\"a\xFF\":1}"),
    TEXT("{\"a\":\"b\",\"c\"}"),
    TEXT("{}{}"),
    TEXT("{}1"),
    TEXT("{\"a\":tru}"),
};

static void every_good_text_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct json_problem problem = {NULL, 0};
        if (!json_check(good[i], &problem)) {
            test_print_str("text", good[i]);
            fail_msg("refused at byte %zu: %s", problem.offset, problem.what);
        }
    }
}

static void every_bad_text_is_refused_with_a_place_and_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct json_problem problem = {NULL, SIZE_MAX};
        if (json_check(bad[i], &problem)) {
            test_print_str("text", bad[i]);
            fail_msg("accepted");
        }
        assert_non_null(problem.what);
        assert_true(problem.offset <= bad[i].size);
        assert_false(json_check(bad[i], NULL));
    }
}

static void every_cut_of_a_good_container_is_refused(void **state)
{
    (void)state;
    struct str text = STR("{\"a\":[1,true,null,\"\\u00e9\xC3\xA9\",{\"b\":{}}],\"c\":-1.5e3}");
    assert_true(json_check(text, NULL));
    for (size_t size = 0; size < text.size; size++) {
        /* A copy of its exact size, so that the address sanitizer sees a read past its end. */
        char *copy = test_malloc(size + 1);
        memcpy(copy, text.data, size);
        assert_false(json_check((struct str){copy, size}, NULL));
        test_free(copy);
    }
}

static void problems_name_the_place(void **state)
{
    (void)state;
    static const struct {
        struct str text;
        size_t offset;
        const char *what;
    } cases[] = {
        {TEXT("{\"a\" 1}"), 5, "expected ':' after a key"},
        {TEXT("{\"a\":1 \"b\":2}"), 7, "expected ',' or '}'"},
        {TEXT("[1 2]"), 3, "expected ',' or ']'"},
        {TEXT("[1,]"), 3, "expected a value"},
        {TEXT("{\"a\":1,}"), 7, "expected a key in double quotes"},
        {TEXT("[\"ab\x80\"]"), 4, "invalid UTF-8"},
        {TEXT("\"ab\n\""), 3, "a control character in a string must be escaped"},
        {TEXT("\"\\q\""), 2, "unknown escape in a string"},
        {TEXT("1 1"), 2, "more text after the value"},
        {TEXT("["), 1, "the text ends where a value was expected"},
        {TEXT("\"a"), 2, "the text ends inside a string"},
        {TEXT(""), 0, "the text is empty"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json_problem problem;
        assert_false(json_check(cases[i].text, &problem));
        assert_string_equal(problem.what, cases[i].what);
        assert_int_equal(problem.offset, cases[i].offset);
    }
}

static struct buffer nested(size_t depth, char open, const char *inner, char close)
{
    struct buffer text = {0};
    for (size_t i = 0; i < depth; i++) {
        buffer_append_byte(&text, open);
        if (open == '{')
            buffer_append_cstr(&text, "\"a\":");
    }
    buffer_append_cstr(&text, inner);
    for (size_t i = 0; i < depth && close; i++)
        buffer_append_byte(&text, close);
    return text;
}

static void nesting_is_accepted_up_to_the_maximum_and_no_further(void **state)
{
    (void)state;
    static const struct {
        char open, close;
    } kinds[] = {{'[', ']'}, {'{', '}'}};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct json_problem problem;
        struct buffer most = nested(JSON_DEPTH_MAX, kinds[i].open, "1", kinds[i].close);
        struct buffer more = nested(JSON_DEPTH_MAX + 1, kinds[i].open, "1", kinds[i].close);
        struct buffer hostile = nested(1000000, kinds[i].open, "", 0);
        assert_true(json_check(buffer_str(&most), NULL));
        assert_false(json_check(buffer_str(&more), &problem));
        assert_string_equal(problem.what, "nested too deeply");
        assert_false(json_check(buffer_str(&hostile), &problem));
        assert_string_equal(problem.what, "nested too deeply");
        buffer_fini(&most);
        buffer_fini(&more);
        buffer_fini(&hostile);
    }
}

static void only_an_object_passes_as_an_object(void **state)
{
    (void)state;
    struct json_problem problem;
    assert_true(json_check_object(STR(" {\"a\":1} "), &problem));
    assert_false(json_check_object(STR("[1]"), &problem));
    assert_string_equal(problem.what, "expected an object");
    assert_false(json_check_object(STR("{\"a\":}"), &problem));
    assert_string_equal(problem.what, "expected a value");
}

/* ---- walking ---- */

static void kinds_are_told_by_the_first_character(void **state)
{
    (void)state;
    assert_int_equal(json_kind(STR(" {}")), JSON_KIND_OBJECT);
    assert_int_equal(json_kind(STR("\n[]")), JSON_KIND_ARRAY);
    assert_int_equal(json_kind(STR("\"x\"")), JSON_KIND_STRING);
    assert_int_equal(json_kind(STR("-1")), JSON_KIND_NUMBER);
    assert_int_equal(json_kind(STR("0")), JSON_KIND_NUMBER);
    assert_int_equal(json_kind(STR("true")), JSON_KIND_TRUE);
    assert_int_equal(json_kind(STR("false")), JSON_KIND_FALSE);
    assert_int_equal(json_kind(STR("null")), JSON_KIND_NULL);
}

static void a_walk_hands_out_members_as_they_were_written(void **state)
{
    (void)state;
    struct json_walk walk =
        json_walk(STR(" { \"a\" : 1 , \"b]}\\\"\" : [ 1, {\"x\":\"]\"} ] ,\"\":{ }\n} "));
    struct json_member member;
    assert_true(json_next(&walk, &member));
    assert_str(member.key, STR("a"));
    assert_str(member.value, STR("1"));
    assert_true(json_next(&walk, &member));
    assert_str(member.key, STR("b]}\\\""));
    assert_str(member.value, STR("[ 1, {\"x\":\"]\"} ]"));
    assert_true(json_next(&walk, &member));
    assert_str(member.key, STR(""));
    assert_str(member.value, STR("{ }"));
    assert_false(json_next(&walk, &member));
    assert_false(json_next(&walk, &member));
}

static void a_walk_through_an_array_has_no_keys(void **state)
{
    (void)state;
    struct json_walk walk = json_walk(STR("[\"a\",-1.5e3,true , [ ] ]"));
    static const char *const values[] = {"\"a\"", "-1.5e3", "true", "[ ]"};
    struct json_member member;
    for (size_t i = 0; i < COUNT(values); i++) {
        assert_true(json_next(&walk, &member));
        assert_int_equal(member.key.size, 0);
        assert_str(member.value, str_of(values[i]));
    }
    assert_false(json_next(&walk, &member));
}

static void a_walk_through_anything_else_is_empty(void **state)
{
    (void)state;
    static const char *const values[] = {"{}", "[]", "[ ]", "1", "\"a\"", "null", "", " "};
    for (size_t i = 0; i < COUNT(values); i++) {
        struct json_walk walk = json_walk(str_of(values[i]));
        struct json_member member;
        assert_false(json_next(&walk, &member));
    }
}

static void the_last_of_several_equal_keys_counts(void **state)
{
    (void)state;
    struct str value;
    assert_true(json_get(STR("{\"a\":1,\"b\":2,\"a\":3}"), "a", &value));
    assert_str(value, STR("3"));
}

static void a_key_is_found_however_it_is_escaped(void **state)
{
    (void)state;
    struct str value = STR("untouched");
    assert_true(json_get(STR("{\"c\\u006fde\":\"x\"}"), "code", &value));
    assert_str(value, STR("\"x\""));
    assert_true(json_get(STR("{\"\\uD83D\\uDE00\":1}"), "\xF0\x9F\x98\x80", &value));
    assert_str(value, STR("1"));
    value = STR("untouched");
    assert_false(json_get(STR("{\"code\\u0000\":1}"), "code", &value));
    assert_false(json_get(STR("{\"x\":{\"code\":1}}"), "code", &value));
    assert_false(json_get(STR("[\"code\"]"), "code", &value));
    assert_false(json_get(STR("\"code\""), "code", &value));
    assert_str(value, STR("untouched"));
}

/* ---- values ---- */

static void strings_are_unescaped(void **state)
{
    (void)state;
    static const struct {
        struct str raw, text;
    } cases[] = {
        {TEXT("\"\""), TEXT("")},
        {TEXT("\"plain\""), TEXT("plain")},
        {TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), TEXT("\"\\/\b\f\n\r\t")},
        {TEXT("\"a\\u0041\\u00e9\\u20AC\""), TEXT("aA\xC3\xA9\xE2\x82\xAC")},
        {TEXT("\"\\u0000\""), TEXT("\0")},
        {TEXT("\"\\uD834\\uDD1E!\""), TEXT("\xF0\x9D\x84\x9E!")},
        {TEXT("\"\\uD800\\uDC00\""), TEXT("\xF0\x90\x80\x80")},
        {TEXT("\"\\uDBFF\\uDFFF\""), TEXT("\xF4\x8F\xBF\xBF")},
        {TEXT("\"\\uDBFF\\uE000\""), TEXT("\xEF\xBF\xBD\xEE\x80\x80")},
        {TEXT("\"\\uD7FF\\uDC00\""), TEXT("\xED\x9F\xBF\xEF\xBF\xBD")},
        {TEXT("\"\\uD800\""), TEXT("\xEF\xBF\xBD")},
        {TEXT("\"\\uD800x\""), TEXT("\xEF\xBF\xBDx")},
        {TEXT("\"\\uD800\\u0041\""), TEXT("\xEF\xBF\xBD"
                                          "A")},
        {TEXT("\"\\uDC00\\uD800\""), TEXT("\xEF\xBF\xBD\xEF\xBF\xBD")},
        {TEXT("\"\\uD800\\uD834\\uDD1E\""), TEXT("\xEF\xBF\xBD\xF0\x9D\x84\x9E")},
        {TEXT("\"\xE2\x82\xAC\\n\""), TEXT("\xE2\x82\xAC\n")},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buffer out = {0};
        assert_true(json_check(cases[i].raw, NULL));
        assert_true(json_unescape(cases[i].raw, &out));
        assert_str(buffer_str(&out), cases[i].text);
        buffer_fini(&out);
    }
}

static void only_strings_can_be_unescaped(void **state)
{
    (void)state;
    static const char *const values[] = {"", "1", "null", "[\"a\"]", "{}", "\""};
    for (size_t i = 0; i < COUNT(values); i++) {
        struct buffer out = {0};
        assert_false(json_unescape(str_of(values[i]), &out));
        assert_int_equal(out.size, 0);
    }
}

static void integers_that_fit_are_read_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"7", 7},
        {"-7", -7},
        {"9007199254740993", 9007199254740993},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t value = 99;
        assert_true(json_read_integer(str_of(cases[i].text), &value));
        assert_true(value == cases[i].value);
    }
}

static void everything_else_is_no_integer(void **state)
{
    (void)state;
    static const char *const texts[] = {"9223372036854775808",
                                        "-9223372036854775809",
                                        "1.0",
                                        "1e3",
                                        "\"1\"",
                                        "true",
                                        "null",
                                        "[1]",
                                        "",
                                        "-",
                                        "99999999999999999999999999"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        int64_t value = 99;
        assert_false(json_read_integer(str_of(texts[i]), &value));
        assert_int_equal(value, 99);
    }
}

static void positions_count_lines_and_code_points(void **state)
{
    (void)state;
    struct str text = STR("ab\n\xE2\x82\xAC\xE2\x82\xAC x\n");
    static const struct {
        size_t offset, line, column;
    } cases[] = {{0, 1, 1}, {2, 1, 3}, {3, 2, 1}, {6, 2, 2}, {9, 2, 3}, {12, 3, 1}, {99, 3, 1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t line, column;
        json_position(text, cases[i].offset, &line, &column);
        assert_int_equal(line, cases[i].line);
        assert_int_equal(column, cases[i].column);
    }
}

/* ---- jansson as the referee ---- */

/* What json_walk and its friends see of checked text, as jansson's tree. */
static json_t *tree_of(struct str value)
{
    struct json_walk walk = json_walk(value);
    struct json_member member;
    struct buffer text = {0};
    int64_t integer;
    json_t *tree = NULL;
    switch (json_kind(value)) {
    case JSON_KIND_OBJECT:
        tree = json_object();
        while (json_next(&walk, &member)) {
            assert_true(
                json_unescape((struct str){member.key.data - 1, member.key.size + 2}, &text));
            buffer_append_byte(&text, '\0');
            json_object_set_new(tree, text.data, tree_of(member.value));
            buffer_clear(&text, SIZE_MAX);
        }
        break;
    case JSON_KIND_ARRAY:
        tree = json_array();
        while (json_next(&walk, &member))
            json_array_append_new(tree, tree_of(member.value));
        break;
    case JSON_KIND_STRING:
        assert_true(json_unescape(value, &text));
        tree = json_stringn(text.size ? text.data : "", text.size);
        break;
    case JSON_KIND_NUMBER:
        if (json_read_integer(value, &integer)) {
            tree = json_integer(integer);
        } else {
            buffer_append(&text, value);
            buffer_append_byte(&text, '\0');
            tree = json_real(strtod(text.data, NULL));
        }
        break;
    case JSON_KIND_TRUE:
        tree = json_true();
        break;
    case JSON_KIND_FALSE:
        tree = json_false();
        break;
    case JSON_KIND_NULL:
        tree = json_null();
        break;
    }
    buffer_fini(&text);
    assert_non_null(tree);
    return tree;
}

/* What jansson refuses and we accept on purpose: numbers of any size, which are passed on as they
 * are; lone surrogates; \u0000 in keys. */
static bool is_known_difference(const json_error_t *error)
{
    return json_error_code(error) == json_error_numeric_overflow ||
           json_error_code(error) == json_error_null_byte_in_key ||
           strstr(error->text, "invalid Unicode '\\u") || strstr(error->text, "too big");
}

static struct str trimmed(struct str text)
{
    while (text.size && memchr(" \t\r\n", text.data[0], 4))
        text = str_slice(text, 1, text.size);
    while (text.size && memchr(" \t\r\n", text.data[text.size - 1], 4))
        text.size--;
    return text;
}

static void judge(struct str text)
{
    json_error_t error;
    struct json_problem problem = {NULL, 0};
    json_t *theirs =
        json_loadb(text.size ? text.data : "", text.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    bool accepted = json_check(text, &problem);
    /* jansson takes a NUL byte for the end of the text. */
    bool has_nul = text.size && memchr(text.data, '\0', text.size);
    if (accepted != (theirs != NULL) && !(accepted ? is_known_difference(&error) : has_nul)) {
        test_print_str("text", text);
        fail_msg("we say: %s; jansson says: %s", accepted ? "fine" : problem.what,
                 theirs ? "fine" : error.text);
    }
    if (accepted && theirs) {
        json_t *ours = tree_of(trimmed(text));
        if (!json_equal(ours, theirs)) {
            test_print_str("text", text);
            fail_msg("the walk and jansson disagree about the value");
        }
        json_decref(ours);
    }
    json_decref(theirs);
}

static void append_random_value(struct buffer *out, struct test_random *random, unsigned depth);

static void append_random_string(struct buffer *out, struct test_random *random)
{
    static const char *const pieces[] = {"a",        "key",
                                         "\xC3\xA9", "\xF0\x9F\x98\x80",
                                         "\\n",      "\\\"",
                                         "\\\\",     "\\u0041",
                                         "\\u00e9",  "\\uD83D\\uDE00",
                                         "\\uD800",  "\\u0000",
                                         "/",        "]",
                                         "}",        ",",
                                         ":",        "        ",
                                         "\x7F",     "\\/"};
    buffer_append_byte(out, '"');
    for (size_t i = test_random_below(random, 6); i > 0; i--)
        buffer_append_cstr(out, pieces[test_random_below(random, COUNT(pieces))]);
    buffer_append_byte(out, '"');
}

static void append_random_space(struct buffer *out, struct test_random *random)
{
    while (test_random_below(random, 4) == 0)
        buffer_append_byte(out, " \t\r\n"[test_random_below(random, 4)]);
}

static void append_random_container(struct buffer *out, struct test_random *random, unsigned depth)
{
    bool is_object = test_random_below(random, 2);
    buffer_append_byte(out, is_object ? '{' : '[');
    append_random_space(out, random);
    for (size_t i = 0, count = test_random_below(random, 4); i < count; i++) {
        if (i)
            buffer_append_byte(out, ',');
        append_random_space(out, random);
        if (is_object) {
            append_random_string(out, random);
            append_random_space(out, random);
            buffer_append_byte(out, ':');
        }
        append_random_value(out, random, depth - 1);
    }
    buffer_append_byte(out, is_object ? '}' : ']');
}

static void append_random_value(struct buffer *out, struct test_random *random, unsigned depth)
{
    static const char *const scalars[] = {"0",
                                          "-1",
                                          "12",
                                          "1.5",
                                          "-0.25e2",
                                          "1E5",
                                          "true",
                                          "false",
                                          "null",
                                          "9223372036854775807",
                                          "9223372036854775808",
                                          "1e999",
                                          "\"\""};
    append_random_space(out, random);
    switch (test_random_below(random, depth ? 4 : 2)) {
    case 0:
        buffer_append_cstr(out, scalars[test_random_below(random, COUNT(scalars))]);
        break;
    case 1:
        append_random_string(out, random);
        break;
    default:
        append_random_container(out, random, depth);
    }
    append_random_space(out, random);
}

static void mutate(struct buffer *text, struct test_random *random)
{
    static const char alphabet[] =
        "{}[]:,\"\\/ubfnrt0123456789-+.eE \t\n\0\x1F\x7F\x80\xBF\xC3\xA9\xED\xF0\xFFtruefalsn";
    char byte = alphabet[test_random_below(random, sizeof alphabet)];
    if (text->size == 0)
        return;
    size_t at = test_random_below(random, text->size);
    switch (test_random_below(random, 4)) {
    case 0:
        text->data[at] = byte;
        break;
    case 1: /* remove one */
        memmove(text->data + at, text->data + at + 1, text->size - at - 1);
        text->size--;
        break;
    case 2: /* insert one */
        buffer_append_byte(text, ' ');
        memmove(text->data + at + 1, text->data + at, text->size - at - 1);
        text->data[at] = byte;
        break;
    default: /* cut */
        text->size = at;
    }
}

static void random_texts_are_judged_as_jansson_judges_them(void **state)
{
    (void)state;
    struct test_random random = {3};
    for (int round = 0; round < 60000; round++) {
        struct buffer text = {0};
        append_random_value(&text, &random, 4);
        judge(buffer_str(&text));
        for (size_t i = test_random_below(&random, 4); i > 0; i--) {
            mutate(&text, &random);
            judge(buffer_str(&text));
        }
        buffer_fini(&text);
    }
}

static void the_tables_are_judged_as_jansson_judges_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        judge(good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        judge(bad[i]);
}

static void walking_text_that_was_not_checked_stays_in_bounds(void **state)
{
    (void)state;
    struct test_random random = {4};
    for (int round = 0; round < 20000; round++) {
        struct buffer text = {0}, out = {0};
        append_random_value(&text, &random, 3);
        for (int i = 0; i < 3; i++)
            mutate(&text, &random);
        char *copy = test_malloc(text.size + 1);
        memcpy(copy, text.size ? text.data : "", text.size);
        struct str exact = {copy, text.size};
        struct json_walk walk = json_walk(exact);
        struct json_member member;
        size_t steps = 0;
        while (json_next(&walk, &member)) {
            json_unescape(member.value, &out);
            assert_true(++steps <= exact.size);
        }
        struct str value;
        (void)json_get(exact, "key", &value);
        test_free(copy);
        buffer_fini(&text);
        buffer_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_good_text_is_accepted),
        cmocka_unit_test(every_bad_text_is_refused_with_a_place_and_a_reason),
        cmocka_unit_test(every_cut_of_a_good_container_is_refused),
        cmocka_unit_test(problems_name_the_place),
        cmocka_unit_test(nesting_is_accepted_up_to_the_maximum_and_no_further),
        cmocka_unit_test(only_an_object_passes_as_an_object),
        cmocka_unit_test(kinds_are_told_by_the_first_character),
        cmocka_unit_test(a_walk_hands_out_members_as_they_were_written),
        cmocka_unit_test(a_walk_through_an_array_has_no_keys),
        cmocka_unit_test(a_walk_through_anything_else_is_empty),
        cmocka_unit_test(the_last_of_several_equal_keys_counts),
        cmocka_unit_test(a_key_is_found_however_it_is_escaped),
        cmocka_unit_test(strings_are_unescaped),
        cmocka_unit_test(only_strings_can_be_unescaped),
        cmocka_unit_test(integers_that_fit_are_read_exactly),
        cmocka_unit_test(everything_else_is_no_integer),
        cmocka_unit_test(positions_count_lines_and_code_points),
        cmocka_unit_test(random_texts_are_judged_as_jansson_judges_them),
        cmocka_unit_test(the_tables_are_judged_as_jansson_judges_them),
        cmocka_unit_test(walking_text_that_was_not_checked_stays_in_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
