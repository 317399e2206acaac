"""Messages that are none: each costs one log line and nothing else. After each, the kernel answers
on the same socket, and nothing was said in between."""
import json
import socket

import pytest

from harness import kernel as kernels
from harness import wire
from harness.wire import DELIMITER, encode, sign

EVALUATORS = ["echo", "lua", "python"]

DEEP = b"[" * 100_000
DEEP_CLOSED = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
HUGE = "x" * 2_000_000


def header(**changes):
    value = {"msg_id": "malformed", "session": "s", "username": "u", "date": wire.now(),
             "msg_type": "kernel_info_request", "version": "5.3"}
    value.update(changes)
    return {name: entry for name, entry in value.items() if entry is not None}


def signed(key, parts, more=()):
    return [DELIMITER, sign(key, parts), *parts, *more]


def good_parts():
    return [encode(header()), b"{}", b"{}", b"{}"]


# Frames that carry no message at all, as functions of the key.
UNFRAMED = {
    "an empty frame": lambda key: [b""],
    "many empty frames": lambda key: [b""] * 100,
    "no delimiter": lambda key: signed(key, good_parts())[1:],
    "a delimiter that is cut": lambda key: [DELIMITER[:-1], *signed(key, good_parts())[1:]],
    "a delimiter with something behind it": lambda key:
        [DELIMITER + b"x", *signed(key, good_parts())[1:]],
    "only the delimiter": lambda key: [DELIMITER],
    "only the delimiter and an empty signature": lambda key: [DELIMITER, b""],
    "two delimiters": lambda key: [DELIMITER, DELIMITER],
    "one frame after the signature": lambda key: signed(key, good_parts()[:1]),
    "two frames after the signature": lambda key: signed(key, good_parts()[:2]),
    "three frames after the signature": lambda key: signed(key, good_parts()[:3]),
    "binary noise": lambda key: [bytes(range(256))] * 7,
    "a delimiter after noise": lambda key: [b"\xff" * 300] * 300 + [DELIMITER],
}

# Signatures in place of the right one.
BAD_SIGNATURES = {
    "an empty signature": lambda right: b"",
    "one digit": lambda right: right[:1],
    "a signature that is cut": lambda right: right[:-1],
    "a signature with a digit more": lambda right: right + b"0",
    "the signature twice": lambda right: right + right,
    "a long signature": lambda right: b"0" * 1_000_000,
    "a flipped last digit": lambda right: right[:-1] + (b"0" if right[-1:] != b"0" else b"1"),
    "a flipped first digit": lambda right: (b"0" if right[:1] != b"0" else b"1") + right[1:],
    "no hexadecimal": lambda right: b"z" * 64,
    "zeros": lambda right: b"\0" * 64,
    "the raw digest": lambda right: bytes.fromhex(right.decode()),
    "not UTF-8": lambda right: b"\xff" * 64,
}

BAD_JSON = {
    "nothing": b"",
    "a space": b" ",
    "no JSON": b"{nope}",
    "cut JSON": b'{"a": ',
    "two values": b"{} {}",
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "a text": b'"{}"',
    "invalid UTF-8": b'{"a": "\xff\xfe"}',
    "an overlong encoding": b'{"a": "\xc0\x80"}',
    "a surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a raw NUL": b'{"a": "\0"}',
    "a NUL behind it": b"{}\0",
    "NaN": b'{"a": NaN}',
    "deep nesting": b'{"a":' + DEEP,
    "only deep nesting": DEEP,
}

BAD_HEADERS = {
    "an empty header": {},
    "no msg_type": header(msg_type=None),
    "no msg_id": header(msg_id=None),
    "a number as msg_type": header(msg_type=5),
    "a list as msg_type": header(msg_type=["kernel_info_request"]),
    "a number as msg_id": header(msg_id=5),
    "an object as msg_id": header(msg_id={}),
}

