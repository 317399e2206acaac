"""Message by message what the specification (5.5) names: each field of each message that Hilum
sends, and what each field of each request does. The harness checks the shape of all messages in all
tests (harness/schemas.py); here are the values. docs/protocol.md leads from messages to tests."""
import datetime
import re
import socket
import uuid

import pytest

from harness import kernel as kernels
from harness import schemas

EVALUATORS = ["lua", "echo"]
pytestmark = pytest.mark.hilum

CELL_THAT_SHOWS = {"lua": 'display.html("<b>x</b>", {isolated = true})', "echo": "display x"}
SHOWN = {"lua": {"text/html": "<b>x</b>", "text/plain": "<text/html, 8 bytes>"},
         "echo": {"text/plain": "x"}}
METADATA = {"lua": {"text/html": {"isolated": True}}, "echo": {}}


def everything_said(client, snippet):
    """Messages of many types."""
    for name in ("print", "print_error", "fail"):
        client.run(snippet(name))
    with_result = client.run(snippet("value")[0])
    messages = [with_result.reply, *with_result.messages]
    for msg_type in ("kernel_info_request", "connect_request", "comm_info_request"):
        request = client.send("shell", msg_type, {})
        messages += [client.reply(request), *client.until_idle(request)]
    return messages


# ---- header, parent_header, metadata, identities ----

def test_each_header_has_what_the_specification_names(client, snippet):
    messages = everything_said(client, snippet)
    assert len({m.header["msg_id"] for m in messages}) == len(messages)
    assert len({m.header["session"] for m in messages}) == 1
    for message in messages:
        header = message.header
        assert set(header) == {"msg_id", "session", "username", "date", "msg_type", "version"}
        assert header["version"] == "5.5"
        assert header["username"]
        assert uuid.UUID(header["session"])
        date = datetime.datetime.fromisoformat(header["date"].replace("Z", "+00:00"))
        age = datetime.datetime.now(datetime.timezone.utc) - date
        assert abs(age) < datetime.timedelta(seconds=60 * kernels.limits.SCALE)


def test_the_session_of_the_kernel_is_its_own(start_kernel):
    sessions = set()
    for _ in range(2):
        kernel = start_kernel()
        with kernel.client() as client:
            request = client.send("shell", "kernel_info_request")
            sessions.add(client.reply(request).header["session"])
            assert client.session not in sessions
    assert len(sessions) == 2


def test_the_topic_of_iopub_messages_is_their_type(client, snippet):
    run = client.run(snippet("value")[0])
    assert [m.topic.decode() for m in run.messages] == [m.type for m in run.messages]


def test_a_subscription_chooses_by_topic(kernel, client, snippet):
    with kernel.client(subscription=b"stream") as listener:
        client.run(snippet("value")[0])
        client.run(snippet("print"))
        assert listener.recv("iopub").content["text"].startswith("hello")
        assert {m.type for m in listener.drain()} <= {"stream"}
        listener.waiting["iopub"].clear()


# ---- kernel_info ----

def test_kernel_info_has_what_the_specification_names(client, evaluator):
    content = client.ask("kernel_info_request").content
    assert content["status"] == "ok"
    assert content["protocol_version"] == "5.5"
    assert content["implementation"] == "hilum"
    assert re.fullmatch(r"\d+\.\d+.*", content["implementation_version"])
    info = content["language_info"]
    expected = {"lua": ("lua", "text/x-lua", ".lua"), "echo": ("echo", "text/plain", ".txt")}
    assert (info["name"], info["mimetype"], info["file_extension"]) == expected[evaluator]
    assert re.fullmatch(r"\d+\.\d+.*", info["version"])
    if evaluator == "echo":
        assert info["pygments_lexer"] == "text"
    assert content["banner"]
    assert content["debugger"] is False
    links = {"lua": 2, "echo": 0}[evaluator]
    assert len(content["help_links"]) == links
    assert all(link["url"].startswith("https://") for link in content["help_links"])


