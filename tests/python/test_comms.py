"""Comms that nobody here knows. (Evaluators get comms later.)"""
import pytest

EVALUATORS = ["lua", "python"]


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
@pytest.mark.parametrize("content", [{}, {"comm_id": 5}, {"comm_id": None}, {"comm_id": {}},
                                     {"comm_id": "x", "target_name": 5}], ids=ascii)
def test_a_comm_open_of_the_wrong_shape_is_survived(kernel, client, content):
    kernel.expect_log("comm")
    client.until_idle(client.send("shell", "comm_open", content))
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
