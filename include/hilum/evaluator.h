/*
 * <hilum/evaluator.h>: what an evaluator is to Hilum, ABI 1.
 *
 * An evaluator makes one language usable in Jupyter. It is a shared object that exports one
 * function, hilum_evaluator(), which returns a constant table: facts about the language and the
 * functions load / compile / run and their friends. Hilum's core does everything else: the Jupyter
 * protocol, the queue, output capture, interrupts, crash recovery. plugins/echo/echo.c is a
 * complete evaluator; copy it.
 *
 * WHAT AN EVALUATOR FINDS INSIDE ITS PROCESS
 *
 * Process   A worker process of its own, started by the kernel process with fork and exec. It
 *           speaks no network protocol and may crash: the kernel lives on, tells the user which
 *           signal killed the cell, and starts another worker.
 * Threads   The worker has one thread. Every function of the table is called on it, one at a
 *           time. An evaluator may start threads of its own (its session can then not be
 *           checkpointed by fork); host functions may be called only on the main thread and only
 *           while a function of the table runs, unless their comment says otherwise.
 * Signals   SIGINT is the worker's (see `interrupt`), SIGHUP means that the kernel is gone (the
 *           default handler kills the worker's process group) and SIGPIPE is ignored. All other
 *           signals have their default action and are the evaluator's to use. Handlers are
 *           installed without SA_RESTART: a blocking system call in evaluator code fails with
 *           EINTR when the user interrupts.
 * fds       0 reads /dev/null. 1 and 2 are pipes that the kernel reads all the time; whatever is
 *           written there, by the evaluator, by a C library or by a child process, becomes the
 *           running cell's output. Give up stdio buffering or flush before returning. One more
 *           descriptor, close-on-exec, belongs to the core.
 * Locale    setlocale(LC_CTYPE, "C.UTF-8") has been called; LC_NUMERIC is "C". Leave it so.
 * Group     The worker leads its own session and process group. The kernel signals and kills the
 *           whole group, so children that should be stopped with the cell belong in it.
 * Memory    Neither side frees the other's memory. What a function receives is borrowed until it
 *           returns; what it passes to the host is copied before the host function returns.
 * Text      Every string is UTF-8, pointer + size, without a terminating NUL; it may contain NUL.
 *           Text from the core is valid UTF-8. Invalid bytes given to the host are replaced by
 *           U+FFFD. Offsets into code are counted in bytes; the core converts to and from
 *           Jupyter's code points.
 *
 * VERSIONS
 *
 * Both tables start with abi_version and struct_size. Within one ABI version members are only
 * ever added at the end. The core copies min(struct_size, its own size) bytes of an evaluator's
 * table and takes the missing rest as NULL; an evaluator must check HILUM_HAS(host, member) before
 * it uses a host member that was added after the version it was written for. Structs that may grow
 * carry struct_size too: set it to sizeof.
 */
#ifndef HILUM_EVALUATOR_H
#define HILUM_EVALUATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HILUM_ABI_VERSION 1u

#if defined(__GNUC__)
#define HILUM_EXPORT __attribute__((visibility("default")))
#else
#define HILUM_EXPORT
#endif

/* True when `table` is long enough to hold `member`, which may still be NULL. */
#define HILUM_HAS(table, member)                                                                   \
    ((table)->struct_size >= (size_t)((const char *)(&(table)->member + 1) - (const char *)(table)))

/* Borrowed UTF-8 text or bytes. data may be NULL when size is 0. */
struct hilum_str {
    const char *data;
    size_t size;
};

enum hilum_status {
    /* Done. */
    HILUM_OK = 0,
    /* Failed; the cause went to host->diagnostic with HILUM_SEVERITY_ERROR before the return. */
    HILUM_ERROR = 1,
    /* Stopped because of an interrupt. Needs no diagnostic: the core tells the user. */
    HILUM_INTERRUPTED = 2,
    /* From host->input: nobody can be asked. From comm_open: there is no such target. From forking:
     * the session cannot be copied. */
    HILUM_UNAVAILABLE = 3,
    /* From host->input only: the user ended the input (Ctrl-D). */
    HILUM_END_OF_INPUT = 4,
};

