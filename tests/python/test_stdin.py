"""Input from the frontend: asked of the right client, answered once, cancelled at any time."""
import pytest
import zmq

from harness import limits, procs

EVALUATORS = ["lua", "python"]

ASK = {
    "lua": 'local answer = input("name? "); print("got " .. tostring(answer))',
    "python": 'answer = input("name? "); print("got " + answer)',
}
ASK_SECRET = {
    "lua": 'local answer = input("secret: ", true); print("got " .. tostring(answer))',
    "python": 'import getpass; print("got " + getpass.getpass("secret: "))',
}


@pytest.fixture
def ask(evaluator):
    return ASK[evaluator]


def answer(client, value, request=None):
    parent = request.header if request else None
    return client.send("stdin", "input_reply", {"value": value, "status": "ok"},
                       parent_header=parent)


def asked(client, running):
    """The input_request of a running cell."""
    request = client.recv("stdin", what="input_request")
    assert request.type == "input_request"
    assert request.parent_id == running.msg_id
    return request


def test_a_cell_asks_and_goes_on_with_the_answer(client, ask):
    running = client.execute(ask, allow_stdin=True)
    request = asked(client, running)
    assert request.content == {"prompt": "name? ", "password": False}
    answer(client, "Zo\u00eb \U0001f600", request)
    run = client.finish(running)
    assert run.status == "ok"
    assert run.text() == "got Zo\u00eb \U0001f600\n"


def test_a_password_is_asked_for_as_such(client, evaluator):
    running = client.execute(ASK_SECRET[evaluator], allow_stdin=True)
    request = asked(client, running)
    assert request.content["password"] is True
    assert request.content["prompt"] == "secret: "
    answer(client, "hush", request)
    assert client.finish(running).text() == "got hush\n"


@pytest.mark.parametrize("value", ["", " ", "a\\nb", "\u202e", "x" * 100_000, '"quoted"'],
                         ids=lambda value: ascii(value[:10]))
def test_any_answer_arrives_as_it_is(client, ask, value):
    running = client.execute(ask, allow_stdin=True)
    answer(client, value, asked(client, running))
    assert client.finish(running).text() == f"got {value}\n"


def test_a_long_answer_leaves_the_request_alone(client, ask, snippet):
    """The rest of the request is read after the answer has come: it must not be where the answer
    was put."""
    code, expected = snippet("expression")
    running = client.execute(ask, allow_stdin=True, user_expressions={"after": code})
    answer(client, "x" * 300_000, asked(client, running))
    run = client.finish(running)
    assert run.content["user_expressions"]["after"]["data"]["text/plain"] == expected


def test_many_questions_in_one_cell(client, ask):
    running = client.execute("\n".join([ask] * 20), allow_stdin=True)
    for number in range(20):
        answer(client, str(number), asked(client, running))
    assert client.finish(running).text() == "".join(f"got {n}\n" for n in range(20))


def test_what_was_printed_before_is_shown_before_the_question(client, snippet, ask):
    running = client.execute(snippet("print") + "\n" + ask, allow_stdin=True)
    request = asked(client, running)
    client.await_text(running, "hello")
    answer(client, "x", request)
    assert client.finish(running).text() == "hello\ngot x\n"


def test_without_permission_asking_fails_at_once(client, ask):
    run = client.run(ask, allow_stdin=False)
    assert run.status == "error"
    client.check_alive()


def test_the_client_that_runs_the_cell_is_asked(kernel, ask):
    with kernel.client() as first, kernel.client() as second:
        for client, other in ((first, second), (second, first)):
            running = client.execute(ask, allow_stdin=True)
            answer(client, "me", asked(client, running))
            assert client.finish(running).text() == "got me\n"
            assert not other.sockets["stdin"].poll(0)


def test_an_interrupt_cancels_the_question(kernel, client, snippet, ask):
    running = client.execute(ask, allow_stdin=True)
    asked(client, running)
    client.interrupt()
    run = client.finish(running)
    assert run.status == kernel.dialect.interrupted_status
    assert run.errors[0]["ename"] == kernel.dialect.interrupted_name


@pytest.mark.hilum
def test_an_answer_after_the_interrupt_is_dropped(kernel, client, ask):
    kernel.expect_log("input_reply")
    running = client.execute(ask, allow_stdin=True)
    late = asked(client, running)
    client.interrupt()
    client.finish(running)
    answer(client, "too late", late)
    client.check_alive()
    running = client.execute(ask, allow_stdin=True)
    answer(client, "in time", asked(client, running))
    assert client.finish(running).text() == "got in time\n"


