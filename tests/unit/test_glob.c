#include "base/glob.h"
#include "test.h"

#include <stdlib.h>

static void patterns_match_whole_texts(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool matches;
    } cases[] = {
        {"", "", true},
        {"", "a", false},
        {"a", "", false},
        {"*", "", true},
        {"**", "abc", true},
        {"abc", "abc", true},
        {"abc", "abcd", false},
        {"abc", "xabc", false},
        {"a*", "a", true},
        {"a*c", "abcbc", true},
        {"a*c", "abcb", false},
        {"*b*", "abc", true},
        {"*b*d*", "abcde", true},
        {"*b*d*b*", "abcde", false},
        {"*aab", "aaaab", true},
        {"?", "", false},
        {"?", "a", true},
        {"?", "\xF0\x9D\x84\x9E", true},
        {"??", "\xF0\x9D\x84\x9E", false},
        {"*?", "\n", true},
        {"[abc]", "b", true},
        {"[abc]", "d", false},
        {"[a-c]", "b", true},
        {"[a-c]", "-", false},
        {"[a-]", "-", true},
        {"[-a]", "-", true},
        {"[^a-c]", "d", true},
        {"[^a-c]", "c", false},
        {"[]]", "]", true},
        {"[^]]", "]", false},
        {"[^]]", "x", true},
        {"[]-a]", "^", true},
        {"[*]", "*", true},
        {"[*]", "a", false},
        {"[?]x", "?x", true},
        {"[\xC3\xA0-\xC3\xBF]", "\xC3\xA9", true},
        {"[\xC3\xA0-\xC3\xBF]", "z", false},
        {"[a", "a", false},
        {"[", "[", false},
        {"*[", "a[", false},
        {"\\*", "\\anything", true},
        {"\\*", "*", false},
        {"A", "a", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        if (glob_matches(str_of(cases[i].pattern), str_of(cases[i].text)) != cases[i].matches)
            fail_msg("\"%s\" and \"%s\"", cases[i].pattern, cases[i].text);
}

static void zero_bytes_are_bytes(void **state)
{
    (void)state;
    assert_true(glob_matches(STR("*b"), STR("a\0b")));
    assert_true(glob_matches(STR("a?b"), STR("a\0b")));
    assert_true(glob_matches(STR("a\0b"), STR("a\0b")));
    assert_false(glob_matches(STR("a"), STR("a\0b")));
}

/* Copies of the exact size, so that a sanitizer sees a byte too many. */
static bool match_copies(const char *pattern, const char *text)
{
    char *p = memcpy(malloc(strlen(pattern)), pattern, strlen(pattern));
    char *t = memcpy(malloc(strlen(text)), text, strlen(text));
    bool matches = glob_matches((struct str){p, strlen(pattern)}, (struct str){t, strlen(text)});
    free(p);
    free(t);
    return matches;
}

static void invalid_text_is_read_within_its_bounds(void **state)
{
    (void)state;
    static const char *const texts[] = {"\x80", "\xF0", "a\xC3", "\xFF\xFE", "[\x80-\xF0", "[^"};
    for (size_t i = 0; i < COUNT(texts); i++)
        for (size_t j = 0; j < COUNT(texts); j++)
            if (i < 4 && j == i)
                assert_true(match_copies(texts[i], texts[j]));
            else
                (void)match_copies(texts[i], texts[j]);
}

static void many_stars_do_not_take_forever(void **state)
{
    (void)state;
    struct buffer pattern = {0}, text = {0};
    for (int i = 0; i < 1000; i++)
        buffer_append(&pattern, STR("*a"));
    buffer_append_byte(&pattern, 'b');
    for (int i = 0; i < 20000; i++)
        buffer_append_byte(&text, 'a');
    assert_false(glob_matches(buffer_str(&pattern), buffer_str(&text)));
    buffer_fini(&pattern);
    buffer_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_whole_texts),
        cmocka_unit_test(zero_bytes_are_bytes),
        cmocka_unit_test(invalid_text_is_read_within_its_bounds),
        cmocka_unit_test(many_stars_do_not_take_forever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