/* ---- Facts about the language: kernel_info_reply's language_info --------------------------- */

/* Texts are NUL-terminated, static, and go to clients as they are. NULL: unknown, left out. */
struct hilum_language {
    const char *name;               /* "lua"; mandatory */
    const char *version;            /* of the language: "5.4.6"; mandatory */
    const char *mimetype;           /* "text/x-lua"; mandatory */
    const char *file_extension;     /* with the dot: ".lua"; mandatory */
    const char *pygments_lexer;     /* when it differs from name */
    const char *codemirror_mode;    /* a mode's name, or a JSON object (starts with '{') */
    const char *nbconvert_exporter; /* when there is a special one */
};

struct hilum_help_link {
    const char *text;
    const char *url;
};

/* ---- Options: the evaluator's section of hilum.json ----------------------------------------- */

enum hilum_option_type {
    HILUM_OPTION_STRING = 0,
    HILUM_OPTION_INTEGER = 1,
    HILUM_OPTION_NUMBER = 2,
    HILUM_OPTION_BOOLEAN = 3,
    HILUM_OPTION_JSON = 4, /* any JSON value; the setting's value is its text, checked */
};

/*
 * One key that the evaluator accepts in its section of the config file. The core checks the
 * section against this list (unknown keys and wrong types are errors that name file and key), so
 * an evaluator needs no JSON parser. default_value and the values in struct hilum_setting are
 * text: "true", "12", "0.5", the string itself, or JSON. A NULL default_value means: absent unless
 * set.
 */
struct hilum_option {
    const char *key;
    enum hilum_option_type type;
    const char *default_value;
    const char *help;
};

struct hilum_setting {
    struct hilum_str key;
    struct hilum_str value;
};

/* ---- Values that the host shows ------------------------------------------------------------- */

enum hilum_encoding {
    HILUM_TEXT = 0,   /* UTF-8 text: becomes a JSON string */
    HILUM_JSON = 1,   /* JSON text: goes into the bundle as it is; checked by the core */
    HILUM_BINARY = 2, /* bytes (image/png, ...): base64, as Jupyter wants it */
};

/* One representation of a value. */
struct hilum_datum {
    struct hilum_str mime_type; /* "text/plain" */
    struct hilum_str data;
    enum hilum_encoding encoding;
};

/* A value in one or more representations (the specification's "mime bundle"). */
struct hilum_bundle {
    uint32_t struct_size;
    const struct hilum_datum *data;
    size_t count;
    struct hilum_str metadata;   /* a JSON object, or empty */
    struct hilum_str display_id; /* transient display_id, or empty for none */
};

/* ---- Diagnostics ---------------------------------------------------------------------------- */

enum hilum_severity {
    HILUM_SEVERITY_NOTE = 0,
    HILUM_SEVERITY_WARNING = 1,
    HILUM_SEVERITY_ERROR = 2,
};

/* A place in the cell being compiled or run; for an error in an earlier cell, the place in this one
 * that led there. line and column count from 1, column and length in code points. line 0: no place
 * is known. column 0: only the line is known. length 0: only the starting point is known. */
struct hilum_span {
    uint32_t line;
    uint32_t column;
    uint32_t length;
};

struct hilum_position {
    uint32_t line;
    uint32_t column;
};

/* 0.2: a place in any source, in a list of them: a call, or where something was defined. */
struct hilum_place {
    uint32_t struct_size;
    struct hilum_str source; /* "cell 12", "util.lua"; empty: the cell that is compiled or run */
    struct hilum_span span;
    struct hilum_position end; /* as in hilum_diagnostic */
    struct hilum_str label;    /* what is there: "in function 'f'", "opened here"; empty for none */
    struct hilum_str text;     /* code around it, whole lines; empty: not known. Not needed for the
                                  cell that is compiled or run */
    uint32_t text_line;        /* the number of the first of them; 0 means 1 */
    const struct hilum_place *next; /* NULL: that was the last */
};

