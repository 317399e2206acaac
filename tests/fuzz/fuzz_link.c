/*
 * The reader of the link: never more than memory-safe on noise, the same messages however the bytes
 * are cut, and what it has read survives being written and read again.
 */
#include "base/utf8.h"
#include "evaluator/link.h"
#include "fuzz.h"

#include <unistd.h>

/* All that a reader told: its messages, written again, and how it ended. */
struct story {
    struct buffer messages;
    size_t count;
    bool broken;
};

/* Reads from every part: the address sanitizer watches. */
static void check_message(const struct link_message *message)
{
    static volatile char touched;
    FUZZ_REQUIRE(message->type.size > 0 && message->type.size <= LINK_TYPE_MAX);
    FUZZ_REQUIRE(utf8_is_valid(message->type));
    FUZZ_REQUIRE(message->part_count <= LINK_PARTS_MAX);
    for (size_t i = 0; i < message->part_count; i++)
        for (size_t j = 0; j < message->parts[i].size; j += 64)
            touched ^= message->parts[i].data[j];
    FUZZ_REQUIRE(str_equal(link_content(message),
                           message->part_count ? message->parts[0] : (struct str){NULL, 0}));
}

static void take_messages(struct link_reader *reader, struct story *story)
{
    struct link_message message;
    struct error error = {.sentence = ""};
    enum link_result result = LINK_MORE;
    while (!story->broken && (result = link_next(reader, &message, &error)) == LINK_MESSAGE) {
        check_message(&message);
        link_encode(&story->messages, &message);
        story->count++;
    }
    if (result == LINK_BROKEN) {
        story->broken = true;
        FUZZ_REQUIRE(error.sentence[0]);
    }
}

/* Through a pipe, as from a worker; `seed` says where it is cut, 0: nowhere. */
static struct story read_link(struct str bytes, uint64_t seed)
{
    static int ends[2] = {-1, -1};
    struct link_reader reader = {.consumed = 0};
    struct story story = {.count = 0};
    bool cut = seed != 0;
    FUZZ_REQUIRE(ends[0] >= 0 || pipe(ends) == 0);
    while (bytes.size) {
        struct str chunk = fuzz_take(&bytes, cut ? 1 + fuzz_random(&seed) % 48 : 60000);
        FUZZ_REQUIRE(write(ends[1], chunk.data, chunk.size) == (ssize_t)chunk.size);
        FUZZ_REQUIRE(link_read(&reader, ends[0]) == LINK_INPUT_SOME);
        take_messages(&reader, &story);
    }
    link_reader_fini(&reader);
    return story;
}

static void require_same(const struct story *a, const struct story *b)
{
    FUZZ_REQUIRE(a->count == b->count);
    FUZZ_REQUIRE(a->broken == b->broken);
    FUZZ_REQUIRE(str_equal(buffer_str(&a->messages), buffer_str(&b->messages)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = fuzz_input(data, size);
    uint64_t seed = fuzz_take_byte(&bytes);
    struct story whole = read_link(bytes, 0), cut = read_link(bytes, seed + 1);
    require_same(&whole, &cut);
    /* The writer escapes DEL, and the reader takes no escapes in types: no type of ours has one. */
    struct str text = buffer_str(&whole.messages);
    if (!text.size || !memmem(text.data, text.size, "\\u007f", 6)) {
        struct story again = read_link(text, 0);
        FUZZ_REQUIRE(!again.broken);
        again.broken = whole.broken;
        require_same(&whole, &again);
        buffer_fini(&again.messages);
    }
    buffer_fini(&whole.messages);
    buffer_fini(&cut.messages);
    return 0;
}
