"""Everything that a cell writes, however it writes it: complete, in order, as whole characters, and
while it runs."""
import time

import pytest

from harness import limits

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum


def streams(run):
    """[(name, text)] with neighbours of the same name joined."""
    joined = []
    for content in run.of_type("stream"):
        if joined and joined[-1][0] == content["name"]:
            joined[-1] = (content["name"], joined[-1][1] + content["text"])
        else:
            joined.append((content["name"], content["text"]))
    return joined


@pytest.mark.parametrize("code, name, text", [
    ('print("a", 1, nil, true)', "stdout", "a\t1\tnil\ttrue\n"),
    ("print()", "stdout", "\n"),
    ('io.write("a", 1, "b")', "stdout", "a1b"),
    ('io.stdout:write("a"):write("b")', "stdout", "ab"),
    ('io.output():write("x")', "stdout", "x"),
    ('io.stderr:write("oops")', "stderr", "oops"),
    ('os.execute("echo child")', "stdout", "child\n"),
    ('os.execute("echo child >&2")', "stderr", "child\n"),
    ('os.execute("(sh -c \'echo grandchild\')")', "stdout", "grandchild\n"),
    ('local p = io.popen("cat", "w"); p:write("through cat"); p:close()', "stdout", "through cat"),
    ('local p = io.popen("echo err >&2; echo out"); local s = p:read("a"); p:close()', "stderr",
     "err\n"),
], ids=range(11))
def test_whatever_writes_is_captured(client, code, name, text):
    run = client.run(code + "\n;")
    assert run.status == "ok"
    assert streams(run) == [(name, text)]


def test_what_popen_reads_is_not_output(client):
    run = client.run('local p = io.popen("echo inner"); local s = p:read("a"); p:close(); return s')
    assert run.text() == ""
    assert "inner" in run.result


def test_stdout_and_stderr_keep_their_order(client):
    run = client.run('for i = 1, 50 do io.write("o", i, " ") io.stderr:write("e", i, " ") end')
    assert streams(run) == [pair for i in range(1, 51)
                            for pair in (("stdout", f"o{i} "), ("stderr", f"e{i} "))]


def test_prints_and_children_keep_their_order(client):
    run = client.run('for i = 1, 10 do print("lua", i) os.execute("echo child " .. i) end')
    assert run.text() == "".join(f"lua\t{i}\nchild {i}\n" for i in range(1, 11))


def test_prints_come_before_the_result(client):
    run = client.run('print("first") return "second"')
    assert run.types == ["status", "execute_input", "stream", "execute_result", "status"]


def test_prints_come_before_the_error(client):
    run = client.run('io.write("first") io.stderr:write("second") error("third")')
    assert run.types == ["status", "execute_input", "stream", "stream", "error", "status"]
    assert streams(run) == [("stdout", "first"), ("stderr", "second")]


def test_nothing_in_a_child_is_lost_when_the_cell_ends_at_once(client):
    for _ in range(20):
        assert client.run('os.execute("echo one; echo two")\n;').text() == "one\ntwo\n"


def test_a_line_arrives_while_the_cell_waits(client):
    """The cell goes on only when the file is there, which is made after the line has come."""
    go = client.kernel.folder / "go"
    running = client.start(
        f'print("started"); while not os.rename("{go}", "{go}") do os.execute("sleep 0.01") end')
    go.touch()
    assert client.finish(running).status == "ok"


def test_a_prompt_without_line_end_arrives_while_the_cell_waits(client):
    running = client.start('io.write("started: "); os.execute("sleep 100")', mark="started: ")
    client.interrupt()
    client.finish(running)


def test_a_hundred_thousand_lines_are_complete_and_in_order(client):
    run = client.run("for i = 1, 100000 do print(i) end", timeout=6 * limits.EVENT)
    assert run.text() == "".join(f"{i}\n" for i in range(1, 100_001))
    assert len(run.of_type("stream")) < 20_000, "prints should be coalesced"


def test_one_long_line_is_complete(client):
    run = client.run('io.write(("0123456789"):rep(1000000))', timeout=6 * limits.EVENT)
    assert run.text() == "0123456789" * 1_000_000


def test_a_child_may_write_more_than_a_pipe_holds(client):
    run = client.run('os.execute("seq 1 200000")\n;', timeout=6 * limits.EVENT)
    assert run.text() == "".join(f"{i}\n" for i in range(1, 200_001))