def test_supported_features_name_nothing_that_is_not_there(client):
    """JEP 92: "kernel subshells" and "debugger" would be promises."""
    assert client.ask("kernel_info_request").content["supported_features"] == []


@pytest.mark.parametrize("msg_type", [
    "debug_request", "create_subshell_request", "delete_subshell_request", "list_subshell_request"])
@pytest.mark.parametrize("channel", ["control", "shell"])
def test_what_is_not_a_supported_feature_gets_busy_and_idle_and_no_reply(kernel, client, msg_type,
                                                                         channel):
    kernel.expect_log(f'type "{msg_type}" on {channel} is not known')
    request = client.send(channel, msg_type, {"command": "initialize", "arguments": {}, "seq": 1,
                                              "type": "request", "subshell_id": "x"})
    assert [m.type for m in client.until_idle(request)] == ["status", "status"]
    following = client.send(channel, "kernel_info_request")
    assert client.recv(channel).parent_id == following.msg_id
    client.until_idle(following)


@pytest.mark.parametrize("msg_type, channel", [
    ("execute_request", "control"), ("complete_request", "control"), ("inspect_request", "control"),
    ("is_complete_request", "control"), ("history_request", "control"), ("comm_open", "control"),
    ("comm_msg", "control"), ("usage_request", "shell"), ("input_reply", "shell"),
    ("input_reply", "control"), ("execute_reply", "shell"), ("status", "shell")])
def test_a_message_on_a_channel_where_it_does_not_belong_is_like_an_unknown_one(
        kernel, client, msg_type, channel):
    kernel.expect_log("is not known; it was ignored")
    request = client.send(channel, msg_type, {"code": "x", "comm_id": "x"})
    assert [m.type for m in client.until_idle(request)] == ["status", "status"]
    following = client.send(channel, "kernel_info_request")
    assert client.recv(channel).parent_id == following.msg_id
    client.until_idle(following)


# ---- execute ----

def test_a_cell_is_busy_then_input_then_outputs_then_idle(client, snippet):
    code, result = snippet("value")
    run = client.run(code)
    assert run.types == ["status", "execute_input", "execute_result", "status"]
    assert run.of_type("status") == [{"execution_state": "busy"}, {"execution_state": "idle"}]
    assert run.of_type("execute_input") == [{"code": code, "execution_count": run.count}]
    assert run.of_type("execute_result") == [{"data": {"text/plain": result}, "metadata": {},
                                              "execution_count": run.count}]


def test_an_execute_reply_has_what_the_specification_names(client, snippet):
    run = client.run(snippet("value")[0])
    assert run.content == {"status": "ok", "execution_count": run.count, "user_expressions": {},
                           "payload": []}


def test_an_error_reply_says_what_the_error_message_says(client, snippet):
    run = client.run(snippet("fail"))
    error, = run.errors
    assert set(error) == {"ename", "evalue", "traceback"}
    assert run.content == {"status": "error", "execution_count": run.count, **error}
    assert "boom" in error["evalue"]
    assert error["traceback"] and all("\n" not in line for line in error["traceback"])


def test_an_aborted_reply_has_status_and_count(client, snippet, evaluator):
    running = client.execute({"lua": "while true do end", "echo": "sleep 100"}[evaluator])
    waiting = client.execute(snippet("value")[0])
    client.let_arrive()
    client.interrupt()
    first, second = client.finish(running), client.finish(waiting)
    assert set(first.content) == set(second.content) == {"status", "execution_count"}
    assert first.status == second.status == "aborted"
    assert second.types == ["status", "status"]


def test_stream_says_which_and_what(client, snippet):
    assert client.run(snippet("print")).of_type("stream") == [{"name": "stdout", "text": "hello\n"}]
    assert client.run(snippet("print_error")).of_type("stream") == \
        [{"name": "stderr", "text": "oops\n"}]


