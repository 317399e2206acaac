#include "base/json_scan.h"
#include "base/utf8.h"
#include "base/width.h"
#include "diagnostics/excerpt.h"
#include "diagnostics/html.h"
#include "diagnostics/report.h"
#include "diagnostics/text.h"
#include "test.h"

static void widths_are_those_of_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(width_of('a'), 1);
    assert_int_equal(width_of(0xE9), 1);
    assert_int_equal(width_of(0x301), 0);   /* combining acute */
    assert_int_equal(width_of(0x200D), 0);  /* zero width joiner */
    assert_int_equal(width_of(0x65E5), 2);  /* CJK */
    assert_int_equal(width_of(0x1F389), 2); /* emoji */
    assert_int_equal(width_of(0x1D538), 1); /* a letter beyond the BMP */
}

/* Random code: ASCII, tabs, wide, combining, astral, invalid bytes, line ends. */
static void fill(struct buffer *code, unsigned *seed)
{
    static const struct str pieces[] = {
        STR("x"),
        STR(" "),
        STR("\t"),
        STR("\n"),
        STR("\r\n"),
        STR("\xE6\x97\xA5"),
        STR("\xCC\x81"),
        STR("\xF0\x9F\x8E\x89"),
        STR("\xFF"),
        STR("\xE6\x97"),
        STR("\x1B[31m"),
        STR("<&'\">"),
        STR("\xE2\x80\xAE"),
        {"\0", 1},
        STR("a long stretch of code that has to be cut somewhere around here; ")};
    int count = rand_r(seed) % 60;
    for (int i = 0; i < count; i++)
        buffer_append(code, pieces[(size_t)rand_r(seed) % COUNT(pieces)]);
}

static size_t columns(struct str text)
{
    size_t sum = 0;
    while (text.size) {
        uint32_t c = utf8_next(&text);
        assert_true(c >= 0x20 && (c < 0x7F || c > 0x9F) && c != 0x202E);
        sum += (size_t)width_of(c);
    }
    return sum;
}

static void check_row(void *context, const struct excerpt_row *row)
{
    (void)context;
    if (row->is_gap)
        return;
    assert_true(utf8_is_valid(row->before) && utf8_is_valid(row->marked));
    assert_true(utf8_is_valid(row->after));
    size_t before = columns(row->before), marked = columns(row->marked);
    assert_true(before + marked + columns(row->after) <= EXCERPT_COLUMNS + 2);
    if (row->width) {
        assert_int_equal(row->column, before);
        assert_int_equal(row->width, marked ? marked : 1);
    }
}

static struct hilum_diagnostic random_diagnostic(struct str code, unsigned *seed)
{
    static const uint32_t odd[] = {0, 1, 2, 5, 40, 200, UINT32_MAX - 1, UINT32_MAX};
    uint32_t at[5];
    for (int i = 0; i < 5; i++)
        at[i] =
            rand_r(seed) % 4 ? (uint32_t)rand_r(seed) % 8 : odd[(size_t)rand_r(seed) % COUNT(odd)];
    return (struct hilum_diagnostic){
        .struct_size = sizeof(struct hilum_diagnostic),
        .severity = (enum hilum_severity)(rand_r(seed) % 3),
        .name = str_to_plugin(code),
        .message = str_to_plugin(code),
        .span = {at[0], at[1], at[2]},
        .end = {at[3], at[4]},
    };
}

static void any_span_in_any_text_has_its_caret_where_it_belongs(void **state)
{
    (void)state;
    unsigned seed = 20;
    for (int round = 0; round < 20000; round++) {
        struct buffer code = {0}, text = {0};
        struct report report = {0};
        fill(&code, &seed);
        struct hilum_diagnostic diagnostic = random_diagnostic(buffer_str(&code), &seed);
        struct excerpt excerpt = {buffer_str(&code), 0, diagnostic.span, diagnostic.end, 2};
        struct diagnostic_scene scene = {STR("cell 1"), buffer_str(&code)};
        excerpt_show(&excerpt, check_row, NULL);
        diagnostic_write_text(&text, &diagnostic, &scene, false);
        assert_true(utf8_is_valid(buffer_str(&text)));
        assert_false(text.size && memchr(text.data, '\033', text.size));
        report_set(&report, &diagnostic, &scene);
        assert_true(json_check_object(buffer_str(&report.metadata), NULL));
        report_fini(&report);
        buffer_fini(&code);
        buffer_fini(&text);
    }
}

static void text_is_escaped_in_html(void **state)
{
    (void)state;
    struct buffer out = {0};
    static const struct diagnostic_scene nowhere;
    struct str evil = STR("<script>\"'&\033[31m</script>");
    diagnostic_write_html(&out,
                          &(struct hilum_diagnostic){.struct_size = sizeof(struct hilum_diagnostic),
                                                     .message = str_to_plugin(evil),
                                                     .name = str_to_plugin(evil)},
                          &nowhere);
    buffer_append_byte(&out, '\0');
    assert_null(strstr(out.data, "<script"));
    assert_non_null(strstr(out.data, "&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;"));
    buffer_fini(&out);
}

static void an_older_plugins_diagnostic_is_shown(void **state)
{
    (void)state;
    struct hilum_diagnostic diagnostic;
    struct buffer out = {0};
    static const struct diagnostic_scene nowhere;
    memset(&diagnostic, 0xAA, sizeof diagnostic); /* what it does not cover must not be looked at */
    diagnostic.struct_size = offsetof(struct hilum_diagnostic, end);
    diagnostic.severity = HILUM_SEVERITY_ERROR;
    diagnostic.code = diagnostic.name = (struct hilum_str){"E", 1};
    diagnostic.message = (struct hilum_str){"m", 1};
    diagnostic.span = (struct hilum_span){2, 0, 0};
    diagnostic.traceback_count = 0;
    diagnostic_write_text(&out, &diagnostic, &nowhere, false);
    assert_str(buffer_str(&out), STR("E: m\n  line 2\n"));
    buffer_fini(&out);
}

static void long_places_are_shown_at_both_ends(void **state)
{
    (void)state;
    struct buffer out = {0};
    struct diagnostic_place place = {
        .span = {1, 3, 0}, .end = {9, 2}, .text = STR("a b\nc\nd\ne\nf\ng\nh\ni\nj k\n")};
    diagnostic_write_excerpt(&out, &place, HILUM_SEVERITY_ERROR, false);
    assert_str(buffer_str(&out),
               STR("   1 | a b\n     |   ^\n   2 | c\n     | ^\n   3 | d\n     | ^\n"
                   "   ...\n"
                   "   8 | i\n     | ^\n   9 | j k\n     | ^\n"));
    buffer_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_are_those_of_a_terminal),
        cmocka_unit_test(any_span_in_any_text_has_its_caret_where_it_belongs),
        cmocka_unit_test(text_is_escaped_in_html),
        cmocka_unit_test(an_older_plugins_diagnostic_is_shown),
        cmocka_unit_test(long_places_are_shown_at_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