/* 0.2: an error that led to another one. */
struct hilum_cause {
    uint32_t struct_size;
    struct hilum_str code; /* as in hilum_diagnostic */
    struct hilum_str name;
    struct hilum_str message;
    const struct hilum_place
        *places;                    /* where it was, then the calls that led there; NULL: unknown */
    const struct hilum_cause *next; /* what led to this one; NULL: nothing that is known */
};

/*
 * Something that is wrong, or worth knowing. The core shows it to the user (a traceback with the
 * lines of code and carets, HTML) and tells it to programs: docs/diagnostics.md.
 */
struct hilum_diagnostic {
    uint32_t struct_size;
    enum hilum_severity severity;
    struct hilum_str code;    /* stable, for machines: "lua.syntax"; empty for none */
    struct hilum_str name;    /* ename: "SyntaxError" */
    struct hilum_str message; /* evalue: one sentence without a place prefix */
    struct hilum_span span;
    const struct hilum_str *traceback; /* lines as the user should read them, without line ends; */
    size_t traceback_count;            /* none: the core makes them from the other members */

    /* Members below were added later: the core reads them when struct_size covers them. */
    struct hilum_position end; /* where the span ends when that is on another line, just past the
                                  last code point; line 0: span says it all */
    const struct hilum_str *notes; /* what helps to understand, a text each that may have lines */
    size_t note_count;
    const struct hilum_str *hints; /* what the user could do, the most promising first */
    size_t hint_count;

    /* 0.2 */
    struct hilum_str source; /* whose line and column `span` has, when that is not the cell that is
                                compiled or run: "util.lua" */
    struct hilum_str text;   /* code of that source, whole lines; empty: not known */
    uint32_t text_line;      /* the number of the first of them; 0 means 1 */
    const struct hilum_place *frames;  /* the calls that led to it, innermost first; shown in the
                                          place of span */
    const struct hilum_place *related; /* other places that help to understand */
    const struct hilum_cause *causes;  /* the error that led to this one, and what led to that */
};

/* ---- Completion ----------------------------------------------------------------------------- */

struct hilum_completion {
    struct hilum_str text; /* replaces the span given to host->completions */
    struct hilum_str type; /* "function", "keyword", "field", ...; empty for none */
};

enum hilum_completeness {
    HILUM_COMPLETE = 0,
    HILUM_INCOMPLETE = 1, /* more lines are needed */
    HILUM_INVALID = 2,    /* no continuation can make it right */
    HILUM_UNKNOWN = 3,
};

/* ---- Limits --------------------------------------------------------------------------------- */

/*
 * What the operator, or the running cell, lets the session use; 0: no limit. The core watches all
 * limits by itself, so an evaluator need not look at them. One whose language has a heap of its own
 * can do better than being interrupted: let the heap not grow beyond `memory`, so that this is an
 * ordinary error of the language. It should have the name MemoryLimitExceeded and say the limit, the
 * use and `memory_setting`. `memory` is for all processes of the session, so leave some of it to what
 * is not in the heap.
 */
struct hilum_limits {
    uint32_t struct_size;
    uint64_t memory;                 /* bytes; above it the cell is interrupted */
    uint64_t memory_hard;            /* bytes; above it the process is killed */
    struct hilum_str memory_setting; /* where `memory` is changed: "limits.session_memory_mb" */
};

/* ---- Comms: messages between the evaluator and a program in the frontend -------------------- */

/*
 * One comm message, in either direction. comm_open starts a comm, comm_msg says something on it,
 * comm_close ends it; whoever opens it chooses its comm_id, which nobody may have used before
 * (random characters; a counter would start again when a session does). comm_id and target_name
 * have at most 1024 bytes.
 */