@pytest.mark.hilum
def test_an_answer_to_an_earlier_question_is_dropped(kernel, client, ask):
    """Told by its parent header; frontends set it to the input_request's header."""
    kernel.expect_log("input_reply")
    running = client.execute(ask, allow_stdin=True)
    old = asked(client, running)
    answer(client, "first", old)
    client.finish(running)
    running = client.execute(ask, allow_stdin=True)
    new = asked(client, running)
    answer(client, "stale", old)
    answer(client, "right", new)
    assert client.finish(running).text() == "got right\n"


@pytest.mark.hilum
def test_an_answer_that_nobody_asked_for_is_dropped(kernel, client, ask):
    kernel.expect_log("input_reply")
    answer(client, "unasked")
    client.check_alive()
    running = client.execute(ask, allow_stdin=True)
    answer(client, "asked", asked(client, running))
    assert client.finish(running).text() == "got asked\n"


@pytest.mark.hilum
def test_a_second_answer_is_dropped(kernel, client, ask):
    kernel.expect_log("input_reply")
    running = client.execute(ask + "\n" + ask, allow_stdin=True)
    first = asked(client, running)
    answer(client, "one", first)
    answer(client, "one again", first)
    answer(client, "two", asked(client, running))
    assert client.finish(running).text() == "got one\ngot two\n"


@pytest.mark.hilum
def test_an_answer_of_another_client_is_dropped(kernel, ask):
    kernel.expect_log("input_reply")
    with kernel.client() as first, kernel.client() as second:
        running = first.execute(ask, allow_stdin=True)
        request = asked(first, running)
        answer(second, "not yours", request)
        second.let_arrive()
        answer(first, "mine", request)
        assert first.finish(running).text() == "got mine\n"


@pytest.mark.hilum
def test_an_answer_without_parent_header_counts(client, ask):
    """jupyter_client's input() sends none."""
    running = client.execute(ask, allow_stdin=True)
    asked(client, running)
    answer(client, "plain")
    assert client.finish(running).text() == "got plain\n"


@pytest.mark.hilum
@pytest.mark.parametrize("content", [{}, {"value": 5}, {"value": None}, {"value": ["x"]}],
                         ids=ascii)
def test_an_answer_of_the_wrong_shape_is_survived(kernel, client, ask, content):
    kernel.expect_log("")
    running = client.execute(ask, allow_stdin=True)
    request = asked(client, running)
    client.send("stdin", "input_reply", content, parent_header=request.header)
    answer(client, "right", request)
    run = client.finish(running)
    assert run.status in ("ok", "error")
    client.check_alive()


@pytest.mark.hilum
def test_a_client_that_leaves_while_it_is_asked_can_be_interrupted_by_another(kernel, client, ask):
    with kernel.client() as leaving:
        asked(leaving, leaving.execute(ask, allow_stdin=True))
    client.interrupt()
    client.check_alive()


def leave_stdin(client):
    """Returns when the kernel has noticed."""
    before = len(procs.fds(client.kernel.pid))
    client.sockets["stdin"].close()
    limits.poll_until(lambda: len(procs.fds(client.kernel.pid)) < before, limits.STOP,
                      "the kernel to notice that stdin was left")


def join_stdin(client):
    socket = client.context.socket(zmq.DEALER)
    socket.linger = 0
    socket.identity = client.identity
    client.sockets["stdin"] = socket
    socket.connect(client.kernel.endpoint("stdin"))


@pytest.mark.hilum
def test_a_client_that_connects_to_stdin_after_the_question_is_asked_then(client, snippet, ask):
    """The connections of one client come up one by one."""
    leave_stdin(client)
    running = client.execute(snippet("print") + "\n" + ask, allow_stdin=True)
    client.await_text(running, "hello")
    client.let_arrive()
    join_stdin(client)
    answer(client, "late", asked(client, running))
    assert client.finish(running).text() == "hello\ngot late\n"


@pytest.mark.hilum
def test_a_client_that_is_not_on_stdin_gets_an_error_in_the_end(kernel, client, ask):
    kernel.expect_log("not connected to the stdin channel")
    leave_stdin(client)
    assert client.run(ask, allow_stdin=True).status == "error"
    client.check_alive()