# Headers that are strange. They may be answered, or dropped; the kernel has to stay well.
ODD_HEADERS = {
    "no session": header(session=None),
    "no date": header(date=None),
    "a number as session": header(session=5),
    "a date that is none": header(date="yesterday"),
    "a version that is none": header(version="x"),
    "a numeric version": header(version=5.3),
    "a huge username": header(username=HUGE),
    "a huge msg_type": header(msg_type=HUGE),
    "a huge msg_id": header(msg_id=HUGE),
    "an empty msg_type": header(msg_type=""),
    "an empty msg_id": header(msg_id=""),
    "a NUL in msg_type": header(msg_type="kernel_info_request\0"),
    "a NUL in msg_id": header(msg_id="a\0b"),
    "control characters in msg_type": header(msg_type="\x1b[31m\n\r"),
    "a reply's type": header(msg_type="execute_reply"),
    "a type of IOPub": header(msg_type="status"),
    "a type of the worker link": header(msg_type="load_request"),
    "ten thousand keys": header(**{f"key{i}": i for i in range(10_000)}),
}

ODD_RAW_HEADERS = {
    "a lone surrogate escape": b'"msg_id": "\\ud800"',
    "a key that comes twice": b'"msg_id": "other"',
    "deep but closed nesting": b'"deep": ' + DEEP_CLOSED,
    "a huge number": b'"number": 1e999999',
    "a number with many digits": b'"number": ' + b"9" * 100_000,
}


def check_dropped(kernel, client, frames, channel="shell"):
    """Nothing comes back for it, on no channel; the next request is answered first thing."""
    kernel.new_log_lines()
    client.send_frames(channel, frames)
    request = client.send(channel, "kernel_info_request")
    assert client.recv(channel).parent_id == request.msg_id
    assert client.recv("iopub").parent_id == request.msg_id
    client.waiting["iopub"] = []
    client.iopub_of(request, "status")
    if kernel.dialect.strict:
        lines = kernel.new_log_lines()
        assert len(lines) == 1, f"expected one log line, got {lines}"
        assert kernel.connection["key"] == "" or kernel.connection["key"] not in lines[0]


def check_survived(kernel, client, frames, msg_id, header_frame):
    """It may be answered or not. Its log lines are read over."""
    client.ledger.sent[msg_id] = header_frame
    client.send_frames("shell", frames)
    request = client.send("shell", "kernel_info_request")
    client.reply(request)
    client.until_idle(request)
    client.waiting["shell"].clear()
    client.waiting["iopub"].clear()
    kernel.new_log_lines()


# Malformed messages end ipykernel's control thread.
CHANNELS = ["shell", pytest.param("control", marks=pytest.mark.hilum)]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("name", UNFRAMED)
def test_frames_without_a_message_are_dropped(kernel, client, name, channel):
    check_dropped(kernel, client, UNFRAMED[name](client.ledger.key), channel)


@pytest.mark.parametrize("name", BAD_SIGNATURES)
def test_a_bad_signature_is_dropped(kernel, client, name):
    parts = good_parts()
    right = sign(client.ledger.key, parts)
    check_dropped(kernel, client, [DELIMITER, BAD_SIGNATURES[name](right), *parts])


def test_a_signature_with_another_key_is_dropped(kernel, client):
    check_dropped(kernel, client, signed(b"another key", good_parts()))


@pytest.mark.parametrize("at", range(4))
def test_a_frame_changed_after_signing_is_dropped(kernel, client, at):
    parts = good_parts()
    signature = sign(client.ledger.key, parts)
    parts[at] += b" "
    check_dropped(kernel, client, [DELIMITER, signature, *parts])


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_replayed_message_is_dropped(kernel, client, channel):
    request = client.send(channel, "kernel_info_request")
    client.reply(request)
    client.until_idle(request)
    check_dropped(kernel, client, request.frames, channel)


@pytest.mark.hilum
def test_a_message_replayed_by_another_client_on_another_channel_is_dropped(kernel, client):
    request = client.send("shell", "kernel_info_request")
    client.reply(request)
    client.until_idle(request)
    check_dropped(kernel, client, request.frames, "control")


@pytest.mark.parametrize("frame", wire.PARTS)
@pytest.mark.parametrize("name", BAD_JSON)
@pytest.mark.hilum
def test_a_frame_that_is_no_object_is_survived(kernel, client, name, frame):
    """Rightly signed, so that the parsers behind the signature see it."""
    parts = good_parts()
    parts[wire.PARTS.index(frame)] = BAD_JSON[name]
    frames = signed(client.ledger.key, parts)
    if frame == "header":
        check_dropped(kernel, client, frames)
    else:
        check_survived(kernel, client, frames, "malformed", parts[0])


