"""Comms: what the core does for each evaluator, and the protocol around them. echo accepts comms to
the target "echo" and sends everything back."""
import os
import signal

import pytest

from harness.checkpoints import let_fork, new_session
from harness.comms import Comm, listed
from harness.samples import CLIENTS

EVALUATORS = ["lua", "python", "echo"]

ECHO_TARGET = {"echo": [], **{name: [sample["echo_target"]] for name, sample in CLIENTS.items()
                              if "echo_target" in sample}}

# Bytes that a text would not survive, and nothing.
BUFFERS = [b"", bytes(range(256)), b"\xff\xfe\x00", b"", b"<IDS|MSG>", b""]


@pytest.fixture
def echoing(client, evaluator):
    """A client of a kernel that has the target "echo"."""
    if evaluator not in ECHO_TARGET:
        pytest.skip("not for the kernel under test")
    for code in ECHO_TARGET[evaluator]:
        assert client.run(code).status == "ok"
    yield client
    for comm_id in listed(client):
        Comm(client, comm_id).close()


@pytest.fixture
def echo(echoing):
    comm = Comm(echoing)
    assert comm.open("echo") == []
    return comm


# ---- what nobody here knows ----

def open_comm(client, **changes):
    content = {"comm_id": "some-comm", "target_name": "no.such.target", "data": {}}
    content.update(changes)
    return client.send("shell", "comm_open", content, buffers=[b"", b"\xff"])


def test_a_comm_to_an_unknown_target_is_closed_at_once(client):
    request = open_comm(client)
    closes = [m for m in client.until_idle(request) if m.type == "comm_close"]
    assert [m.content["comm_id"] for m in closes] == ["some-comm"]


@pytest.mark.parametrize("msg_type", ["comm_msg", "comm_close"])
def test_messages_of_an_unknown_comm_are_ignored(kernel, client, msg_type):
    kernel.expect_log("comm")
    request = client.send("shell", msg_type, {"comm_id": "no-such-comm", "data": {"a": 1}})
    assert [m.type for m in client.until_idle(request)] == ["status", "status"]
    client.ask("kernel_info_request")


@pytest.mark.hilum
@pytest.mark.parametrize("content", [
    {}, {"comm_id": 5}, {"comm_id": None}, {"comm_id": {}}, {"comm_id": "x", "target_name": 5},
    {"comm_id": "x"}, {"comm_id": "x" * 2000, "target_name": "echo"},
    {"comm_id": "x", "target_name": "y" * 2000}], ids=lambda content: ascii(content)[:60])
def test_a_comm_open_of_the_wrong_shape_is_survived(kernel, client, content):
    kernel.expect_log("a comm_open was refused")
    messages = client.until_idle(client.send("shell", "comm_open", content))
    closes = [m.content["comm_id"] for m in messages if m.type == "comm_close"]
    assert closes == ([content["comm_id"]] if isinstance(content.get("comm_id"), str) else [])
    assert listed(client) == {}
    client.check_alive()


@pytest.mark.hilum
@pytest.mark.parametrize("msg_type", ["comm_msg", "comm_close"])
@pytest.mark.parametrize("content", [{}, {"comm_id": 5}, {"comm_id": "x" * 2000}],
                         ids=lambda content: ascii(content)[:60])
def test_a_comm_message_of_the_wrong_shape_is_ignored(kernel, client, msg_type, content):
    assert [m.type for m in client.until_idle(client.send("shell", msg_type, content))] == \
        ["status", "status"]
    client.check_alive()


@pytest.mark.hilum
def test_a_comm_id_may_hold_any_character(client):
    name = 'quo"te \\ \U0001f600 \u0000'
    closes = [m for m in client.until_idle(open_comm(client, comm_id=name))
              if m.type == "comm_close"]
    assert closes[0].content["comm_id"] == name


def test_a_comm_that_was_closed_is_not_listed(client):
    client.until_idle(open_comm(client))
    assert client.ask("comm_info_request", {}).content["comms"] == {}


# ---- there and back ----

@pytest.mark.hilum
def test_what_a_client_sends_comes_back(echo):
    data = {"text": "\U0001f600 \u0000 \u2028", "number": -0.5, "big": 2**53, "list": [1, [], {}],
            "nothing": None, "yes": True}
    answer, = echo.message(data, metadata={"version": "2.1.0"})
    assert answer.type == "comm_msg"
    assert answer.content == {"comm_id": echo.id, "data": data}
    assert answer.metadata == {"version": "2.1.0"}
    assert answer.buffers == []


@pytest.mark.hilum
def test_buffers_are_the_same_to_the_byte_both_ways(echo):
    answer, = echo.message({"of": "buffers"}, BUFFERS)
    assert answer.buffers == BUFFERS


