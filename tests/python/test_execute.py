"""execute_request, each of its fields, and the messages that it causes."""
import time

import pytest

from harness import limits

EVALUATORS = ["lua", "python"]


def test_the_value_of_a_cell_is_its_result(client, snippet):
    code, expected = snippet("value")
    run = client.run(code)
    assert run.status == "ok"
    assert run.types == ["status", "execute_input", "execute_result", "status"]
    assert run.result == expected
    assert run.of_type("execute_result")[0]["execution_count"] == run.count
    assert run.of_type("execute_input") == [{"code": code, "execution_count": run.count}]
    assert run.content["user_expressions"] == {}
    assert run.content["payload"] == []


def test_a_cell_without_value_has_no_result(client, snippet):
    assert client.run(snippet("nothing")).types == ["status", "execute_input", "status"]


def test_an_empty_cell_is_fine(client):
    for code in ("", " ", "\n\n"):
        run = client.run(code)
        assert run.status == "ok"
        assert run.outputs == []


def test_prints_come_before_the_reply_status(client, snippet):
    run = client.run(snippet("print"))
    assert run.text() == "hello\n"
    assert run.types == ["status", "execute_input", "stream", "status"]


def test_what_a_cell_defines_the_next_one_sees(client, snippet):
    client.run(snippet("assign"))
    code, expected = snippet("recall")
    assert client.run(code).result == expected


def test_the_execution_count_rises_by_one_per_stored_cell(client, snippet):
    code, _ = snippet("value")
    first = client.run(code).count
    assert [client.run(code).count for _ in range(3)] == [first + 1, first + 2, first + 3]


def test_a_failing_cell_counts_as_well(client, snippet):
    first = client.run(snippet("fail")).count
    assert client.run(snippet("fail")).count == first + 1


def test_without_store_history_the_count_stays(client, snippet):
    code, expected = snippet("value")
    before = client.run(code).count
    run = client.run(code, store_history=False)
    assert run.result == expected
    assert client.run(code).count == before + 1


@pytest.mark.hilum
def test_a_silent_cell_says_nothing_and_does_not_count(client, snippet):
    value, _ = snippet("value")
    before = client.run(value).count
    for code in (value, snippet("print"), snippet("print_error")):
        run = client.run(code, silent=True)
        assert run.status == "ok"
        assert run.types == ["status", "status"]
    assert client.run(value).count == before + 1


def test_a_silent_cell_is_never_stored_even_if_asked(client, snippet):
    value, _ = snippet("value")
    before = client.run(value).count
    client.run(value, silent=True, store_history=True)
    assert client.run(value).count == before + 1


@pytest.mark.hilum
def test_a_silent_cell_that_fails_says_so_in_its_reply_only(client, snippet):
    """ipykernel publishes the error all the same."""
    run = client.run(snippet("fail"), silent=True)
    assert run.status == "error"
    assert "boom" in run.content["evalue"]
    assert run.types == ["status", "status"]


def test_a_silent_cell_works(client, snippet):
    client.run(snippet("assign"), silent=True)
    code, expected = snippet("recall")
    assert client.run(code).result == expected


def test_an_error_is_in_the_output_and_in_the_reply(client, snippet):
    run = client.run(snippet("fail"))
    assert run.status == "error"
    error, = run.errors
    for name in ("ename", "evalue", "traceback"):
        assert error[name] == run.content[name]
    assert "boom" in error["evalue"]
    assert error["ename"]
    assert any("boom" in line for line in error["traceback"])
    assert run.types == ["status", "execute_input", "error", "status"]


def test_a_syntax_error_is_an_error(client, snippet):
    run = client.run(snippet("bad_syntax"))
    assert run.status == "error"
    assert len(run.errors) == 1


def test_user_expressions_are_evaluated_after_the_cell(client, snippet):
    code, expected = snippet("recall")
    run = client.run(snippet("assign"), user_expressions={"sum": code, "value": snippet("value")[0]})
    expressions = run.content["user_expressions"]
    assert expressions["sum"]["status"] == "ok"
    assert expressions["sum"]["data"]["text/plain"] == expected
    assert expressions["sum"]["metadata"] == {}
    assert expressions["value"]["data"]["text/plain"] == snippet("value")[1]
    assert run.of_type("execute_result") == []


