"""The reference evaluator: what it says about itself, and the whole kernel through it. Authors copy
echo, so what it does has to be right."""
import pytest

EVALUATORS = ["echo"]
pytestmark = pytest.mark.hilum


@pytest.mark.parametrize("code", ["hello", "1+1", "\U0001d11e\U0001f600", "two\nlines", "\0", " x ",
                                  '"quoted" \\backslash\\ x', "displayed", "printer x", "x" * 1_000_000],
                         ids=lambda code: ascii(code[:20]))
def test_the_result_is_the_code(client, code):
    run = client.run(code)
    assert run.types == ["status", "execute_input", "execute_result", "status"]
    assert run.result == code


def test_print_and_warn_print(client):
    assert client.run("print some text").text() == "some text\n"
    assert client.run("warn some text").text("stderr") == "some text\n"


def test_display_displays(client):
    run = client.run("display a value")
    assert run.of_type("display_data")[0]["data"] == {"text/plain": "a value"}
    assert run.result is None


def test_error_fails_and_aborts(client):
    run = client.run("error out of ideas")
    assert run.status == "error"
    assert run.content["evalue"] == "out of ideas"
    assert run.content["ename"] == "EchoError"
    assert len(run.errors) == 1


def test_input_asks(client):
    running = client.execute("input what? ", allow_stdin=True)
    question = client.recv("stdin")
    assert question.content["prompt"].startswith("what?")
    client.send("stdin", "input_reply", {"value": "this"}, parent_header=question.header)
    assert client.finish(running).result == "this"
    assert client.run("input what?", allow_stdin=False).status == "error"


def test_the_end_of_input_is_no_result(client):
    running = client.execute("input name?", allow_stdin=True)
    request = client.recv("stdin")
    client.send("stdin", "input_reply", {"value": "\x04"}, parent_header=request.header)
    run = client.finish(running)
    assert (run.status, run.outputs) == ("ok", [])


def test_sleep_can_be_interrupted(client):
    for _ in range(5):
        running = client.execute("sleep 100")
        client.waiting["iopub"].insert(0, client.iopub_of(running, "status"))
        client.interrupt()
        run = client.finish(running)
        assert run.status == "aborted"
        assert run.errors[0]["ename"] == "Interrupted"
    client.check_alive()


def test_sleep_with_nonsense_is_an_error_of_compile(client):
    assert client.run("sleep well").status == "error"


def test_user_expressions_are_echoed(client):
    run = client.run("print x", user_expressions={"a": "b", "c": "error d"})
    expressions = run.content["user_expressions"]
    assert expressions["a"]["data"]["text/plain"] == "b"
    assert expressions["c"]["status"] == "error"
    assert expressions["c"]["evalue"] == "d"


def test_a_backslash_at_the_end_is_incomplete(client):
    def status(code):
        return client.ask("is_complete_request", {"code": code}).content["status"]
    assert (status("x\\"), status("x"), status("")) == ("incomplete", "complete", "complete")


def test_commands_are_completed_and_explained(client):
    content = client.ask("complete_request", {"code": "pri", "cursor_pos": 3}).content
    assert content["matches"] == ["print"]
    assert (content["cursor_start"], content["cursor_end"]) == (0, 3)
    content = client.ask("inspect_request", {"code": "print x", "cursor_pos": 2,
                                             "detail_level": 0}).content
    assert content["found"] is True
    assert "print TEXT" in content["data"]["text/plain"]


def test_comm_opens_says_hello_and_closes(client):
    opened, said, closed = client.run("comm some target").outputs
    assert [m.type for m in (opened, said, closed)] == ["comm_open", "comm_msg", "comm_close"]
    assert opened.content["target_name"] == "some target"
    assert said.content["data"] == {"text": "hello"}
    assert len({m.content["comm_id"] for m in (opened, said, closed)}) == 1