@pytest.mark.parametrize("name", BAD_HEADERS)
@pytest.mark.hilum
def test_a_header_without_what_it_needs_is_dropped(kernel, client, name):
    parts = good_parts()
    parts[0] = encode(BAD_HEADERS[name])
    check_dropped(kernel, client, signed(client.ledger.key, parts))


@pytest.mark.parametrize("name", ODD_HEADERS)
@pytest.mark.hilum
def test_an_odd_header_is_survived(kernel, client, name):
    value = ODD_HEADERS[name]
    parts = good_parts()
    parts[0] = encode(value)
    check_survived(kernel, client, signed(client.ledger.key, parts), value.get("msg_id"), parts[0])


@pytest.mark.parametrize("name", ODD_RAW_HEADERS)
@pytest.mark.hilum
def test_an_odd_json_header_is_survived(kernel, client, name):
    parts = good_parts()
    parts[0] = parts[0][:-1] + b", " + ODD_RAW_HEADERS[name] + b"}"
    try:
        msg_id = json.loads(parts[0])["msg_id"]
    except (RecursionError, ValueError):  # Python's reader has limits of its own
        msg_id = "malformed"
    client.ledger.sent["malformed"] = parts[0]
    check_survived(kernel, client, signed(client.ledger.key, parts), msg_id, parts[0])


@pytest.mark.hilum
def test_a_thousand_identities_are_survived(kernel, client):
    request = client.send("shell", "kernel_info_request", prefix=[b"i"] * 1000)
    client.waiting["shell"].clear()
    client.check_alive()
    kernel.new_log_lines()
    assert request


def test_a_thousand_buffers_are_survived(kernel, client):
    request = client.send("shell", "kernel_info_request", buffers=[b"b"] * 1000)
    client.ask("kernel_info_request")
    kernel.new_log_lines()
    client.waiting["shell"].clear()
    assert request


@pytest.mark.hilum
def test_many_malformed_messages_leave_nothing_behind(kernel, client):
    kernel.expect_log("")
    for build in UNFRAMED.values():
        for _ in range(50):
            client.send_frames("shell", build(client.ledger.key))
    client.check_alive()


@pytest.mark.hilum
def test_each_reason_to_drop_a_message_has_a_counter(start_kernel):
    """The log tells them when the kernel ends."""
    kernel = start_kernel(arguments=["--log-level", "info"])
    kernel.expect_log("")
    with kernel.client() as client:
        parts = good_parts()
        replayed = client.send("control", "kernel_info_request")
        client.reply(replayed)
        wrong = {
            "no_delimiter": [b"noise"],
            "missing_frames": [DELIMITER, b""],
            "too_large": [b"i"] * 300,
            "bad_signature": [DELIMITER, b"0" * 64, *parts],
            "replayed": replayed.frames,
            "bad_json": signed(client.ledger.key, [b"[]", *parts[1:]]),
            "bad_header": signed(client.ledger.key, [b"{}", *parts[1:]]),
        }
        for frames in [wrong["no_delimiter"], *wrong.values()]:
            client.send_frames("control", frames)
        client.sockets["iopub"].subscribe(b"\xff")
        client.sockets["iopub"].subscribe(b"then")
        while client.recv("iopub").content != {"subscription": "then"}:
            pass
        client.ask("kernel_info_request", channel="control")
        kernel.shutdown()
    counts = ["2 no_delimiter", *[f"1 {name}" for name in [*wrong, "bad_subscription"][1:]]]
    assert kernel.stderr_text().splitlines()[-1].endswith("dropped in all: " + ", ".join(counts))


@pytest.mark.parametrize("content", [{"code": 1}, {"code": None}, {"code": ["1+1"]}, {"code": {}}, {}],
                         ids=ascii)
@pytest.mark.hilum
def test_code_that_is_no_text_gets_an_error_reply(kernel, client, content):
    kernel.expect_log("")
    request = client.send("shell", "execute_request", content)
    content = client.reply(request).content
    assert content["status"] == "error"
    assert content["evalue"]
    client.until_idle(request)
    client.check_alive()