@pytest.mark.hilum
def test_a_buffer_of_megabytes_comes_back(echo):
    block = bytes(range(256)) * 32768
    answer, = echo.message({}, [block, b"", block[::-1]])
    assert answer.buffers == [block, b"", block[::-1]]


@pytest.mark.hilum
def test_two_hundred_and_forty_buffers_come_back(echo):
    buffers = [b"%d" % number for number in range(240)]
    answer, = echo.message({}, buffers)
    assert answer.buffers == buffers


@pytest.mark.hilum
def test_more_buffers_than_can_be_sent_are_an_error(kernel, echo):
    kernel.expect_log("240 buffers")
    answer, = echo.message({}, [b"x"] * 241)
    assert answer.type == "error"
    assert [m.type for m in echo.message({})] == ["comm_msg"]


@pytest.mark.hilum
def test_a_comm_id_of_odd_characters_works(echoing):
    comm = Comm(echoing, 'quo"te \\ \U0001f600 \u0000')
    comm.open("echo")
    assert [m.content["comm_id"] for m in comm.message({"a": 1})] == [comm.id]
    assert listed(echoing) == {comm.id: "echo"}


@pytest.mark.hilum
def test_a_comm_id_is_the_same_however_it_is_escaped(echo):
    client = echo.client
    escaped = "".join(f"\\u{ord(c):04x}" for c in echo.id).encode()
    request = client.send("shell", "comm_msg", frames={
        "content": b'{"comm_id":"%s","data":{}}' % escaped})
    assert [m.type for m in client.until_idle(request)] == ["status", "comm_msg", "status"]


@pytest.mark.hilum
def test_each_answer_has_the_message_as_parent(echo):
    client = echo.client
    requests = [client.send("shell", "comm_msg", {"comm_id": echo.id, "data": {"n": n}})
                for n in range(20)]
    for number, request in enumerate(requests):
        answers = [m for m in client.until_idle(request) if m.type == "comm_msg"]
        assert [m.content["data"] for m in answers] == [{"n": number}]


@pytest.mark.hilum
def test_a_message_waits_for_the_running_cell(echo, evaluator):
    client = echo.client
    slow = {"echo": "sleep 1", "lua": 'os.execute("sleep 1")'}[evaluator]
    cell = client.execute(slow)
    message = client.send("shell", "comm_msg", {"comm_id": echo.id, "data": {}})
    parents = []
    while parents.count(message.msg_id) < 3:
        parents.append(client.recv("iopub").parent_id)
    assert set(parents[:-3]) == {cell.msg_id}
    client.reply(cell)


@pytest.mark.hilum
def test_messages_and_cells_are_served_in_the_order_they_came(echo, snippet):
    client = echo.client
    order = []
    for number in range(10):
        order.append(client.execute(snippet("value")[0]))
        order.append(client.send("shell", "comm_msg", {"comm_id": echo.id, "data": {"n": number}}))
    for request in order[::2]:
        client.reply(request)
    seen = []
    while len(seen) < len(order):
        seen.append(client.iopub(client._is_idle).parent_id)
    assert seen == [request.msg_id for request in order]


@pytest.mark.hilum
def test_messages_do_not_change_the_execution_count(echo, snippet):
    client = echo.client
    before = client.run(snippet("value")[0]).count
    echo.message({})
    assert client.run(snippet("value")[0]).count == before + 1


@pytest.mark.hilum
def test_an_error_does_not_abort_comm_messages(echo, snippet):
    client = echo.client
    failing = client.execute(snippet("fail"))
    message = client.send("shell", "comm_msg", {"comm_id": echo.id, "data": {}})
    assert client.finish(failing).status == "error"
    assert "comm_msg" in [m.type for m in client.until_idle(message)]


@pytest.mark.hilum
def test_an_interrupt_does_not_abort_comm_messages(echo, evaluator):
    client = echo.client
    slow = client.execute({"echo": "sleep 100", "lua": "while true do end"}[evaluator])
    message = client.send("shell", "comm_msg", {"comm_id": echo.id, "data": {}})
    client.let_arrive()
    client.interrupt()
    assert client.finish(slow).status == "aborted"
    assert "comm_msg" in [m.type for m in client.until_idle(message)]


@pytest.mark.hilum
def test_all_clients_see_all_comm_messages(kernel, echo):
    with kernel.client() as other:
        echo.message({"for": "all"}, [b"\0"])
        seen = other.iopub(lambda m: m.type == "comm_msg")
        assert (seen.content["data"], seen.buffers) == ({"for": "all"}, [b"\0"])
        other.iopub(other._is_idle)
        other.waiting["iopub"].clear()


# ---- the register ----

@pytest.mark.hilum
def test_open_comms_are_listed_until_they_are_closed(echo):
    client = echo.client
    second = Comm(client)
    second.open("echo")
    assert listed(client) == {echo.id: "echo", second.id: "echo"}
    echo.close()
    assert listed(client) == {second.id: "echo"}
    second.close()
    assert listed(client) == {}