struct hilum_comm_message {
    uint32_t struct_size;
    struct hilum_str comm_id;
    struct hilum_str target_name;    /* of comm_open: whom it is for; otherwise empty */
    struct hilum_str data;           /* JSON text; to the host an object, or empty for {} */
    struct hilum_str metadata;       /* a JSON object; to the host also empty for {} */
    const struct hilum_str *buffers; /* bytes that arrive as they are, empty ones, too; */
    size_t buffer_count;             /* to the host at most 240 */
};

/* ---- The host: what the core does for an evaluator ------------------------------------------ */

struct hilum_session;

enum hilum_stream {
    HILUM_STDOUT = 1,
    HILUM_STDERR = 2,
};

enum hilum_log_level {
    HILUM_LOG_ERROR = 0,
    HILUM_LOG_WARNING = 1,
    HILUM_LOG_INFO = 2,
    HILUM_LOG_DEBUG = 3,
};

/*
 * Handed to load and valid until unload returns. Call members as host->stream(host, ...). Output
 * belongs to the request that is being served. Output functions block while the kernel's bounded
 * buffers are full (a slow reader slows the cell down, nothing is dropped). They cannot fail as
 * the evaluator sees it: when the kernel is gone the worker ends.
 */
struct hilum_host {
    uint32_t abi_version;
    uint32_t struct_size;

    /* Prints. Equal to writing to fd 1 or 2, also when those were closed or are somebody else's file
     * now, except that stdout and stderr keep their relative order when both go through here. What
     * was printed is in memory that outlives a crash, or in the pipe, when this returns.
     * Async-signal-unsafe. */
    void (*stream)(const struct hilum_host *host, enum hilum_stream stream, struct hilum_str text);

    /* Shows a value (display_data), in order with everything printed before and after. */
    void (*display)(const struct hilum_host *host, const struct hilum_bundle *bundle);

    /* Replaces what was shown with the same display_id (update_display_data). An empty display_id
     * is an error of the evaluator and is logged. */
    void (*update_display)(const struct hilum_host *host, const struct hilum_bundle *bundle);

    /* The value of the cell (execute_result) or of the expression that is being evaluated. At most
     * once in a run, and last: a second call is logged and shown as display_data. */
    void (*result)(const struct hilum_host *host, const struct hilum_bundle *bundle);

    /* Clears the cell's output area; with `wait`, when the next output arrives. */
    void (*clear_output)(const struct hilum_host *host, bool wait);

    /* Reports an error, warning or note. An error is what the reply and the `error` message will
     * say when the running function returns HILUM_ERROR; the last one counts. Warnings and notes
     * are shown at once and do not fail the cell. */
    void (*diagnostic)(const struct hilum_host *host, const struct hilum_diagnostic *diagnostic);

    /*
     * Asks the user for one line (input_request) and blocks until the answer comes. With
     * `password` the frontend hides what is typed. On HILUM_OK *line is the answer without a line
     * end, borrowed until the next host call. HILUM_UNAVAILABLE: the client does not allow input.
     * HILUM_END_OF_INPUT: the user ended the input instead. HILUM_INTERRUPTED: the user interrupted; stop the cell and return the same.
     */
    enum hilum_status (*input)(const struct hilum_host *host, struct hilum_str prompt,
                               bool password, struct hilum_str *line);

    /* True from the moment an interrupt arrived until the running function returns. Cheap; may be
     * called from any thread and from signal handlers. */
    bool (*cancelled)(const struct hilum_host *host);

    /* Writes one line to the kernel's log. Never shown to the user. */
    void (*log)(const struct hilum_host *host, enum hilum_log_level level, struct hilum_str text);

    /* From `complete`, at most once: the candidates that replace bytes [start, end) of the code.
     * Not called, or with none: there are none. */
    void (*completions)(const struct hilum_host *host, size_t start, size_t end,
                        const struct hilum_completion *items, size_t count);

