"""The module `comm` of Lua."""
import os
import signal

import pytest

from harness.comms import Comm, listed

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum


@pytest.fixture(autouse=True)
def clean(client):
    yield
    if client.kernel.alive:
        for comm_id in listed(client):
            Comm(client, comm_id).close()


def run(client, code):
    done = client.run(code)
    assert done.status == "ok", done
    return done


def comm_messages(messages):
    return [m for m in messages if m.type.startswith("comm_")]


def test_lua_opens_sends_and_closes(client):
    done = run(client, """
        local c = comm.open("plot", {title = "T"}, {"\\0\\255", ""}, {version = "2"})
        c:send({x = {1, 2.5}}, "bytes")
        c:close({reason = "done"})""")
    opened, said, closed = comm_messages(done.messages)
    assert opened.type == "comm_open"
    assert opened.content["target_name"] == "plot"
    assert opened.content["data"] == {"title": "T"}
    assert opened.metadata == {"version": "2"}
    assert opened.buffers == [b"\0\xff", b""]
    assert (said.type, said.content["data"], said.buffers) == \
        ("comm_msg", {"x": [1, 2.5]}, [b"bytes"])
    assert (closed.type, closed.content["data"]) == ("comm_close", {"reason": "done"})
    assert len({m.content["comm_id"] for m in (opened, said, closed)}) == 1
    assert listed(client) == {}


def test_comms_of_lua_are_listed_and_answer(client):
    done = run(client, """
        c = comm.open("plot")
        c:on_msg(function(message, comm) comm:send({n = message.data.n + 1}, message.buffers) end)""")
    comm = Comm(client, comm_messages(done.messages)[0].content["comm_id"])
    assert listed(client) == {comm.id: "plot"}
    answer, = comm.message({"n": 41}, [b"\x80"])
    assert (answer.content["data"], answer.buffers) == ({"n": 42}, [b"\x80"])


def test_a_comm_stays_open_without_a_variable(client):
    run(client, """
        comm.register_target("kept", function(c) c:on_msg(function() c:send({n = 1}) end) end)""")
    comm = Comm(client)
    comm.open("kept")
    run(client, "collectgarbage() collectgarbage()")
    assert len(comm.message()) == 1


def test_the_target_gets_what_the_client_said(client):
    run(client, """
        comm.register_target("t", function(c, message)
            got = {c.id, c.target, c.is_open, message.data.a[2], message.metadata.m,
                   message.buffers[1], #message.buffers, message.data.none == display.null,
                   math.type(message.data.int), math.type(message.data.float)}
        end)""")
    comm = Comm(client)
    assert comm.open("t", {"a": [1, "\U0001f600"], "none": None, "int": 7, "float": 7.0},
                     [b"\0", b""], {"m": "x"}) == []
    done = run(client, "for _, v in ipairs(got) do print(v) end")
    assert done.text().split("\n") == [comm.id, "t", "true", "\U0001f600", "x", "\0", "2", "true",
                                       "integer", "float", ""]


def nested(levels):
    """[[...]], which Python's own parser does not read at such a depth."""
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize("data", [
    {}, {"a": []}, {"a": {}}, {"a": [[], {}, [None]]}, {"": {"": ""}}, 
    {"n": [0, -1, 2**63 - 1, -2**63, 1.5, 1e300, -0.25, 5e-324]}, {"t": [True, False, None]},
    {"s": '"\\/\b\f\n\r\t\u0001\u007f\u0080\u07ff\u0800\uffff\U0001f600\U0010ffff'},
    {"deep": nested(150)},
], ids=lambda data: ascii(data)[:50])
def test_json_comes_back_the_same(client, data):
    run(client, """
        comm.register_target("same", function(c)
            c:on_msg(function(message) c:send(message.data) end)
        end)""")
    comm = Comm(client)
    comm.open("same")
    answer, = comm.message(data)
    assert answer.content["data"] == data


def test_escapes_and_half_pairs_are_understood(client):
    run(client, """
        comm.register_target("same", function(c)
            c:on_msg(function(message) c:send(message.data) end)
        end)""")
    comm = Comm(client)
    comm.open("same")
    request = client.send("shell", "comm_msg", frames={
        "content": b'{"comm_id":"%s","data":{"a":"\\ud83d\\ude00 \\ud800 \\udfff \\ud800\\u0041 '
                   b'\\/\\u00E9"}}' % comm.id.encode()})
    answer = client.until_idle(request)[1]
    assert answer.content["data"] == {"a": "\U0001f600 \ufffd \ufffd \ufffdA /\u00e9"}