def test_a_wrong_user_expression_does_not_fail_the_cell(client, snippet):
    run = client.run(snippet("nothing"), user_expressions={
        "wrong": snippet("bad_expression"), "syntax": snippet("bad_syntax"),
        "right": snippet("expression")[0]})
    assert run.status == "ok"
    assert run.errors == []
    expressions = run.content["user_expressions"]
    assert expressions["wrong"]["status"] == "error"
    assert expressions["syntax"]["status"] == "error"
    assert expressions["right"]["data"]["text/plain"] == snippet("expression")[1]


def test_user_expressions_of_a_silent_cell_are_evaluated(client, snippet):
    run = client.run("", silent=True, user_expressions={"a": snippet("expression")[0]})
    assert run.content["user_expressions"]["a"]["data"]["text/plain"] == snippet("expression")[1]


def test_user_expressions_of_a_failing_cell_are_not_evaluated(client, snippet):
    run = client.run(snippet("fail"), user_expressions={"a": snippet("expression")[0]})
    assert run.status == "error"
    assert run.content.get("user_expressions", {}) == {}


@pytest.mark.hilum
def test_a_request_with_nothing_but_code_has_the_defaults(client, snippet):
    """silent false, store_history true, allow_stdin true, stop_on_error true. (ipykernel wants
    store_history to be there to count.)"""
    code, expected = snippet("value")
    before = client.run(code).count
    run = client.finish(client.send("shell", "execute_request", {"code": code}))
    assert run.result == expected
    assert run.count == before + 1


def test_unknown_fields_in_the_content_do_no_harm(client, snippet):
    code, expected = snippet("value")
    assert client.run(code, novelty={"a": [None, {"b": 1.5}]}).result == expected


def test_metadata_in_the_request_does_no_harm(client, snippet):
    code, expected = snippet("value")
    request = client.execute(code, metadata={"cellId": "a-b", "deletedCells": [], "x": {"y": None}})
    assert client.finish(request).result == expected


# ---- code of every kind ----

def test_astral_characters_survive_both_ways(client, snippet):
    code, printed = snippet("astral")
    run = client.run(code)
    assert run.text() == printed
    assert run.of_type("execute_input")[0]["code"] == code


@pytest.mark.parametrize("text", [
    "tab\t, quote \" and backslash \\", "\r\n windows", "\u2028 separators \u2029", "\u202e right to left",
    "\ufeff a mark", "combining e\u0301", "\U0010ffff \ufffd", "\x01\x7f\x80\x9f",
], ids=ascii)
def test_any_character_may_be_in_a_comment(client, snippet, text):
    code = "\n".join(snippet("comment").format(line) for line in text.split("\n"))
    run = client.run(code)
    assert run.status == "ok"
    assert run.of_type("execute_input")[0]["code"] == code


@pytest.mark.hilum
def test_a_nul_in_the_code_is_not_its_end(client):
    """For Lua it is part of the text. (ipykernel never replies.)"""
    run = client.run('local x = "a\0b"; return #x')
    assert run.of_type("execute_input")[0]["code"].count("\0") == 1
    assert run.result == "3"


@pytest.mark.hilum
def test_a_lone_surrogate_in_the_code_is_survived(kernel, client):
    """JSON can say what UTF-8 cannot. Refused or replaced, but nothing invalid comes back."""
    kernel.expect_log("")
    header = client.header("execute_request")
    request = client.send("shell", "execute_request", header=header, frames={
        "content": b'{"code": "-- \\ud800 \\udc00\\ud800", "silent": false, "store_history": true,'
                   b' "user_expressions": {}, "allow_stdin": false, "stop_on_error": true}'})
    client.check_alive()
    client.waiting["shell"].clear()
    assert request


def test_five_megabytes_of_code_arrive(client, snippet):
    text = "0123456789" * 500_000
    run = client.run(snippet("length_of").format(text))
    assert run.result == str(len(text))
    assert len(run.of_type("execute_input")[0]["code"]) > len(text)