def test_display_data_has_data_metadata_and_transient(client, evaluator):
    shown, = client.run(CELL_THAT_SHOWS[evaluator]).of_type("display_data")
    transient = shown.pop("transient")
    assert shown == {"data": SHOWN[evaluator], "metadata": METADATA[evaluator]}
    assert set(transient) == ({"display_id"} if evaluator == "lua" else set())


# ---- complete, inspect, is_complete ----

def test_a_complete_reply_has_what_the_specification_names(client):
    content = client.ask("complete_request", {"code": "pri", "cursor_pos": 3}).content
    assert set(content) == {"status", "matches", "cursor_start", "cursor_end", "metadata"}
    assert (content["status"], content["cursor_start"], content["cursor_end"]) == ("ok", 0, 3)
    assert content["matches"] == ["print"]
    kind, = content["metadata"]["_jupyter_types_experimental"]
    assert set(kind) == {"start", "end", "text", "type"}


def test_an_inspect_reply_has_what_the_specification_names(client):
    found = client.ask("inspect_request",
                       {"code": "print", "cursor_pos": 2, "detail_level": 0}).content
    assert set(found) == {"status", "found", "data", "metadata"}
    assert found["found"] is True and found["data"]["text/plain"]
    lost = client.ask("inspect_request", {"code": "?", "cursor_pos": 0, "detail_level": 0}).content
    assert lost == {"status": "ok", "found": False, "data": {}, "metadata": {}}


@pytest.mark.parametrize("detail_level", [None, -1, 2, "1", 1.5, True], ids=ascii)
def test_an_odd_detail_level_is_survived(client, detail_level):
    content = {"code": "print", "cursor_pos": 2, "detail_level": detail_level}
    assert client.ask("inspect_request", content).content["found"] is True


def test_an_is_complete_reply_has_an_indent_only_when_more_is_needed(client, evaluator):
    incomplete = {"lua": "for i = 1, 3 do", "echo": "more \\"}[evaluator]
    assert client.ask("is_complete_request", {"code": "1"}).content == {"status": "complete"}
    content = client.ask("is_complete_request", {"code": incomplete}).content
    assert set(content) == {"status", "indent"} and content["status"] == "incomplete"


# ---- history, connect, comm_info ----

def test_a_history_reply_has_what_the_specification_names(client, snippet):
    client.run(snippet("value")[0])
    content = client.ask("history_request", {"output": True, "raw": True, "n": 1,
                                             "hist_access_type": "tail"}).content
    assert set(content) == {"status", "history"}
    (session, line, (source, output)), = content["history"]
    assert isinstance(session, int) and isinstance(line, int)
    assert (source, output) == snippet("value")


@pytest.mark.parametrize("raw", [True, False])
def test_raw_and_translated_inputs_are_the_same(client, snippet, raw):
    client.run(snippet("value")[0])
    content = client.ask("history_request", {"output": False, "raw": raw, "n": 1,
                                             "hist_access_type": "tail"}).content
    assert content["history"][0][2] == snippet("value")[0]


def test_a_connect_reply_has_the_five_ports(kernel, client):
    content = client.ask("connect_request").content
    assert content == {"status": "ok", **{f"{channel}_port": kernel.connection[f"{channel}_port"]
                                          for channel in kernels.CHANNELS}}


def test_a_comm_info_reply_has_what_the_specification_names(client):
    assert client.ask("comm_info_request").content == {"status": "ok", "comms": {}}


# ---- control ----

def test_an_interrupt_reply_has_a_status(client):
    assert client.interrupt().content == {"status": "ok"}


@pytest.mark.parametrize("channel", ["control", "shell"])
@pytest.mark.parametrize("restart", [True, False])
def test_a_shutdown_reply_has_status_and_restart(start_kernel, channel, restart):
    kernel = start_kernel()
    with kernel.client() as client:
        request = client.send(channel, "shutdown_request", {"restart": restart})
        assert client.reply(request).content == {"status": "ok", "restart": restart}
        types = [m.type for m in client.until_idle(request)]
        assert types == ["status", "shutdown_reply", "status"]
        assert kernel.wait() == 0


