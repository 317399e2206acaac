/* In place of store.c when configure found no SQLite. */
#include "history/store.h"

bool history_store_is_there(struct error *error)
{
    return error_set(error, "this hilum was built without SQLite");
}

enum store_result history_store_open(struct history_store **store, const char *path,
                                     const char *evaluator, int64_t started, struct error *error)
{
    (void)store, (void)path, (void)evaluator, (void)started;
    (void)!history_store_is_there(error);
    return STORE_FAILED;
}

/* Without a store nobody can call what follows. */

void history_store_close(struct history_store *store)
{
    (void)store;
}

enum store_result history_store_add(struct history_store *store, const struct history_row *rows,
                                    size_t count, struct error *error)
{
    (void)store, (void)rows, (void)count, (void)error;
    return STORE_FAILED;
}

enum store_result history_store_number(struct history_store *store, int64_t *session,
                                       struct error *error)
{
    (void)store, (void)session, (void)error;
    return STORE_FAILED;
}

enum store_result history_store_earlier(struct history_store *store, int64_t session, int64_t back,
                                        int64_t *earlier, struct error *error)
{
    (void)store, (void)session, (void)back, (void)earlier, (void)error;
    return STORE_FAILED;
}

enum store_result history_store_last_line(struct history_store *store, int64_t session,
                                          int64_t *line, struct error *error)
{
    (void)store, (void)session, (void)line, (void)error;
    return STORE_FAILED;
}

enum store_result history_store_read_session(struct history_store *store, int64_t session,
                                             int64_t start, int64_t stop, history_visitor *visitor,
                                             void *context, struct error *error)
{
    (void)store, (void)session, (void)start, (void)stop, (void)visitor, (void)context, (void)error;
    return STORE_FAILED;
}

enum store_result history_store_read_all(struct history_store *store, int64_t session, int64_t line,
                                         history_visitor *visitor, void *context,
                                         struct error *error)
{
    (void)store, (void)session, (void)line, (void)visitor, (void)context, (void)error;
    return STORE_FAILED;
}
