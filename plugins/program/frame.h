/*
 * The framing of the worker protocol (docs/worker-protocol.md) as the driver of a program needs it:
 * one header line of JSON, then raw parts. Nothing that a program sends is trusted.
 */
#ifndef HILUM_PROGRAM_FRAME_H
#define HILUM_PROGRAM_FRAME_H

#include <hilum/evaluator.h>
#include <stdbool.h>

#define FRAME_HEADER_MAX 4096                /* bytes of a header line */
#define FRAME_PARTS_MAX  64                  /* content and binary buffers */
#define FRAME_BODY_MAX   ((size_t)256 << 20) /* bytes of all parts together */
#define FRAME_TYPE_MAX   64                  /* bytes of a type */

struct frame {
    char type[FRAME_TYPE_MAX + 1];
    int64_t id;
    size_t part_count;
    struct hilum_str parts[FRAME_PARTS_MAX]; /* parts[0] is the content, when there is any */
};

/* Collects bytes until frames are complete. A zeroed reader is ready. */
struct frame_reader {
    char *bytes;
    size_t size, capacity;
    size_t consumed; /* bytes of frames that were handed out */
    bool
        has_passed; /* a descriptor came along (SCM_RIGHTS): the last one; take it and clear this */
    int passed;
};

void frame_reader_fini(struct frame_reader *reader);
void frame_reader_drop_passed(struct frame_reader *reader);

enum frame_result {
    FRAME_COMPLETE, /* *frame is set; it borrows from the reader until the next call */
    FRAME_MORE,     /* no complete frame yet */
    FRAME_BROKEN,   /* the bytes are no frame; *problem says what is wrong */
};

#define FRAME_PROBLEM_SIZE 160

enum frame_result frame_next(struct frame_reader *reader, struct frame *frame,
                             char problem[FRAME_PROBLEM_SIZE]);

enum frame_input {
    FRAME_INPUT_SOME,  /* bytes were read */
    FRAME_INPUT_NONE,  /* nothing now */
    FRAME_INPUT_ENDED, /* the other side is gone, or there is no memory for what it sends */
};

/* One recv(2) that does not block. */
enum frame_input frame_read(struct frame_reader *reader, int fd);

/* The text of one frame that has one part, or none when `content` is empty; the caller frees it.
 * NULL: out of memory. `type` needs no escapes. */
char *frame_encode(const char *type, int64_t id, struct hilum_str content, size_t *size);

#endif