def test_five_megabytes_of_lines_arrive(client, snippet):
    line = snippet("comment").format("x" * 98) + "\n"
    run = client.run(line * 50_000 + snippet("value")[0])
    assert run.result == snippet("value")[1]


def test_deep_nesting_in_an_unused_field_is_survived(kernel, client):
    kernel.expect_log("")
    deep = b'{"a":' * 500 + b"1" + b"}" * 500
    request = client.send("shell", "kernel_info_request", frames={"content": deep})
    client.reply(request)
    client.until_idle(request)
    client.check_alive()


# ---- the queue ----

def test_cells_run_in_the_order_they_came(client, snippet):
    code, expected = snippet("value")
    requests = [client.execute(code) for _ in range(50)]
    for request in requests:
        assert client.recv("shell").parent_id == request.msg_id
    counts = [m.content["execution_count"] for m in
              [client.iopub_of(r, "execute_result") for r in requests]]
    assert counts == list(range(counts[0], counts[0] + 50))
    for request in requests:
        client.iopub(lambda m, r=request: m.parent_id == r.msg_id and client._is_idle(m))


@pytest.fixture
def fail_behind(client, snippet):
    """fail_behind(send): runs a cell that fails once everything that send() sends is queued."""
    def run(send, **fields):
        gate = client.kernel.folder / "gate"
        gate.unlink(missing_ok=True)
        failing = client.start(snippet("fail_when").format(gate), **fields)
        queued = send()
        client.let_arrive()
        gate.touch()
        return failing, queued
    return run


def test_an_error_aborts_what_is_queued_in_order(client, snippet, fail_behind):
    value, _ = snippet("value")
    first, queued = fail_behind(lambda: [client.execute(value) for _ in range(10)])
    assert client.recv("shell").parent_id == first.msg_id
    for request in queued:
        reply = client.recv("shell")
        assert reply.parent_id == request.msg_id
        assert reply.content["status"] == "aborted"
    client.until_idle(first)
    for request in queued:
        assert [m.type for m in client.until_idle(request)] == ["status", "status"]


@pytest.mark.hilum
def test_aborting_a_long_queue_takes_no_time(client, snippet, fail_behind):
    """No delay for each cell, as others have."""
    value, _ = snippet("value")
    failing, queued = fail_behind(lambda: [client.execute(value) for _ in range(500)])
    client.reply(failing)
    begun = time.monotonic()
    for request in queued:
        assert client.reply(request).content["status"] == "aborted"
    assert time.monotonic() - begun < 2 * limits.SCALE
    for request in [failing, *queued]:
        client.until_idle(request)


@pytest.mark.hilum
def test_what_is_sent_after_the_error_runs(client, snippet, fail_behind):
    value, expected = snippet("value")
    failing, queued = fail_behind(lambda: [client.execute(value)])
    for request in [failing, *queued]:
        client.finish(request)
    assert client.run(value).result == expected


@pytest.mark.hilum
def test_a_cell_sent_after_the_error_reply_is_never_aborted(client, snippet):
    """However soon: whoever has the reply is not in the queue that it aborts."""
    value, expected = snippet("value")
    fail = snippet("fail")
    for _ in range(300):
        failing = client.execute(fail)
        client.reply(failing)
        assert client.run(value).result == expected
        client.until_idle(failing)


@pytest.mark.hilum
def test_aborted_cells_do_not_count(client, snippet, fail_behind):
    value, _ = snippet("value")
    failing, queued = fail_behind(lambda: [client.execute(value) for _ in range(5)])
    count = client.finish(failing).count
    assert [client.finish(request).status for request in queued] == ["aborted"] * 5
    assert client.run(value).count == count + 1


def test_without_stop_on_error_the_queue_goes_on(client, snippet, fail_behind):
    value, expected = snippet("value")
    failing, queued = fail_behind(lambda: [client.execute(value) for _ in range(5)],
                                  stop_on_error=False)
    assert client.finish(failing).status == "error"
    assert [client.finish(request).result for request in queued] == [expected] * 5