    /* From `inspect`, at most once: what is known about the thing at the cursor. Not called:
     * nothing was found. */
    void (*inspection)(const struct hilum_host *host, const struct hilum_bundle *bundle);

    /* ABI 1 ends here. New members go below, with the version that added them. */

    /*
     * 0.2: from `run`: this unit leaves the session as it was before it, so that no checkpoint has to be
     * made of it. To be called only when that is certain, which takes more than variables: it has not
     * started a process either, and has left open descriptors and signal handlers alone, so the worker
     * does not look for such things after it. What it has printed does not count.
     */
    void (*unchanged)(const struct hilum_host *host);

    /* 0.2: what limits hold. In `load` those of the session; in `run` those of the cell, which may be
     * lower. Borrowed until the running function returns. Never NULL. */
    const struct hilum_limits *(*limits)(const struct hilum_host *host);
    /*
     * 0.2: opens a comm to a target in the frontends, sends a message on an open comm, closes one.
     * Called from run, comm_open, comm_msg or comm_close. In order with everything printed and
     * displayed before and after. All frontends get it. HILUM_ERROR when data or metadata is no
     * JSON object or the message is too large (the log says so); it was not sent then. A message
     * on a comm that is not open is dropped and logged. When the evaluator closes a comm its own
     * comm_close is not called.
     */
    enum hilum_status (*comm_open)(const struct hilum_host *host,
                                   const struct hilum_comm_message *message);
    enum hilum_status (*comm_msg)(const struct hilum_host *host,
                                  const struct hilum_comm_message *message);
    enum hilum_status (*comm_close)(const struct hilum_host *host,
                                    const struct hilum_comm_message *message);
    /* Added after 0.1.0, for evaluators that drive a program of their own; check with HILUM_HAS. */

    /* Returns when the kernel has taken everything printed and shown so far: what is printed after
     * this, by whatever process, is shown after it. */
    void (*sync)(const struct hilum_host *host);

    /*
     * Declares the processes that belong to the evaluator itself, all that there are; replaces what
     * was declared before. Without it the core takes them for something that a cell left running.
     * Their children are taken for that still. They stay in the worker's process group (but for copies
     * that sleep as checkpoints), die with it, and are the evaluator's to reap.
     */
    void (*own_processes)(const struct hilum_host *host, const int64_t *pids, size_t count);

    /* From `load`: facts that only the program knows, a JSON object with any of "language_info",
     * "banner" and "help_links" as in kernel_info_reply. They fill in what the table and the config
     * leave open. */
    void (*facts)(const struct hilum_host *host, struct hilum_str object);

    /* Calls ready(session) on the main thread when `fd` is readable, or has ended, while no request
     * is served. At most one fd is watched; a negative one ends that. It may use host functions;
     * what it shows belongs to the last cell. */
    void (*watch)(const struct hilum_host *host, int fd,
                  void (*ready)(struct hilum_session *session), struct hilum_session *session);

    /*
     * The session is lost and cannot go on. `cause` completes the sentence "the worker process ...":
     * "ended because its program was killed by signal 9". Ends the worker process; does not return.
     * The kernel tells the user and starts another worker. `untouched`: nothing of the request that
     * is being served was begun, so it may be given to the next worker. Not from `load`, which fails
     * with a diagnostic instead.
     */
    void (*lost)(const struct hilum_host *host, struct hilum_str cause, bool untouched);

    /*
     * As `stream`, and cheaper: for an evaluator that knows that nothing else can have printed, or
     * changed the descriptors 1 and 2, since its last call of one of these two: only its own code ran,
     * such as a loop of prints, and no C library, no function of the user's in C, no other process
     * was started or waited for. The order of these prints is certain then without asking the system.
     * When in doubt, `stream`.
     */
    void (*stream_on)(const struct hilum_host *host, enum hilum_stream stream,
                      struct hilum_str text);
};

