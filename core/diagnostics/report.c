#include "diagnostics/report.h"
#include "base/json_write.h"

void report_write(struct buffer *out, const char *name, const char *sentence)
{
    struct buffer line = {0};
    buffer_append_format(&line, "\033[0;31m%s\033[0m: %s", name, sentence);
    buffer_append(out, STR("\"ename\":"));
    json_write_string(out, str_of(name));
    buffer_append(out, STR(",\"evalue\":"));
    json_write_string(out, str_of(sentence));
    buffer_append(out, STR(",\"traceback\":["));
    json_write_string(out, buffer_str(&line));
    buffer_append_byte(out, ']');
    buffer_fini(&line);
}