@pytest.mark.hilum
def test_an_interrupt_ends_the_attempts_to_ask(kernel, client, snippet, ask):
    leave_stdin(client)
    running = client.execute(snippet("print") + "\n" + ask, allow_stdin=True)
    client.await_text(running, "hello")
    client.let_arrive()
    client.interrupt()
    assert client.finish(running).errors[0]["ename"] == kernel.dialect.interrupted_name
    join_stdin(client)
    client.check_alive()
    running = client.execute(ask, allow_stdin=True)
    answer(client, "next", asked(client, running))
    assert client.finish(running).text() == "got next\n"


@pytest.mark.hilum
def test_malformed_messages_on_stdin_are_dropped(kernel, client, ask):
    kernel.expect_log("")
    running = client.execute(ask, allow_stdin=True)
    request = asked(client, running)
    client.send_frames("stdin", [b""])
    client.send_frames("stdin", [b"<IDS|MSG>", b"0" * 64, b"{}", b"{}", b"{}", b'{"value":"bad"}'])
    client.send("stdin", "execute_request", {"code": "1"})
    answer(client, "good", request)
    assert client.finish(running).text() == "got good\n"


END = "\x04"


@pytest.mark.hilum
@pytest.mark.parametrize("code, lines, text", [
    ('print("got " .. io.read())', ["line"], "got line\n"),
    ('print("got " .. io.read("l"))', ["line"], "got line\n"),
    ('io.write("got " .. io.read("L"))', ["line"], "got line\n"),
    ('print(io.read("l", "L"))', ["one", "two"], "one\ttwo\n\n"),
    ('print(io.read("n") + 1)', ["41"], "42\n"),
    ('print(io.read("n", "n"))', ["  0x10", "-1.5e1 rest"], "16\t-15.0\n"),
    ('print(io.read("n", "l"))', ["7 rest"], "7\t rest\n"),
    ('print(io.read("n"))', ["no number"], "nil\n"),
    ('print(io.read(3), io.read(2))', ["abcde"], "abc\tde\n"),
    ('print(io.read(0), #io.read(5))', ["abcd"], "\t5\n"),
    ('print(io.read("a"))', ["one", "two", END], "one\ntwo\n\n"),
    ('print(io.read("a"))', [END], "\n"),
    ('print(io.read())', [END], "nil\n"),
    ('print(io.read(), io.read())', [END, "line"], "nil\tline\n"),
    ('print(input("?"))', [END], "nil\n"),
    ('print("got " .. io.stdin:read())', ["line"], "got line\n"),
    ('print(io.read("*l", "*L", "*n"))', ["a", "b", "3"], "a\tb\n\t3\n"),
    ('print(io.input():read("L") .. io.input():read("a"))', ["a", "b", END], "a\nb\n\n"),
    ('for a, b in io.lines(nil, 1, "l") do print(a, b) end', ["xyz", END], "x\tyz\n"),
    ('for l in io.lines() do print("got " .. l) end', ["a", "b", END], "got a\ngot b\n"),
    ('for n in io.lines(nil, "n") do print(n) if n == 2 then break end end', ["1", "2"], "1\n2\n"),
    ('for l in io.stdin:lines("L") do io.write(l) end', ["a", END], "a\n"),
    ('print(io.read("l")) print(io.read("l"))', ["Zo\u00eb \U0001f600", ""], "Zo\u00eb \U0001f600\n\n"),
])
def test_the_io_library_reads_from_the_frontend(client, code, lines, text):
    running = client.execute(code, allow_stdin=True)
    for line in lines:
        answer(client, line, asked(client, running))
    run = client.finish(running)
    assert (run.status, run.text()) == ("ok", text)


@pytest.mark.hilum
def test_an_odd_format_is_refused_before_anybody_is_asked(client):
    run = client.run('io.read("x")', allow_stdin=True)
    assert run.status == "error"
    assert "invalid format" in run.content["evalue"]


@pytest.mark.hilum
def test_a_password_may_have_any_prompt_and_value(client):
    running = client.execute('print(#input("\u00e9 \U0001f600: ", true))', allow_stdin=True)
    request = asked(client, running)
    assert request.content == {"prompt": "\u00e9 \U0001f600: ", "password": True}
    answer(client, "\u00e9\u0000x", request)
    assert client.finish(running).text() == "4\n"


@pytest.mark.hilum
def test_a_child_finds_an_empty_stdin(client):
    """Only the evaluator can ask; a child that reads must not hang."""
    assert client.run('os.execute("cat; echo end")\n;', allow_stdin=True).text() == "end\n"