def test_both_streams_may_be_flooded_at_once(client):
    run = client.run('os.execute("seq 1 50000 & seq 1 50000 >&2; wait")\n;',
                     timeout=6 * limits.EVENT)
    expected = "".join(f"{i}\n" for i in range(1, 50_001))
    assert run.text("stdout") == expected
    assert run.text("stderr") == expected


def test_a_flood_of_prints_is_few_messages(client):
    """jupyter_server stops showing output beyond 1000 messages a second."""
    begun = time.monotonic()
    run = client.run("for i = 1, 20000 do print(i) end")
    seconds = time.monotonic() - begun
    assert len(run.of_type("stream")) < 100 + 200 * seconds


# ---- characters ----

SPLIT = "\U0001f600"  # f0 9f 98 80


def octal(data):
    return "".join(f"\\\\{byte:03o}" for byte in data)


def test_a_character_that_comes_in_pieces_is_put_together(client):
    pieces = "; sleep 0.1; ".join(f"printf '{octal(bytes([b]))}'" for b in SPLIT.encode())
    run = client.run(f'os.execute("{pieces}")\n;')
    assert run.text() == SPLIT
    assert all("\ufffd" not in content["text"] for content in run.of_type("stream"))


def test_no_message_ends_within_a_character(client):
    """Odd lengths make every buffer end somewhere within one. Invalid frames would be refused by
    the client; replacement characters are looked for here."""
    run = client.run(f'for i = 1, 3000 do io.write("x", ("{SPLIT}"):rep(37)) end',
                     timeout=6 * limits.EVENT)
    assert run.text() == ("x" + SPLIT * 37) * 3000