def test_a_usage_reply_has_what_jupyter_resource_usage_reads(kernel, client):
    content = client.ask("usage_request", channel="control").content
    assert content["hostname"] == socket.gethostname()
    assert content["pid"] == kernel.pid
    assert content["kernel_cpu"] >= 0
    assert content["kernel_memory"] > 0
    assert content["cpu_count"] >= 1
    assert {"total", "available", "percent", "used", "free"} <= set(content["host_virtual_memory"])


# ---- welcome ----

def test_each_subscription_is_welcomed_by_itself(kernel):
    with kernel.client(subscription=b"first") as client:
        for topic in (b"second", "dr\u00edtt".encode(), b"first-and-more"):
            client.sockets["iopub"].subscribe(topic)
            welcome = client.recv("iopub")
            assert welcome.type == "iopub_welcome"
            assert welcome.topic == topic
            assert welcome.content == {"subscription": topic.decode()}
            assert welcome.parent_frame == b"{}"


def test_a_subscription_that_is_not_utf8_is_not_welcomed(kernel):
    kernel.expect_log("a subscription that is not UTF-8 was ignored")
    with kernel.client(subscription=b"utf8") as client:
        client.sockets["iopub"].subscribe(b"\xff\xfe")
        client.sockets["iopub"].subscribe(b"after")
        assert client.recv("iopub").content == {"subscription": "after"}


# ---- subshells: a seam ----

@pytest.mark.parametrize("msg_type, content", [
    ("execute_request", {"code": "x"}), ("complete_request", {"code": "x", "cursor_pos": 1}),
    ("inspect_request", {"code": "x", "cursor_pos": 1}),
    ("history_request", {"hist_access_type": "tail", "n": 1}), ("kernel_info_request", {}),
    ("comm_info_request", {}), ("connect_request", {})])
@pytest.mark.parametrize("subshell_id", ["no-such-subshell", "", 5], ids=ascii)
def test_a_request_to_an_unknown_subshell_is_busy_error_idle(client, msg_type, content, subshell_id):
    header = client.header(msg_type, subshell_id=subshell_id)
    request = client.send("shell", msg_type, content, header=header)
    reply = client.reply(request)
    assert reply.content["status"] == "error"
    assert reply.content["ename"] == "SubshellNotFound"
    assert [m.type for m in client.until_idle(request)] == ["status", "status"]


def test_is_complete_of_an_unknown_subshell_is_unknown(client):
    """Its status has no value for errors."""
    header = client.header("is_complete_request", subshell_id="no-such-subshell")
    request = client.send("shell", "is_complete_request", {"code": "x"}, header=header)
    assert client.reply(request).content == {"status": "unknown"}
    client.until_idle(request)


@pytest.mark.parametrize("msg_type", ["comm_open", "comm_msg", "comm_close"])
def test_a_comm_message_to_an_unknown_subshell_is_busy_idle(client, msg_type):
    """A comm message has no reply that could say so; nothing is opened."""
    header = client.header(msg_type, subshell_id="no-such-subshell")
    request = client.send("shell", msg_type, {"comm_id": "x", "target_name": "comm", "data": {}},
                          header=header)
    assert [m.type for m in client.until_idle(request)] == ["status", "status"]
    assert client.ask("comm_info_request").content["comms"] == {}


def test_subshell_id_null_is_the_main_shell(client):
    header = client.header("kernel_info_request", subshell_id=None)
    request = client.send("shell", "kernel_info_request", {}, header=header)
    assert client.reply(request).content["status"] == "ok"
    client.until_idle(request)


def test_the_schema_knows_each_message_that_is_sent(client, snippet):
    """So that no type escapes the checks of the harness."""
    assert {m.type for m in everything_said(client, snippet)} <= set(schemas.CONTENTS)