/* ---- The evaluator -------------------------------------------------------------------------- */

/* Each evaluator defines these two as it likes. */
struct hilum_session; /* what persists between cells */
struct hilum_unit;    /* one compiled cell */

enum hilum_source_kind {
    HILUM_SOURCE_CELL = 0,
    HILUM_SOURCE_EXPRESSION = 1, /* from user_expressions: run should end in host->result */
};

struct hilum_source {
    uint32_t struct_size;
    enum hilum_source_kind kind;
    struct hilum_str code;
    struct hilum_str name;   /* how messages call it: "cell 12"; cells that are not counted, and
                                user expressions, have the name of the last one that was */
    int64_t execution_count; /* of the cell, or of the cell the expression belongs to */

    /*
     * 0.2: run comes at once when compile has succeeded, so an evaluator may begin it by then. When an
     * interrupt comes in between, the unit is discarded instead, with host->cancelled true: discard
     * then stops what was begun.
     */
    bool runs;
};

/* Capabilities: facts that the core builds on. */
enum {
    /* The session survives fork(): the child is a full copy that works. Holds when the evaluator
     * keeps no threads, no connections and no temporary files that the two copies would share. */
    HILUM_FORK_SAFE = 1u << 0,
};

/*
 * Checkpoints: after each cell the worker forks. The child sleeps, as the state that a crash, a kill or
 * %undo leads back to; the parent is the session and goes on. When the session has died, the child is
 * the session.
 */
enum hilum_fork {
    HILUM_FORK_PREPARE = 0,    /* before the fork */
    HILUM_FORK_SESSION = 1,    /* after it, in the parent */
    HILUM_FORK_CHECKPOINT = 2, /* after it, in the child, which is about to sleep */
    HILUM_FORK_FAILED = 3,     /* there was no fork after all */
    HILUM_FORK_RESUMED = 4,    /* in a child that is the session from now on */
};

/*
 * The evaluator's table. Members up to and including `unload` are mandatory, the others may be
 * NULL. The core calls load first and unload last; in between, for each cell, compile, then run
 * if compile succeeded, then discard.
 */
struct hilum_evaluator {
    uint32_t abi_version; /* HILUM_ABI_VERSION */
    uint32_t struct_size; /* sizeof(struct hilum_evaluator) */

    const char *name;         /* as in the config: "lua"; lower case letters, digits, '-', '_' */
    const char *version;      /* of the evaluator, not of the language */
    const char *display_name; /* in the kernel menu; Hilum appends " (Hilum)" */
    const char *banner;       /* shown by consoles at start; lines separated by '\n' */
    const struct hilum_language *language;
    uint32_t capabilities; /* HILUM_FORK_SAFE, ... */

    /*
     * Starts the session. `settings` holds each option that is set or has a default; their types
     * are checked, ranges are the evaluator's to check. May block; kernel_info is answered
     * meanwhile, cells wait. May return HILUM_INTERRUPTED. On HILUM_OK *session is set. On any failure
     * *session is untouched, nothing is left behind and a diagnostic says what the user can do.
     */
    enum hilum_status (*load)(const struct hilum_host *host, const struct hilum_setting *settings,
                              size_t setting_count, struct hilum_session **session);

    /*
     * Turns source into a unit without side effects on the session: nothing is defined, printed
     * or read. Errors in the code are diagnostics with a span; then HILUM_ERROR and *unit is
     * untouched. `source` is valid until discard of the unit returns.
     */
    enum hilum_status (*compile)(struct hilum_session *session, const struct hilum_source *source,
                                 struct hilum_unit **unit);

    /* Runs a unit, once. Output, values and errors go to the host while it runs. May block as
     * long as the cell does, but must come back promptly after `interrupt`. */
    enum hilum_status (*run)(struct hilum_session *session, struct hilum_unit *unit);