@pytest.mark.hilum
def test_comms_are_listed_by_target(echo):
    client = echo.client
    assert listed(client, {"target_name": "echo"}) == {echo.id: "echo"}
    assert listed(client, {"target_name": None}) == {echo.id: "echo"}
    assert listed(client, {"target_name": "other"}) == {}
    assert listed(client, {"target_name": ""}) == {}


@pytest.mark.hilum
def test_comms_are_listed_on_control_during_a_cell(echo, evaluator):
    client = echo.client
    cell = client.execute({"echo": "sleep 100", "lua": "while true do end"}[evaluator])
    client.iopub_of(cell, "execute_input")
    assert listed(client, channel="control") == {echo.id: "echo"}
    client.interrupt()
    client.reply(cell)
    client.iopub(lambda m: client._is_idle(m) and m.parent_id == cell.msg_id)


@pytest.mark.hilum
def test_a_comm_that_is_open_is_not_opened_again(kernel, echo):
    kernel.expect_log("a comm of that comm_id already")
    assert echo.open("echo") == []
    assert [m.type for m in echo.message({"still": "open"})] == ["comm_msg"]


@pytest.mark.hilum
def test_a_closed_comm_says_nothing(echo):
    assert echo.close() == []
    assert echo.message({"any": "body"}) == []
    assert echo.close() == []


@pytest.mark.hilum
def test_thousands_of_comms_are_listed(kernel, echoing):
    comms = [Comm(echoing) for _ in range(2000)]
    requests = [echoing.send("shell", "comm_open", {"comm_id": comm.id, "target_name": "echo",
                                                    "data": {}}) for comm in comms]
    for request in requests:
        echoing.until_idle(request)
    assert set(listed(echoing)) == {comm.id for comm in comms}


@pytest.mark.hilum
@pytest.mark.time_limit(120)
def test_the_register_is_bounded(kernel, echoing):
    kernel.expect_log("too many comms are open")
    content = [{"comm_id": f"comm-{number}", "target_name": "echo", "data": {}}
               for number in range(10_001)]
    requests = [echoing.send("shell", "comm_open", each) for each in content]
    for request in requests[:-1]:
        assert len(echoing.until_idle(request)) == 2
    assert [m.type for m in echoing.until_idle(requests[-1])] == ["status", "comm_close", "status"]
    for each in content[:-1]:
        echoing.send("shell", "comm_close", {"comm_id": each["comm_id"], "data": {}})
    assert listed(echoing) == {}
    echoing.drain()
    echoing.waiting["iopub"].clear()


# ---- comms and the worker's life ----

@pytest.mark.hilum
def test_comms_live_on_in_the_state_that_comes_back(kernel, echo):
    kernel.expect_log("worker")
    kernel.crashes_expected = True
    let_fork(echo.client)
    old = kernel.worker
    os.kill(old, signal.SIGKILL)
    new_session(echo.client, old)
    assert list(listed(echo.client)) == [echo.id]
    assert [m.content["data"] for m in echo.message({"still": "here"})] == [{"still": "here"}]


@pytest.mark.hilum
def test_the_death_of_the_worker_closes_its_comms(start_kernel, evaluator, tmp_path):
    if evaluator not in ECHO_TARGET:
        pytest.skip("not for the kernel under test")
    config = tmp_path / "hilum.json"
    config.write_text('{"checkpoints": {"enabled": false}}')
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    kernel.expect_log("worker")
    kernel.crashes_expected = True
    with kernel.client() as client:
        for code in ECHO_TARGET[evaluator]:
            client.run(code)
        echo = Comm(client)
        assert echo.open("echo") == []
        os.kill(kernel.worker, signal.SIGKILL)
        close = client.iopub(lambda m: m.type == "comm_close")
        assert close.content == {"comm_id": echo.id, "data": {}}
        assert listed(client) == {}
        assert echo.message({}) == []
        client.check_alive()


@pytest.mark.hilum
def test_a_restart_opens_no_old_comms(kernel, echoing):
    comm = Comm(echoing)
    comm.open("echo")
    comm.close()
    assert listed(echoing) == {}
    comm.open("echo")
    assert [m.type for m in comm.message({})] == ["comm_msg"]


@pytest.mark.hilum
def test_shutdown_with_open_comms_is_orderly(start_kernel, evaluator):
    if evaluator not in ECHO_TARGET:
        pytest.skip("not for the kernel under test")
    kernel = start_kernel()
    with kernel.client() as client:
        for code in ECHO_TARGET[evaluator]:
            client.run(code)
        Comm(client).open("echo")
        client.ask("shutdown_request", {"restart": False}, channel="control")
        assert kernel.wait() == 0