@pytest.mark.parametrize("data, text", [
    (b"a\xffb", "a\ufffdb"),
    (b"\xc0\x80", "\ufffd\ufffd"),
    (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
    (b"\xf5\x80\x80\x80", "\ufffd" * 4),
    (b"cut \xf0\x9f\x98", "cut \ufffd"),
    (b"cut \xe2\x82 on", "cut \ufffd on"),
    (b"\xf0\x9f\x98\x80\xf0\x9f", "\U0001f600\ufffd"),
    (b"nul \x00 in", "nul \0 in"),
    (b"\x1b[31mred\x1b[0m\r\n\t\x07", "\x1b[31mred\x1b[0m\r\n\t\x07"),
    ("\ufeff\u2028\U0010ffff".encode(), "\ufeff\u2028\U0010ffff"),
], ids=ascii)
def test_bytes_that_are_no_characters_are_replaced(client, data, text):
    """By one U+FFFD per maximal part of a character, as Unicode recommends."""
    run = client.run('io.write("{}")'.format("".join(f"\\x{byte:02x}" for byte in data)))
    assert run.text() == text
    run = client.run(f'os.execute("printf \'{octal(data)}\'")\n;')
    assert run.text() == text


def test_a_cut_character_does_not_glue_to_the_next_cell(client):
    assert client.run('io.write("\\xf0\\x9f")').text() == "\ufffd"
    assert client.run('io.write("\\x98\\x80")').text() == "\ufffd\ufffd"


def test_a_cut_character_on_stdout_is_not_finished_on_stderr(client):
    run = client.run('io.write("\\xf0\\x9f") io.stderr:write("x") io.write("\\x98\\x80")')
    assert run.text("stderr") == "x"
    assert "\U0001f600" not in run.text() or run.text() == "\U0001f600"


def test_invalid_bytes_in_a_result_or_an_error_are_replaced(client):
    run = client.run('return "a\\xffb"')
    assert run.status == "ok"
    run = client.run('error("a\\xffb")')
    assert "a\ufffdb" in run.content["evalue"]


# ---- children that stay ----

def test_output_of_a_child_left_behind_belongs_to_its_cell(client):
    client.late_streams = True
    folder = client.kernel.folder
    request = client.execute(
        f'os.execute("(until [ -e {folder}/late ]; do sleep 0.01; done; echo late) &")\n;')
    client.finish(request)
    (folder / "late").touch()
    message = client.iopub(lambda m: m.type == "stream", what="output after the cell's end")
    assert message.content == {"name": "stdout", "text": "late\n"}
    assert message.parent_id == request.msg_id


def test_a_child_that_keeps_the_pipe_open_does_not_hold_up_the_cell(client):
    """Idle must not wait for the end of the pipe. The sleep ends with the worker's group."""
    folder = client.kernel.folder
    run = client.run(f'os.execute("sh -c \'until [ -e {folder}/end ]; do sleep 0.05; done\' &")\n;')
    assert run.status == "ok"
    client.check_alive()
    (folder / "end").touch()


def test_a_cell_cannot_hang_up_the_kernel_by_closing_its_output(client):
    """Lua refuses to close its standard files, or does it; the session goes on either way."""
    client.run("pcall(io.close, io.stdout)")
    client.check_alive()
    client.run("pcall(io.stderr.close, io.stderr)")
    client.check_alive()


# ---- results and errors ----

@pytest.mark.parametrize("code, result", [
    ("1+1", "2"), ("return 1+1", "2"), ("x = 5; x", "5"), ("local y = 6\ny * 7", "42"),
    ("1, 2", "1\t2"), ('"text"', None), ("nil", None), ("x = 1", None), ("true", "true"),
    ("0x10", "16"), ("1e15", "1e+15"), ("3 // 2", "1"), ("-- only a comment", None),
    ("do return 7 end", "7"), ("for i = 1, 3 do end", None), ("function f() return 8 end f()", "8"),
    ("print", None), ("{}", None),
], ids=ascii)
def test_the_last_expression_is_the_result(client, code, result):
    run = client.run(code)
    assert run.status == "ok", run
    if result is not None and code != "1, 2":
        assert run.result == result
    if code in ("nil", "x = 1", "-- only a comment", "for i = 1, 3 do end"):
        assert run.result is None


def test_globals_persist_and_locals_do_not(client):
    client.run("g = 1; local l = 2")
    assert client.run("tostring(g) .. tostring(l)").result.strip("\"'") == "1nil"


def test_an_error_has_a_lua_traceback_without_frames_of_the_host(client):
    run = client.run('local function inner() error("boom") end\nlocal function outer() inner() end\nouter()')
    text = "\n".join(run.content["traceback"])
    assert "boom" in text
    assert "inner" in text and "outer" in text
    for frame in ("[C]: in ?", "xpcall", "lua_pcall", "hilum", ".c:"):
        assert frame not in text, text


def test_an_error_names_its_line(client):
    run = client.run("local a = 1\nlocal b = 2\nerror('here')")
    assert "3" in "\n".join(run.content["traceback"])
    run = client.run("x = 1\ny = = 2")
    assert run.status == "error"
    assert "2" in "\n".join(run.content["traceback"])


@pytest.mark.parametrize("code", ["error()", "error(nil)", "error({})", "error(42)", "error(print)",
                                  'error(setmetatable({}, {__tostring = function() return "own" end}))',
                                  'error(setmetatable({}, {__tostring = function() error("x") end}))',
                                  "error('two\\nlines')", "local a; a.b = 1", "nil + 1", "#5",
                                  "('x'):rep(-1)()", "string.rep('x', 1 << 40)",
                                  "local function f() return f() + 1 end f()",
                                  "coroutine.wrap(function() error('in coroutine') end)()"])
def test_any_error_value_is_an_error(client, code):
    run = client.run(code)
    assert run.status == "error"
    assert len(run.errors) == 1
    client.check_alive()


@pytest.mark.parametrize("code", ["os.exit()", "os.exit(3)", "os.exit(true, true)"])
def test_os_exit_does_not_take_the_kernel_down(kernel, client, code):
    kernel.expect_log("")
    client.run(code)
    client.check_alive()


def test_late_output_belongs_to_the_cell_that_started_it(client):
    """Also while another cell runs, which prints itself."""
    go, over = client.kernel.folder / "late goes", client.kernel.folder / "over"
    late = client.run(f'os.execute("(until [ -e \'{go}\' ]; do sleep 0.01; done; echo late; '
                      'echo late error >&2) &") print("first")')
    client.late_streams = True
    other = client.start(f'print("second") while not os.rename("{over}", "{over}") do '
                         'os.execute("sleep 0.01") end print("third")', mark="second")
    go.touch()
    for _ in range(2):
        message = client.iopub(lambda m: m.type == "stream" and "late" in m.content["text"])
        assert message.parent_id == late.request.msg_id
    over.touch()
    run = client.finish(other)
    assert run.text() == "second\nthird\n"


def test_many_cells_may_leave_processes_behind(client):
    go = client.kernel.folder / "all at once"
    starters = [client.run(f'os.execute("(until [ -e \'{go}\' ]; do sleep 0.1; done; echo late {i}) &")')
                for i in range(24)]
    client.run("1")
    client.late_streams = True
    go.touch()
    texts = {}
    while sum(text.count("\n") for text in texts.values()) < 24:
        message = client.iopub(lambda m: m.type == "stream")
        texts[message.parent_id] = texts.get(message.parent_id, "") + message.content["text"]
    for i, starter in enumerate(starters[:16]):
        assert texts[starter.request.msg_id] == f"late {i}\n"