    /* Frees a unit: after it ran, or when it never will. Never fails. */
    void (*discard)(struct hilum_session *session, struct hilum_unit *unit);

    /* Ends the session and frees it. Called at an orderly shutdown only, and has half a second
     * before the process is killed. */
    void (*unload)(struct hilum_session *session);

    /* Optional: options of the config section; ends with an entry whose key is NULL. */
    const struct hilum_option *options;

    /* Optional: links for the frontend's Help menu; ends with an entry whose text is NULL. */
    const struct hilum_help_link *help_links;

    /*
     * Optional: makes the running compile, run, complete or inspect stop soon and return
     * HILUM_INTERRUPTED. Called in the SIGINT handler on the main thread, at any instruction of
     * that function (also inside malloc): async-signal-safe code only. Never called while none
     * runs. Children in the process group
     * have got the SIGINT as well. host->cancelled is already true. It is called again and again
     * until the function returns. The first call may come just before the function's first
     * instruction: clear your own flags when the function ends, not when it begins. Without it, the evaluator is
     * expected to poll host->cancelled (as load is, which has no session yet).
     */
    void (*interrupt)(struct hilum_session *session);

    /* Optional: finds completions for `code` with the cursor before byte `cursor` (on a code point
     * boundary, 0 <= cursor <= code.size) and hands them to host->completions. */
    enum hilum_status (*complete)(struct hilum_session *session, struct hilum_str code,
                                  size_t cursor);

    /* Optional: describes what stands at the cursor with host->inspection. detail_level 0 is the
     * short form, 1 the long one (source code, ...). */
    enum hilum_status (*inspect)(struct hilum_session *session, struct hilum_str code,
                                 size_t cursor, int detail_level);

    /* Optional: may the console run this code as it is? For HILUM_INCOMPLETE, *indent may be set
     * to what the next line should start with, borrowed until the next call. Must be quick. */
    enum hilum_completeness (*is_complete)(struct hilum_session *session, struct hilum_str code,
                                           struct hilum_str *indent);

    /* ABI 1 ends here. New members go below, with the version that added them. */

    /*
     * 0.2, optional, for evaluators that keep something outside the process: called around the fork that
     * makes a checkpoint (see HILUM_FORK_SAFE), in between requests. Without it, nothing has to be done.
     * From HILUM_FORK_PREPARE, anything but HILUM_OK means: no checkpoint this time;
     * HILUM_UNAVAILABLE: nor ever, which the user can see in %status. The result of the others is not
     * looked at. May block as long as a fork does.
     */
    enum hilum_status (*forking)(struct hilum_session *session, enum hilum_fork phase);

    /*
     * 0.2, optional: a frontend opens a comm, says something on an open one, closes one. Called
     * between cells, in the order in which the frontend sent cells and comm messages; may call
     * every host function that `run` may except result and input, and may be interrupted as run is.
     *
     * comm_open: HILUM_OK accepts the comm. HILUM_UNAVAILABLE: there is no such target_name. On
     * anything but HILUM_OK the core closes the comm again. Without it there are no targets.
     * HILUM_ERROR from any of them is shown as the error of that message; a comm that is open
     * stays so. After comm_close the comm_id means nothing any more, whatever is returned. When a
     * session dies the core closes its comms.
     */
    enum hilum_status (*comm_open)(struct hilum_session *session,
                                   const struct hilum_comm_message *message);
    enum hilum_status (*comm_msg)(struct hilum_session *session,
                                  const struct hilum_comm_message *message);
    enum hilum_status (*comm_close)(struct hilum_session *session,
                                    const struct hilum_comm_message *message);
};

/* The one symbol an evaluator exports. Returns a table that stays valid while the shared object is
 * loaded. Does no work: the core also calls it to list and describe evaluators. */
HILUM_EXPORT const struct hilum_evaluator *hilum_evaluator(void);

#ifdef __cplusplus
}
#endif

#endif