@pytest.mark.parametrize("content", [
    {"code": "x", "silent": "no", "store_history": 1, "allow_stdin": "x", "stop_on_error": None},
    {"code": "x", "user_expressions": ["1"]},
    {"code": "x", "user_expressions": None},
    {"code": "x", "user_expressions": {"a": 1, "b": None}},
], ids=ascii)
@pytest.mark.hilum
def test_other_fields_of_the_wrong_type_get_a_valid_reply(kernel, client, content):
    """Refused or taken for the default; the reply has to come and be valid."""
    kernel.expect_log("")
    client.finish(client.send("shell", "execute_request", content))
    client.check_alive()


@pytest.mark.parametrize("msg_type, content", [
    ("complete_request", {}),
    ("complete_request", {"code": 1, "cursor_pos": 0}),
    ("complete_request", {"code": "x", "cursor_pos": "0"}),
    ("complete_request", {"code": "x", "cursor_pos": 1e300}),
    ("inspect_request", {"code": None, "cursor_pos": None}),
    ("inspect_request", {"code": "x", "cursor_pos": [], "detail_level": "all"}),
    ("is_complete_request", {}),
    ("is_complete_request", {"code": {}}),
    ("history_request", {}),
    ("history_request", {"hist_access_type": "never", "output": 1}),
    ("comm_info_request", {"target_name": 5}),
    ("shutdown_request", {"restart": "perhaps"}),
])
@pytest.mark.hilum
def test_a_content_of_the_wrong_shape_gets_a_valid_reply(start_kernel, kernel, client, msg_type,
                                                         content):
    """What the reply says is the kernel's business; it has to come, be valid and be the only one."""
    if msg_type == "shutdown_request":
        kernel = start_kernel()
        with kernel.client() as other:
            request = other.send("control", msg_type, content)
            reply = other.reply(request).content
            if reply["status"] == "ok":
                assert kernel.wait() == 0
            else:
                other.check_alive()
            kernel.expect_log("")
        return
    kernel.expect_log("")
    request = client.send("shell", msg_type, content)
    client.reply(request)
    client.until_idle(request)
    client.check_alive()


@pytest.fixture
def open_kernel(start_kernel):
    """A kernel without a key: nothing is signed or checked."""
    kernel = start_kernel(key="")
    with kernel.client() as client:
        # Past the `starting` that the first subscriber gets.
        client.ask("kernel_info_request")
        client.waiting["iopub"].clear()
        yield client


def test_without_a_key_nothing_is_signed(open_kernel):
    open_kernel.check_alive()
    request = open_kernel.send("shell", "kernel_info_request")
    reply = open_kernel.reply(request)
    assert reply.frames[reply.frames.index(DELIMITER) + 1] == b""


@pytest.mark.hilum
def test_without_a_key_any_signature_passes(open_kernel):
    for signature in (b"", b"0", b"0" * 64, b"\xff" * 1000):
        request = open_kernel.send("shell", "kernel_info_request", signature=signature)
        open_kernel.reply(request)


@pytest.mark.hilum
def test_without_a_key_the_same_message_may_come_twice(open_kernel):
    """Without signatures there is nothing to recognise a replay by."""
    request = open_kernel.send("shell", "kernel_info_request")
    open_kernel.reply(request)
    open_kernel.until_idle(request)
    open_kernel.finished.clear()
    open_kernel.send_frames("shell", request.frames)
    open_kernel.reply(request)


@pytest.mark.hilum
def test_without_a_key_malformed_messages_are_dropped_as_well(open_kernel):
    kernel = open_kernel.kernel
    for build in UNFRAMED.values():
        check_dropped(kernel, open_kernel, build(b""))
    parts = good_parts()
    parts[0] = b"[]"
    check_dropped(kernel, open_kernel, signed(b"", parts))


@pytest.mark.hilum
def test_a_connection_may_send_garbage_to_the_sockets(kernel, client):
    """Something that speaks no ZMTP, as a port scanner does. What libzmq takes for the oldest ZMTP
    reaches the kernel and is dropped there."""
    kernel.expect_log("dropped")
    for channel in kernels.CHANNELS:
        with socket.create_connection((kernel.connection["ip"],
                                       kernel.connection[f"{channel}_port"])) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)))
    client.check_alive()
