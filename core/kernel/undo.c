#include "kernel/undo.h"
#include "base/json_scan.h"
#include "base/json_write.h"
#include "kernel/state.h"

#include <stdio.h>

bool undo_read(struct str arguments, int64_t *steps, struct error *error)
{
    *steps = 1;
    if (!arguments.size)
        return true;
    if (json_check(arguments, NULL) && json_read_integer(arguments, steps) && *steps > 0)
        return true;
    return error_set(error, "%%undo takes the number of cells to go back, such as 2, not \"%.*s\"",
                     STR_FORMAT(str_slice(arguments, 0, 60)));
}

void undo_tell(struct kernel *kernel, int64_t steps)
{
    struct buffer content = {0};
    char text[160];
    snprintf(text, sizeof text, "Went back %lld cell%s: the session is as it was before %s.\n",
             (long long)steps, steps == 1 ? "" : "s", steps == 1 ? "it" : "them");
    buffer_append(&content, STR("{\"name\":\"stdout\",\"text\":"));
    json_write_string(&content, str_of(text));
    buffer_append_byte(&content, '}');
    if (!kernel->execution.silent)
        publish(&kernel->publisher, STR("stream"), kernel->execution.active, buffer_str(&content));
    buffer_fini(&content);
}