def test_deeper_json_than_lua_can_send_is_an_error_of_that_message(client):
    run(client, """
        comm.register_target("deep", function(c)
            c:on_msg(function(message) c:send(message.data) end)
        end)""")
    comm = Comm(client)
    comm.open("deep")
    deep = {"d": nested(400)}
    assert [m.type for m in comm.message(deep)] == ["error"]
    assert [m.type for m in comm.message({})] == ["comm_msg"]


def test_what_a_handler_prints_and_shows_belongs_to_its_message(client):
    run(client, """
        comm.register_target("shows", function(c)
            print("opened")
            c:on_msg(function(message)
                print("got " .. message.data.n)
                display.html("<b>" .. message.data.n .. "</b>")
                io.stderr:write("done\\n")
            end)
            c:on_close(function() print("closed") end)
        end)""")
    comm = Comm(client)
    assert [m.content["text"] for m in comm.open("shows")] == ["opened\n"]
    messages = comm.message({"n": 7})
    assert [m.type for m in messages] == ["stream", "display_data", "stream"]
    assert messages[0].content["text"] == "got 7\n"
    assert [m.content["text"] for m in comm.close()] == ["closed\n"]


def test_late_output_of_a_handler_belongs_to_its_message(client):
    go, over = client.kernel.folder / "go", client.kernel.folder / "over"
    run(client, f"""
        comm.register_target("late", function(c)
            c:on_msg(function()
                os.execute("(until [ -e {go} ]; do sleep 0.01; done; echo late) &")
            end)
        end)""")
    comm = Comm(client)
    comm.open("late")
    request = client.send("shell", "comm_msg", {"comm_id": comm.id, "data": {}})
    client.until_idle(request)
    client.late_streams = True
    running = client.start(f'print("started") while not os.rename("{over}", "{over}") do '
                           'os.execute("sleep 0.01") end')
    go.touch()
    late = client.iopub(lambda m: m.type == "stream" and m.content["text"] == "late\n")
    assert late.parent_id == request.msg_id
    over.touch()
    assert client.finish(running).status == "ok"


def test_an_error_in_a_handler_is_shown_and_the_comm_lives(client):
    run(client, """
        comm.register_target("fails", function(c)
            c:on_msg(function(message) if message.data.fail then error("boom") end c:send() end)
        end)""")
    comm = Comm(client)
    comm.open("fails")
    error, = comm.message({"fail": True})
    assert error.type == "error"
    assert "boom" in error.content["evalue"]
    assert any("error(\"boom\")" in line for line in error.content["traceback"])
    assert [m.type for m in comm.message({"fail": False})] == ["comm_msg"]


def test_an_error_in_a_target_closes_the_comm(client):
    run(client, 'comm.register_target("bad", function(c) kept = c error("no") end)')
    comm = Comm(client)
    assert [m.type for m in comm.open("bad")] == ["error", "comm_close"]
    assert listed(client) == {}
    assert run(client, "kept.is_open").result == "false"


def test_an_error_in_on_close_is_shown(client):
    run(client, 'comm.register_target("x", function(c) c:on_close(function() error("late") end) end)')
    comm = Comm(client)
    comm.open("x")
    assert [m.type for m in comm.close()] == ["error"]
    assert listed(client) == {}


def test_a_target_may_close_the_comm_itself(client):
    run(client, 'comm.register_target("x", function(c) c:close({why = "full"}) end)')
    comm = Comm(client)
    close, = comm.open("x")
    assert (close.type, close.content["data"]) == ("comm_close", {"why": "full"})
    assert listed(client) == {}


def test_a_target_can_be_taken_away(client):
    run(client, 'comm.register_target("x", function() end)')
    run(client, 'comm.register_target("x", nil)')
    assert [m.type for m in Comm(client).open("x")] == ["comm_close"]


@pytest.mark.parametrize("code, message", [
    ("comm.open()", "string expected"),
    ("comm.open(('x'):rep(2000))", "at most 1024 bytes"),
    ("comm.open('x', 5)", "table expected"),
    ("comm.open('x', {1, 2})", "string keys, not a list"),
    ("comm.open('x', {f = print})", "function has no JSON form"),
    ("comm.open('x', nil, 5)", "table expected"),
    ("comm.open('x', nil, {1})", "buffers are strings"),
    ("comm.open('x', nil, setmetatable({}, {__index = function() return 'x' end}).x and 1)",
     "table expected"),
    ("local t = {} for i = 1, 241 do t[i] = '' end comm.open('x', nil, t)", "at most 240"),
    ("comm.open('x', nil, nil, {1})", "string keys, not a list"),
    ("comm.register_target('x', 5)", "function expected"),
    ("comm.register_target(nil, print)", "string expected"),
    ("local c = comm.open('x') c:close() c:send()", "this comm is closed"),
    ("local c = comm.open('x') c:close() c:on_msg(5)", "function expected"),
    ("comm.open('x').send()", "hilum.comm expected"),
])
def test_misuse_is_an_error_that_says_what_is_wrong(client, code, message):
    done = client.run(code)
    assert done.status == "error"
    assert message in done.content["evalue"]


