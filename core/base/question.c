#include "base/question.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "base/utf8.h"

size_t question_cursor(struct str content, struct str code)
{
    struct str value;
    int64_t position;
    if (!json_get(content, "cursor_pos", &value) || !json_read_integer(value, &position))
        return code.size;
    return position < 0 ? 0 : utf8_offset(code, (size_t)position);
}

void completions_add(struct completions *completions, struct str text, struct str type)
{
    struct buffer *types = &completions->types;
    const char *comma = completions->texts.size ? "," : "";
    buffer_append_cstr(&completions->texts, comma);
    json_write_string(&completions->texts, text);
    buffer_append_format(types, "%s{\"start\":%zu,\"end\":%zu,\"text\":", comma, completions->start,
                         completions->end);
    json_write_string(types, text);
    buffer_append(types, STR(",\"type\":"));
    json_write_string(types, type);
    buffer_append_byte(types, '}');
}

void completions_write(const struct completions *completions, struct buffer *out)
{
    buffer_append(out, STR("{\"status\":\"ok\",\"matches\":["));
    buffer_append(out, buffer_str(&completions->texts));
    buffer_append_format(out, "],\"cursor_start\":%zu,\"cursor_end\":%zu,", completions->start,
                         completions->end);
    buffer_append(out, STR("\"metadata\":{\"_jupyter_types_experimental\":["));
    buffer_append(out, buffer_str(&completions->types));
    buffer_append(out, STR("]}}"));
    out->failed |= completions->texts.failed || completions->types.failed;
}

void completions_fini(struct completions *completions)
{
    buffer_fini(&completions->texts);
    buffer_fini(&completions->types);
}
