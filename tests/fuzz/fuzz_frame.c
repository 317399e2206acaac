/*
 * The driver's reader of what programs send: never more than memory-safe on noise, the same frames
 * however the bytes are cut, and all parts lie inside what was read.
 */
#include "../../plugins/program/frame.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* All that a reader told: its frames as bytes, and how it ended. */
struct story {
    struct buffer frames;
    size_t count;
    bool broken;
};

static void take_frame(struct story *story, const struct frame *frame)
{
    size_t length = strlen(frame->type), total = 0;
    FUZZ_REQUIRE(length > 0 && length <= FRAME_TYPE_MAX);
    FUZZ_REQUIRE(frame->part_count <= FRAME_PARTS_MAX);
    buffer_append_format(&story->frames, "%s %lld %zu:", frame->type, (long long)frame->id,
                         frame->part_count);
    for (size_t i = 0; i < frame->part_count; i++) {
        total += frame->parts[i].size;
        buffer_append_format(&story->frames, "%zu=", frame->parts[i].size);
        buffer_append(&story->frames, (struct str){frame->parts[i].data, frame->parts[i].size});
    }
    FUZZ_REQUIRE(total <= FRAME_BODY_MAX);
    story->count++;
}

static void take_frames(struct frame_reader *reader, struct story *story)
{
    char problem[FRAME_PROBLEM_SIZE] = "";
    struct frame frame;
    enum frame_result result = FRAME_MORE;
    while (!story->broken && (result = frame_next(reader, &frame, problem)) == FRAME_COMPLETE) {
        FUZZ_REQUIRE(reader->consumed <= reader->size);
        take_frame(story, &frame);
    }
    if (result == FRAME_BROKEN) {
        story->broken = true;
        FUZZ_REQUIRE(problem[0]);
    }
}

/* Through a socket, as from a program; `seed` says where it is cut, 0: nowhere. */
static struct story read_frames(struct str bytes, uint64_t seed)
{
    static int ends[2] = {-1, -1};
    struct frame_reader reader = {.size = 0};
    struct story story = {.count = 0};
    bool cut = seed != 0;
    FUZZ_REQUIRE(ends[0] >= 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    while (bytes.size) {
        struct str chunk = fuzz_take(&bytes, cut ? 1 + fuzz_random(&seed) % 48 : 60000);
        FUZZ_REQUIRE(send(ends[1], chunk.data, chunk.size, 0) == (ssize_t)chunk.size);
        FUZZ_REQUIRE(frame_read(&reader, ends[0]) == FRAME_INPUT_SOME);
        take_frames(&reader, &story);
    }
    FUZZ_REQUIRE(frame_read(&reader, ends[0]) == FRAME_INPUT_NONE);
    frame_reader_fini(&reader);
    return story;
}

/* What the driver sends, its reader understands. */
static void require_round_trip(struct str bytes)
{
    size_t size = 0;
    char *text = frame_encode("display_data", (int64_t)bytes.size,
                              (struct hilum_str){bytes.data, bytes.size}, &size);
    FUZZ_REQUIRE(text);
    struct story story = read_frames((struct str){text, size}, 0);
    FUZZ_REQUIRE(story.count == 1 && !story.broken);
    buffer_fini(&story.frames);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = fuzz_input(data, size);
    uint64_t seed = fuzz_take_byte(&bytes);
    struct story whole = read_frames(bytes, 0), cut = read_frames(bytes, seed + 1);
    FUZZ_REQUIRE(whole.count == cut.count && whole.broken == cut.broken);
    FUZZ_REQUIRE(str_equal(buffer_str(&whole.frames), buffer_str(&cut.frames)));
    buffer_fini(&whole.frames);
    buffer_fini(&cut.frames);
    require_round_trip(bytes);
    return 0;
}