def test_closing_twice_sends_once(client):
    done = run(client, "local c = comm.open('x') c:close() c:close()")
    assert [m.type for m in comm_messages(done.messages)] == ["comm_open", "comm_close"]


def test_prints_and_comm_messages_keep_their_order(client):
    done = run(client, """
        local c = comm.open("x")
        for i = 1, 20 do print(i) c:send({i = i}) end""")
    said = [m.content.get("text", "").strip() or str(m.content["data"].get("i"))
            for m in done.outputs if m.type != "comm_open"]
    assert said == [str(i) for i in range(1, 21) for _ in range(2)]


def test_a_handler_that_never_ends_can_be_interrupted(client):
    run(client, """
        comm.register_target("spin", function(c)
            c:on_msg(function(m) if m.data.spin then print("started") while true do end end c:send() end)
        end)""")
    comm = Comm(client)
    comm.open("spin")
    request = client.send("shell", "comm_msg", {"comm_id": comm.id, "data": {"spin": True}})
    client.await_text(request, "started")
    client.interrupt()
    client.until_idle(request)
    assert [m.type for m in comm.message({})] == ["comm_msg"]


def test_a_target_that_is_interrupted_closes_the_comm(client):
    run(client, 'comm.register_target("spin", function() print("started") while true do end end)')
    comm = Comm(client)
    request = client.send("shell", "comm_open",
                          {"comm_id": comm.id, "target_name": "spin", "data": {}})
    client.await_text(request, "started")
    client.interrupt()
    assert "comm_close" in [m.type for m in client.until_idle(request)]
    assert listed(client) == {}


def test_input_in_a_handler_fails_at_once(client):
    run(client, """
        comm.register_target("asks", function(c) c:on_msg(function() input("who? ") end) end)""")
    comm = Comm(client)
    comm.open("asks")
    error, = comm.message()
    assert "cannot be asked" in error.content["evalue"]


def test_a_crash_in_a_handler_costs_the_message_only(kernel, client):
    kernel.expect_log("worker")
    kernel.crashes_expected = True
    run(client, """
        said = 0
        comm.register_target("dies", function(c)
            c:on_msg(function(m)
                said = said + 1
                if m.data.die then os.execute("kill -SEGV $PPID; sleep 9") end
                c:send({said = said})
            end)
        end)""")
    dying, other = Comm(client), Comm(client)
    dying.open("dies")
    other.open("dies")
    messages = dying.message({"die": True})
    assert [m for m in messages if m.type == "comm_close"] == []
    error, = [m for m in messages if m.type == "error"]
    assert error.content["ename"] == "WorkerDied"
    assert "comm message" in error.content["evalue"]
    assert set(listed(client)) == {dying.id, other.id}
    for comm, said in ((dying, 1), (other, 2)):
        assert [m.content["data"] for m in comm.message({})] == [{"said": said}]


def test_a_worker_killed_while_it_opens_a_comm(kernel, client):
    kernel.expect_log("worker")
    kernel.crashes_expected = True
    run(client, 'comm.register_target("waits", function() print("started") os.execute("sleep 9") end)')
    comm = Comm(client)
    worker = kernel.worker
    request = client.send("shell", "comm_open",
                          {"comm_id": comm.id, "target_name": "waits", "data": {}})
    client.await_text(request, "started")
    os.kill(worker, signal.SIGKILL)
    assert [m.type for m in client.until_idle(request)][-3:] == ["error", "comm_close", "status"]
    assert listed(client) == {}


def test_comm_messages_of_a_silent_cell_are_sent(client):
    """They are no output: the frontend's state has to follow."""
    done = client.run("c = comm.open('x')", silent=True, store_history=False)
    assert [m.type for m in comm_messages(done.messages)] == ["comm_open"]


def test_no_comm_message_leaves_the_init_file(start_kernel, tmp_path):
    init = tmp_path / "init.lua"
    init.write_text("ok, problem = pcall(comm.open, 'x')\n"
                    "comm.register_target('early', function(c) c:send({early = true}) end)")
    config = tmp_path / "hilum.json"
    config.write_text('{"evaluators":{"lua":{"options":{"init":"%s"}}}}' % init)
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    with kernel.client() as client:
        assert "while no cell runs" in client.run("problem").result
        assert [m.type for m in Comm(client).open("early")] == ["comm_msg"]


def test_a_comm_says_what_it_is(client):
    assert "comm: " in run(client, "c = comm.open('plot') tostring(c)").result
    assert "to plot (closed)" in run(client, "c:close() return tostring(c)").result
    assert run(client, "c.no_such_field == nil").result == "true"
    assert run(client, "comm == require 'comm'").result == "true"
