#include "config/document.h"
#include "base/json_scan.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void document_fini(struct document *document)
{
    free(document->path);
    document->path = NULL;
    buffer_fini(&document->text);
}

/* True when the file system says that nothing is there, or does not let us look. A file that can
 * be seen and not opened is not absent: to skip it would be to ignore what somebody configured. */
static bool is_absent(const char *path, int number)
{
    struct stat status;
    return number == ENOENT || number == ENOTDIR || (number == EACCES && stat(path, &status) != 0);
}

static bool check_file(int fd, const char *path, struct error *error)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_set_errno(error, "cannot read %s", path);
    if (S_ISDIR(status.st_mode))
        return error_set(error, "%s is a directory; expected a JSON file", path);
    if (!S_ISREG(status.st_mode))
        return error_set(error, "%s is no regular file; expected a JSON file", path);
    if (status.st_size > (off_t)DOCUMENT_MAX)
        return error_set(error, "%s has %lld bytes; a configuration file may have %zu", path,
                         (long long)status.st_size, DOCUMENT_MAX);
    return true;
}

static bool read_all(int fd, const char *path, struct buffer *text, struct error *error)
{
    text->max = DOCUMENT_MAX + 4096;
    for (;;) {
        char *to = buffer_reserve(text, 4096);
        if (!to)
            return error_set(error, "%s grew past %zu bytes while it was read", path, DOCUMENT_MAX);
        ssize_t count = read(fd, to, 4096);
        if (count == 0)
            return true;
        if (count > 0)
            buffer_commit(text, (size_t)count);
        else if (errno != EINTR)
            return error_set_errno(error, "cannot read %s", path);
    }
}

static bool syntax_error(struct error *error, const char *path, size_t line, size_t column,
                         const char *what)
{
    error_set(error, "%s:%zu:%zu: %s", path, line, column, what);
    error_code(error, "config.syntax");
    return error_at(error, path, line, column, 1);
}

/* jansson explains syntax best and knows duplicate keys; json_check guards what json_scan reads. */
static bool check_syntax(struct document *document, const char *path, struct error *error)
{
    static const struct str mark = {"\xEF\xBB\xBF", 3};
    if (str_has_prefix(buffer_str(&document->text), mark))
        buffer_consume(&document->text, mark.size);
    struct str text = buffer_str(&document->text);
    json_error_t cause;
    json_t *tree = json_loadb(text.size ? text.data : "", text.size,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &cause);
    bool is_object = json_is_object(tree);
    json_decref(tree);
    if (!tree)
        return syntax_error(error, path, (size_t)cause.line,
                            cause.column > 0 ? (size_t)cause.column : 1, cause.text);
    if (!is_object)
        return syntax_error(error, path, 1, 1, "expected an object in braces");
    struct json_problem problem;
    if (!json_check_object(text, &problem)) {
        size_t line, column;
        json_position(text, problem.offset, &line, &column);
        return syntax_error(error, path, line, column, problem.what);
    }
    return true;
}

enum document_result document_read(struct document *document, const char *path, struct error *error)
{
    /* O_NONBLOCK: a FIFO must not hold us up before check_file refuses it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        bool absent = is_absent(path, errno);
        error_set_errno(error, "cannot read %s", path);
        error_code(error, "config.unreadable");
        return absent ? DOCUMENT_ABSENT : DOCUMENT_BAD;
    }
    struct document fresh = {.path = strdup(path)};
    bool good = fresh.path || error_set(error, "out of memory");
    good = good && check_file(fd, path, error) && read_all(fd, path, &fresh.text, error) &&
           check_syntax(&fresh, path, error);
    close(fd);
    if (!good) {
        if (error && !error->code)
            error_code(error, "config.unreadable");
        document_fini(&fresh);
        return DOCUMENT_BAD;
    }
    *document = fresh;
    return DOCUMENT_READ;
}

static size_t offset_of(const struct document *document, struct str at)
{
    return (size_t)(at.data - document->text.data);
}

size_t document_line(const struct document *document, struct str at)
{
    size_t line, column;
    json_position(buffer_str(&document->text), offset_of(document, at), &line, &column);
    return line;
}

static struct str first_line(struct str text)
{
    const char *end = text.size ? memchr(text.data, '\n', text.size) : NULL;
    return end ? str_slice(text, 0, (size_t)(end - text.data)) : text;
}

bool document_error(const struct document *document, struct str at, struct error *error,
                    const char *format, ...)
{
    char text[sizeof error->sentence];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t line, column;
    json_position(buffer_str(&document->text), offset_of(document, at), &line, &column);
    error_set(error, "%s:%zu:%zu: %s", document->path, line, column, text);
    error_code(error, "config.wrong-value");
    return error_at(error, document->path, line, column, utf8_count(first_line(at)));
}
