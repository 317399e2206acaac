"""kernel_info, heartbeat, identities, headers, iopub_welcome: what needs no cell."""
import json
import os

import pytest

from harness import wire

EVALUATORS = ["echo", "lua", "python"]


def info(client, channel="shell"):
    return client.ask("kernel_info_request", channel=channel).content


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_kernel_info_is_answered(client, evaluator, channel):
    content = info(client, channel)
    assert content["status"] == "ok"
    assert content["language_info"]["name"] == evaluator
    assert content["banner"]


@pytest.mark.hilum
def test_kernel_info_says_what_this_kernel_is(client):
    request = client.send("shell", "kernel_info_request")
    reply = client.reply(request)
    client.until_idle(request)
    assert reply.content["implementation"] == "hilum"
    assert reply.content["implementation_version"]
    assert reply.content["protocol_version"] == "5.5"
    assert reply.header["version"] == "5.5"
    assert isinstance(reply.content["supported_features"], list)


def test_kernel_info_is_the_same_on_shell_and_control(client):
    assert info(client, "shell") == info(client, "control")


@pytest.mark.parametrize("size", [0, 1, 255, 256, 100_000])
def test_heartbeat_echoes_any_payload(client, size):
    payload = os.urandom(size)
    assert client.heartbeat([payload]) == [payload]


@pytest.mark.hilum
def test_heartbeat_echoes_many_frames(client):
    frames = [b"one", b"", b"three", wire.DELIMITER]
    assert client.heartbeat(frames) == frames


def test_heartbeat_answers_many_times(client):
    for number in range(200):
        assert client.heartbeat([b"%d" % number]) == [b"%d" % number]


@pytest.mark.hilum
def test_iopub_welcome_names_the_subscription(client):
    welcome, = client.welcomes
    assert welcome.content["subscription"] == ""
    assert welcome.parent_frame == b"{}"
    assert welcome.topic == b""


@pytest.mark.hilum
def test_iopub_welcome_comes_for_each_client_with_the_same_topic(kernel):
    with kernel.client() as first, kernel.client() as second, kernel.client() as third:
        assert [len(c.welcomes) for c in (first, second, third)] == [1, 1, 1]


@pytest.mark.hilum
def test_iopub_welcome_has_the_subscription_as_topic(kernel):
    with kernel.client(subscription=b"nothing-has-this-topic") as client:
        welcome, = client.welcomes
        assert welcome.content["subscription"] == "nothing-has-this-topic"
        assert welcome.topic == b"nothing-has-this-topic"


@pytest.mark.hilum
def test_a_subscription_that_is_not_utf8_costs_nothing(kernel, client):
    kernel.expect_log("(?i)subscription|utf-8")
    client.sockets["iopub"].subscribe(b"\xff\xfe\x00")
    client.check_alive()


def test_many_identity_frames_come_back(client):
    prefix = [b"proxy", b"\x00\x80binary", b"client"]
    request = client.send("shell", "kernel_info_request", prefix=prefix)
    assert client.reply(request).identities == prefix
    client.until_idle(request)


def test_unknown_header_fields_are_copied_into_the_parent(client):
    header = client.header("kernel_info_request", subshell_id=None, novelty={"a": [1, 2.50]})
    request = client.send("shell", "kernel_info_request", header=header)
    assert client.reply(request).parent_header["novelty"] == {"a": [1, 2.5]}
    client.until_idle(request)


@pytest.mark.hilum
def test_the_parent_header_is_the_request_header_byte_for_byte(client):
    """Odd but valid JSON: spaces, escapes, another order, a number as Python would not write it."""
    header = client.header("kernel_info_request", odd="\u00e9\U0001d11e")
    raw = json.dumps(header, indent=1, sort_keys=True).replace("}", ', "n": 1.50E+2 }').encode()
    request = client.send("shell", "kernel_info_request", header=header, frames={"header": raw})
    client.ledger.sent[request.msg_id] = raw
    assert client.reply(request).parent_frame == raw
    for message in client.until_idle(request):
        assert message.parent_frame == raw


def test_a_username_and_session_may_be_empty_or_odd(client):
    for username in ("", "Zo\u00eb \U0001f600", 'quo"te\\ \n\u0000'):
        header = client.header("kernel_info_request", username=username)
        request = client.send("shell", "kernel_info_request", header=header)
        assert client.reply(request).parent_header["username"] == username
        client.until_idle(request)


def test_messages_with_buffers_are_accepted(client):
    request = client.send("shell", "kernel_info_request", buffers=[b"", b"\x00\xff", b"x" * 70_000])
    client.reply(request)
    client.until_idle(request)


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_an_unknown_type_gets_busy_and_idle_and_no_reply(kernel, client, channel):
    kernel.expect_log("no_such_request")
    request = client.send(channel, "no_such_request", {"anything": 1})
    if kernel.dialect.strict:
        assert [m.type for m in client.until_idle(request)] == ["status", "status"]
    following = client.send(channel, "kernel_info_request")
    assert client.recv(channel).parent_id == following.msg_id
    client.until_idle(following)


def test_two_clients_get_their_own_replies_and_all_of_iopub(kernel):
    with kernel.client() as first, kernel.client() as second:
        requests = [(c, c.send("shell", "kernel_info_request")) for c in (first, second) * 5]
        for client, request in requests:
            assert client.reply(request).parent_header["session"] == client.session
        for client in (first, second):
            for _, request in requests:
                client.until_idle(request)


def test_replies_on_control_go_to_the_control_socket(client):
    shell = client.send("shell", "kernel_info_request")
    control = client.send("control", "kernel_info_request")
    assert client.recv("control").parent_id == control.msg_id
    assert client.recv("shell").parent_id == shell.msg_id
    client.until_idle(shell)
    client.until_idle(control)


@pytest.mark.hilum
def test_connect_request_tells_the_ports(kernel, client):
    content = client.ask("connect_request").content
    assert content["status"] == "ok"
    for channel in ("shell", "iopub", "stdin", "hb", "control"):
        assert content[f"{channel}_port"] == kernel.connection[f"{channel}_port"]


def test_comm_info_is_empty_without_comms(client):
    assert client.ask("comm_info_request", {}).content["comms"] == {}
    assert client.ask("comm_info_request", {"target_name": "none"}).content["comms"] == {}


@pytest.mark.parametrize("access", [
    {"hist_access_type": "tail", "n": 10},
    {"hist_access_type": "range", "session": 0, "start": 0, "stop": 10},
    {"hist_access_type": "search", "pattern": "*", "n": 10, "unique": True},
])
@pytest.mark.parametrize("output", [True, False])
def test_history_is_answered(client, access, output):
    content = client.ask("history_request", {"output": output, "raw": True, **access}).content
    assert content["status"] == "ok"
    assert isinstance(content["history"], list)