def test_only_execute_requests_are_aborted(client, snippet, fail_behind):
    failing, (info, complete, aborted) = fail_behind(lambda: [
        client.send("shell", "kernel_info_request"),
        client.send("shell", "complete_request", {"code": "p", "cursor_pos": 1}),
        client.execute(snippet("value")[0])])
    assert client.finish(failing).status == "error"
    for request in (info, complete):
        assert client.reply(request).content["status"] == "ok"
        client.until_idle(request)
    assert client.finish(aborted).status == "aborted"


def test_cells_of_other_clients_are_aborted_too(kernel, snippet):
    """One queue for all: the abort is about the kernel's state, not about who asked."""
    with kernel.client() as first, kernel.client() as second:
        running = first.start(snippet("spin"))
        queued = second.execute(snippet("value")[0])
        second.let_arrive()
        first.interrupt()
        assert first.finish(running).status == kernel.dialect.interrupted_status
        assert second.finish(queued).status == "aborted"


def test_kernel_info_is_answered_on_control_while_a_cell_runs(client, snippet):
    running = client.start(snippet("spin"))
    for _ in range(10):
        assert client.ask("kernel_info_request", channel="control").content["status"] == "ok"
    assert client.heartbeat([b"still"]) == [b"still"]
    client.interrupt()
    client.finish(running)


@pytest.mark.hilum
def test_iopub_belongs_to_the_right_parent_while_a_cell_runs(client, snippet):
    running = client.start(snippet("spin"))
    control = client.send("control", "kernel_info_request")
    client.reply(control)
    assert [m.type for m in client.until_idle(control)] == ["status", "status"]
    client.interrupt()
    assert client.finish(running).types[-1] == "status"


def test_two_clients_run_cells_and_both_see_all_outputs(kernel, snippet):
    with kernel.client() as first, kernel.client(username="other") as second:
        one, two = first.execute(snippet("print")), second.execute(snippet("print"))
        assert first.finish(one).text() == "hello\n"
        assert second.finish(two).text() == "hello\n"
        for client, request in ((first, two), (second, one)):
            seen = client.until_idle(request)
            assert [m.type for m in seen] == ["status", "execute_input", "stream", "status"]


def test_two_clients_with_one_session_are_told_apart_by_identity(kernel, snippet):
    with kernel.client(session="same") as first, kernel.client(session="same") as second:
        one, two = first.execute(snippet("value")[0]), second.execute(snippet("value")[0])
        first.finish(one)
        second.finish(two)


def test_a_client_that_leaves_before_its_reply_costs_nothing(kernel, client, snippet):
    with kernel.client() as leaving:
        leaving.start(snippet("spin"))
    client.interrupt()
    client.check_alive()


def test_identity_frames_of_a_proxy_come_back_with_the_reply(client, snippet):
    run = client.run(snippet("value")[0], prefix=[b"a", b"", b"b"])
    assert run.reply.identities == [b"a", b"", b"b"]


@pytest.mark.hilum
def test_an_unknown_subshell_is_an_error(client, snippet):
    """JEP 91: busy, an error reply, idle; and the cell does not run."""
    code, _ = snippet("expression")
    elsewhere = client.header("execute_request", subshell_id="no-such-shell")
    run = client.finish(client.execute(code, header=elsewhere))
    assert run.status == "error"
    assert run.content["ename"] == "SubshellNotFound"
    assert run.types == ["status", "status"]
    here = client.header("execute_request", subshell_id=None)
    assert client.finish(client.execute(code, header=here)).status == "ok"


@pytest.mark.hilum
def test_cells_on_their_way_when_an_error_is_replied_are_aborted(client, snippet):
    """"Run all": the error is answered before the client has sent all of its cells."""
    code, _ = snippet("expression")
    for _ in range(5):
        # All made before the error; a slow client would make some after it, and those run.
        first, *headers = [client.header("execute_request") for _ in range(11)]
        failing = client.execute(snippet("fail"), header=first)
        behind = [client.execute(code, header=header) for header in headers]
        assert client.finish(failing).status == "error"
        assert [client.finish(request).status for request in behind] == ["aborted"] * 10
        assert client.run(code).status == "ok"
