"""Evaluators that are programs of their own, named in hilum.json and driven by process.so: the
example of the documentation, and a program that does what the test tells it."""
import json
import os
import signal
import subprocess
import sys

import pytest

from harness import kernel as kernels
from harness import limits, procs
from harness.checkpoints import let_fork

EVALUATORS = ["lua"]  # stands for "Hilum"; the programs are named in the tests
pytestmark = pytest.mark.hilum

MINI = kernels.TOP / "docs/examples/mini.py"
SCRIPTED = kernels.TOP / "tests/programs/scripted.py"
PYTHON = sys.executable
LANGUAGE = {"name": "python", "version": "3", "mimetype": "text/x-python", "file_extension": ".py"}

if not list(kernels.BUILD.glob("plugins/process/**/process.so")):
    pytest.skip("process.so was not built", allow_module_level=True)


def search_path():
    found = {str(path.parent) for path in kernels.BUILD.glob("plugins/**/*.so")}
    return ":".join(sorted(found))


@pytest.fixture
def start_program(start_kernel, tmp_path):
    """start_program({"command": [...]}): a kernel whose evaluator "under-test" is that section."""
    def start(section, quiet=False, **env):
        config = tmp_path / "hilum.json"
        config.write_text(json.dumps({"evaluators": {"under-test": section},
                                      "interrupt": {"grace_seconds": limits.SCALE}}))
        kernel = start_kernel("under-test", env={"HILUM_CONFIG": str(config),
                                                 "HILUM_EVALUATOR_PATH": search_path(), **env})
        if not quiet:
            kernel.expect_log("")
        return kernel
    return start


@pytest.fixture
def mini(start_program):
    """A client of the example in the documentation."""
    kernel = start_program({"command": [PYTHON, str(MINI)], "language": LANGUAGE}, quiet=True)
    with kernel.client() as client:
        client.kernel = kernel
        client.late_streams = True
        yield client


@pytest.fixture
def scripted(start_program):
    """scripted(first=[steps], capabilities=[...], options={...}): a client of such a program."""
    clients = []

    def start(first=(), capabilities=("compile", "interrupt"), hello=None, section=None, **env):
        begin = {"first": list(first), "hello": {"capabilities": list(capabilities), **(hello or {})}}
        kernel = start_program({"command": [PYTHON, str(SCRIPTED), json.dumps(begin)],
                                "language": LANGUAGE, **(section or {})}, **env)
        clients.append(kernel.client())
        clients[-1].__enter__()
        clients[-1].kernel = kernel
        clients[-1].late_streams = True
        return clients[-1]
    yield start
    for client in clients:
        client.__exit__(None, None, None)


def cell(*run, compile=()):
    return json.dumps({"compile": list(compile), "run": list(run)})


def program_of(kernel):
    """The pid of the evaluator program."""
    def find():
        found = [pid for pid in procs.family(kernel.tag)
                 if procs.parent(pid) == kernel.worker and "hilum" not in "".join(procs.command(pid)[:1])]
        return found[0] if len(found) == 1 else None
    return limits.poll_until(find, limits.START, "the program")


def end(program):
    """Kills it, and returns when its link is closed."""
    os.kill(program, signal.SIGKILL)
    limits.poll_until(lambda: procs.state(program) in ("", "Z"), limits.STOP, "the end of the program")


# ---- The example ----

def test_cells_share_a_session_and_the_last_value_is_the_result(mini):
    assert mini.run("x = 20").status == "ok"
    run = mini.run("x += 1\nx * 2")
    assert (run.result, run.count) == ("42", 2)


def test_the_language_is_what_the_config_says(mini):
    info = mini.ask("kernel_info_request").content
    assert {**info["language_info"], **LANGUAGE} == info["language_info"]
    assert info["banner"] == "under-test"


def test_an_error_says_what_the_program_says(mini):
    run = mini.run("1/0")
    assert (run.status, run.content["ename"]) == ("error", "ZeroDivisionError")
    assert "cell 1" in "\n".join(run.content["traceback"])
    assert run.errors[0]["evalue"] == "division by zero"
    assert mini.run("1").result == "1"


def test_prints_and_displays_keep_their_order(mini):
    run = mini.run("for i in range(3):\n  print('before', i)\n  display(f'<b>{i}</b>')\n"
                   "  print('after', i)")
    said = "".join(m.content["text"] if m.type == "stream" else f"[{m.content['data']['text/html']}]"
                   for m in run.outputs)
    assert said == "".join(f"before {i}\n[<b>{i}</b>]after {i}\n" for i in range(3))


def test_the_user_is_asked(mini):
    running = mini.execute("name = input('name? ')\nname * 2", allow_stdin=True)
    request = mini.recv("stdin", what="input_request")
    assert request.content == {"prompt": "name? ", "password": False}
    mini.send("stdin", "input_reply", {"value": "Zo\u00eb"}, parent_header=request.header)
    assert mini.finish(running).result == "'Zo\u00ebZo\u00eb'"


def test_input_that_is_not_allowed_is_unavailable(mini):
    run = mini.run("input()", allow_stdin=False)
    assert (run.content["ename"], run.content["evalue"]) == ("EOFError", "unavailable")


@pytest.mark.parametrize("endless", ["while True: pass", "import time; time.sleep(1000)",
                                     "import os; os.system('sleep 1000')", "input()"])
def test_an_interrupt_stops_the_cell_and_keeps_the_session(mini, endless):
    mini.run("kept = 42")
    running = mini.start(f"print('started', flush=True)\n{endless}", allow_stdin=True)
    if endless == "input()":
        mini.recv("stdin", what="input_request")
    mini.interrupt()
    assert mini.finish(running).status in ("aborted", "ok")  # a shell hides the signal from Python
    assert mini.run("kept").result == "42"


def test_an_interrupt_in_between_is_forgotten(mini):
    mini.run("kept = 42")
    for _ in range(5):
        mini.interrupt()
        assert mini.run("kept").result == "42"


def test_completion_counts_code_points(mini):
    mini.run("grinning = 1")
    code = "'\U0001f600\u00eb'; grin"
    reply = mini.ask("complete_request", {"code": code, "cursor_pos": len(code)}).content
    assert reply["matches"] == ["grinning"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (len(code) - 4, len(code))


def test_user_expressions_are_evaluated(mini):
    run = mini.run("y = 7", user_expressions={"good": "y + 1", "bad": "nothing"})
    good, bad = run.content["user_expressions"]["good"], run.content["user_expressions"]["bad"]
    assert good["data"]["text/plain"] == "8"
    assert (bad["status"], bad["ename"]) == ("error", "NameError")


def test_late_output_belongs_to_the_cell_that_started_it(mini):
    go, over = mini.kernel.folder / "go", mini.kernel.folder / "over"
    first = mini.run(f"import os; os.system('(until [ -e {go} ]; do sleep 0.01; done; echo late) &') and None")
    second = mini.start("import os, time\nprint('second', flush=True)\n"
                        f"while not os.path.exists('{over}'): time.sleep(0.01)", mark="second")
    go.touch()
    late = mini.iopub(lambda m: m.type == "stream" and m.content["text"] == "late\n")
    assert late.parent_id == first.request.msg_id
    over.touch()
    assert mini.finish(second).text() == "second\n"


def test_the_program_itself_is_not_taken_for_something_left_behind(mini):
    def pipes():  # sockets come and go with the client's connections
        return sorted(what for what in procs.fds(mini.kernel.pid).values() if "pipe:" in what)
    before = pipes()
    for i in range(5):
        mini.run(f"print({i})")
    assert before and pipes() == before  # no pipes of its own for each cell


def test_what_the_program_uses_is_counted(mini):
    mini.run("block = bytearray(b'x') * 200_000_000")
    usage = mini.ask("usage_request", channel="control").content
    assert usage["kernel_memory"] > 200_000_000


# ---- The end of a program ----

@pytest.mark.parametrize("code, words", [
    ("import os; os.kill(os.getpid(), 9)", ["killed by signal 9", "SIGKILL"]),
    ("import os; os._exit(3)", ["exited with status 3"]),
    ("import ctypes; ctypes.string_at(0)", ["killed by signal 11", "SIGSEGV"]),
])
def test_a_program_that_dies_costs_its_cell(mini, code, words):
    mini.kernel.expect_log("ended because its program")
    mini.run("x = 1")
    run = mini.run(code)
    assert (run.status, run.content["ename"], run.count) == ("error", "WorkerDied", 2)
    for word in [*words, "mini.py", "fresh session"]:
        assert word in run.content["evalue"]
    run = mini.run("x")
    assert (run.content["ename"], run.count) == ("NameError", 3)
    assert not procs.zombies(procs.family(mini.kernel.tag))


def test_a_program_that_is_killed_in_between_costs_no_cell(mini):
    mini.kernel.expect_log("its program .* was killed by signal 9")
    assert mini.run("x = 1").count == 1
    program = program_of(mini.kernel)
    end(program)
    run = mini.run("'x' in globals()")
    assert (run.status, run.result, run.count) == ("ok", "False", 2)


def test_a_program_that_dies_with_the_next_cell_on_its_way_costs_no_cell(scripted):
    client = scripted()
    assert client.run(cell()).status == "ok"
    worker, program = client.kernel.worker, program_of(client.kernel)
    os.kill(worker, signal.SIGSTOP)
    end(program)
    running = client.execute(cell(["print", "ran\n"]))
    client.let_arrive()
    os.kill(worker, signal.SIGCONT)
    run = client.finish(running)
    assert (run.status, run.text(), run.count) == ("ok", "ran\n", 2)


def test_a_program_dies_with_the_kernel(scripted):
    client = scripted()
    running = client.start(cell(["print", "started\n"], ["sleep", 1000]))
    program = program_of(client.kernel)
    client.kernel.process.kill()
    client.kernel.process.wait()
    limits.poll_until(lambda: program not in procs.family(client.kernel.tag), limits.STOP,
                      "the end of the program")
    assert running


def test_a_program_that_hangs_up_is_gone(scripted):
    client = scripted()
    run = client.run(cell(["hang_up"], ["sleep", 1000]))
    assert "closed its link" in run.content["evalue"]
    assert client.run(cell()).status == "ok"


def test_shutdown_ends_the_program_in_good_order(start_program):
    kernel = start_program({"command": [PYTHON, str(MINI)]}, quiet=True)
    with kernel.client() as client:
        client.run(f"import atexit, pathlib; atexit.register(pathlib.Path('{kernel.folder}/end')"
                   ".write_text, 'in order')")
    kernel.shutdown()
    assert (kernel.folder / "end").read_text() == "in order"


# ---- Checkpoints ----

@pytest.fixture(params=[[], ["compile_and_run"]], ids=["asked to run", "running at once"])
def lasting(scripted, request):
    """A client of a program that makes checkpoints."""
    client = scripted(capabilities=["compile", "interrupt", "checkpoint", "is_complete", *request.param],
                      ANSWER='{"status": "complete"}')
    client.kernel.crashes_expected = True
    return client


def test_status_says_that_a_program_makes_no_checkpoints(scripted):
    client = scripted()
    client.run(cell())
    let_fork(client)
    run = client.run("%status\n" + cell())
    text = run.of_type("display_data")[0]["data"]["text/plain"]
    assert "checkpoints  none: the evaluator makes none\n" in text
    assert "no checkpoints of this session" in client.run("%undo\n" + cell()).content["evalue"]


def memory_of(client):
    run = client.run(cell(["recall"]))
    assert run.status == "ok", run.content
    return json.loads(run.text())


@pytest.mark.parametrize("end_of_it", [["kill", 9], ["kill", 11], ["exit", 3], ["hang_up"]])
def test_a_program_with_checkpoints_loses_no_state(lasting, end_of_it):
    for number in range(3):
        lasting.run(cell(["remember", number]))
    run = lasting.run(cell(["remember", "lost"], end_of_it, ["sleep", 1000]))
    assert (run.status, run.content["ename"]) == ("error", "WorkerDied")
    assert "as it was before this cell" in run.content["evalue"]
    assert memory_of(lasting) == [0, 1, 2]


def test_a_resumed_program_is_a_session_like_any_other(lasting):
    for number in range(3):
        assert lasting.run(cell(["remember", number])).status == "ok"
        assert lasting.run(cell(["kill", 9])).status == "error"
    assert memory_of(lasting) == [0, 1, 2]
    running = lasting.start(cell(["print", "started\n"], ["await", "interrupt_request"],
                                 ["reply", {"status": "aborted"}]))
    lasting.interrupt()
    assert lasting.finish(running).status == "aborted"
    assert memory_of(lasting) == [0, 1, 2]


UNCHANGED = ["reply", {"status": "ok", "unchanged": True}]


def test_a_cell_that_changes_nothing_makes_no_copy(lasting):
    lasting.run(cell(["remember", "kept"]))
    assert json.loads(lasting.run(cell(["copies"], UNCHANGED)).text()) == 1
    for _ in range(3):
        assert lasting.run(cell(UNCHANGED)).status == "ok"
    assert json.loads(lasting.run(cell(["copies"], UNCHANGED)).text()) == 1
    run = lasting.run(cell(["kill", 9]))
    assert "as it was before this cell" in run.content["evalue"]
    assert memory_of(lasting) == ["kept"]


def test_a_change_in_a_queue_is_kept_by_the_cell_behind_it(lasting):
    lasting.run(cell(["remember", "first"]))
    queued = [lasting.execute(cell(*steps)) for steps in (
        [["sleep", 0.5], UNCHANGED], [["remember", "queued"]], [UNCHANGED])]
    assert [lasting.finish(run).status for run in queued] == ["ok", "ok", "ok"]
    run = lasting.run(cell(["kill", 9]))
    assert "as it was before this cell" in run.content["evalue"]
    assert memory_of(lasting) == ["first", "queued"]


def test_a_deaf_program_with_checkpoints_loses_no_state(lasting):
    lasting.run(cell(["remember", "kept"]))
    running = lasting.start(cell(["print", "started\n"], ["sleep", 1000]))
    lasting.interrupt()
    assert lasting.finish(running, timeout=2 * limits.EVENT).status == "aborted"
    assert memory_of(lasting) == ["kept"]


def test_a_program_with_checkpoints_that_dies_in_between_loses_nothing(lasting):
    lasting.run(cell(["remember", "kept"]))
    memory_of(lasting)
    end(program_of(lasting.kernel))
    assert memory_of(lasting) == ["kept"]


def test_copies_of_a_program_do_not_pile_up(lasting):
    for number in range(30):
        lasting.run(cell(["remember", number]))
    limits.poll_until(lambda: len(procs.family(lasting.kernel.tag)) < 20, limits.STOP,
                      "the end of old copies")
    limits.poll_until(lambda: not procs.zombies(procs.family(lasting.kernel.tag)), limits.STOP,
                      "the burial of old copies")
    lasting.kernel.shutdown()
    limits.poll_until(lambda: not procs.family(lasting.kernel.tag), limits.STOP, "the end of all")


# ---- Programs that cannot be used ----

def test_a_command_that_is_not_there_is_explained(start_program):
    with start_program({"command": ["no-such-program-at-all"]}).client() as client:
        client.ask("kernel_info_request")
        run = client.run("anything")
        for word in ["no-such-program-at-all", "No such file", "PATH"]:
            assert word in run.content["evalue"]


def test_a_command_that_is_no_program_is_explained(start_program, tmp_path):
    (tmp_path / "text").write_text("not a program")
    with start_program({"command": ["./text"]}).client() as client:
        run = client.run("anything")
        assert str(tmp_path / "text") in run.content["evalue"]
        assert "Permission denied" in run.content["evalue"]


UNUSABLE = {
    "dies at once": (dict(first=[["exit", 7]]), ["exited with status 7", "before it said hello"]),
    "crashes at once": (dict(first=[["kill", 11]]), ["SIGSEGV"]),
    "talks nonsense": (dict(first=[["raw", "what?\n"]]), ["no worker protocol"]),
    "has an endless header": (dict(first=[["raw", "x" * 5000]]), ["4096 bytes"]),
    "speaks another version": (dict(hello={"protocol": 2}), ["version 2", "speaks 1"]),
    "refuses": (dict(hello={"error": "no licence"}), ["refuses: no licence"]),
    "says nothing": (dict(first=[["sleep", 1000]], section={"start_seconds": 0.5}),
                     ["did not say hello in time"]),
    "hangs up": (dict(first=[["hang_up"], ["sleep", 1000]]), ["closed its link"]),
    "fails to load": (dict(section={"options": {"load": [
        ["reply", {"status": "error", "ename": "NoModel", "evalue": "weights are missing",
                   "traceback": []}]]}}), ["weights are missing"]),
    "dies while it loads": (dict(section={"options": {"load": [["exit", 4]]}}),
                            ["exited with status 4", "while it was loading"]),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_program_that_cannot_be_used_is_explained_in_the_cell(scripted, name):
    arguments, words = UNUSABLE[name]
    client = scripted(**arguments)
    client.ask("kernel_info_request")
    for _ in range(2):
        run = client.run(cell())
        assert run.status == "error"
        for word in words:
            assert word in run.content["evalue"]
    client.ask("kernel_info_request", channel="control")


def test_kernel_info_does_not_wait_for_the_program_when_the_config_names_the_language(scripted):
    client = scripted(first=[["sleep", 1000]], section={"start_seconds": 1000})
    info = client.ask("kernel_info_request").content
    assert info["language_info"]["name"] == "python"


def test_without_a_language_in_the_config_the_program_says_it(start_program):
    begin = {"hello": {"language_info": {"name": "scripted", "version": "9"}, "banner": "Hello!",
                       "help_links": [{"text": "a", "url": "b"}]}}
    kernel = start_program({"command": [PYTHON, str(SCRIPTED), json.dumps(begin)],
                            "options": {"load": [["sleep", 1000]]}}, quiet=True)
    with kernel.client() as client:
        info = client.ask("kernel_info_request").content  # hello is enough, loading goes on
    assert info["language_info"] == {"name": "scripted", "version": "9", "mimetype": "text/plain",
                                     "file_extension": ".txt"}
    assert (info["banner"], info["help_links"]) == ("Hello!", [{"text": "a", "url": "b"}])


# ---- Messages ----

NOISE = {
    "no JSON": "what?\n",
    "no object": "[]\n",
    "no type": "{}\n",
    "an empty type": '{"type":""}\n',
    "a long type": json.dumps({"type": "x" * 65}) + "\n",
    "a type that is a number": '{"type":1}\n',
    "an id that is a text": '{"type":"log","id":"1"}\n',
    "parts that are a number": '{"type":"log","parts":5}\n',
    "a negative part": '{"type":"log","parts":[-1]}\n',
    "a fractional part": '{"type":"log","parts":[1.5]}\n',
    "too many parts": json.dumps({"type": "log", "parts": [0] * 65}) + "\n",
    "a part that is too large": '{"type":"log","parts":[268435457]}\n',
    "parts that are too large together": '{"type":"log","parts":[268435456,1]}\n',
    "a header that never ends": "x" * 5000,
    "bytes that are no UTF-8": '{"type":"\xff"}\n',
    "deep nesting": "[" * 4000 + "\n",
}


@pytest.mark.parametrize("name", NOISE)
def test_noise_on_the_link_costs_the_cell(scripted, name):
    client = scripted()
    run = client.run(cell(["raw", NOISE[name]], ["sleep", 1000]))
    assert (run.status, run.content["ename"]) == ("error", "WorkerDied")
    assert "spoke no worker protocol (" in run.content["evalue"]
    assert client.run(cell(["print", "well\n"])).text() == "well\n"


ODD = {
    "an unknown type": ["send", "hello_again", {}],
    "a content that is a list": ["send", "display_data", [1]],
    "no content": ["send", "display_data"],
    "data that is a list": ["send", "display_data", {"data": [1], "metadata": 5}],
    "a stream without text": ["send", "stream", {"name": 7}],
    "a text that is a number": ["send", "stream", {"name": "stdout", "text": 7}],
    "a diagnostic of nonsense": ["send", "diagnostic", {"severity": "warning", "span": 5, "notes": "x",
                                                        "hints": [1, None], "traceback": {"a": 1}}],
    "a warning with huge numbers": ["send", "diagnostic", {
        "severity": "note", "message": "m", "span": {"line": 1 << 60, "column": -5, "length": 1.5}}],
    "an input_request without content": ["send", "sync_reply"],
    "a reply that nobody waits for": ["send", "complete_reply", {"status": "ok"}],
    "a reply to an older request": ["send", "run_reply", {"status": "error"}, 1],
    "an update without display_id": ["send", "update_display_data", {"data": {}, "metadata": {}}],
    "a log of an unknown level": ["send", "log", {"level": "loud", "text": "x"}],
    "a content that is no JSON": ["raw", '{"type":"display_data","parts":[3]}\n{,}'],
    "a content that is no UTF-8": ["raw", '{"type":"display_data","parts":[5]}\n{"\xff":'],
    "a second hello": ["send", "hello", {"protocol": 3}],
}


@pytest.mark.parametrize("name", ODD)
def test_a_message_of_odd_content_costs_nothing_else(scripted, name):
    client = scripted()
    run = client.run(cell(ODD[name], ["ask", "sync"], ["print", "well\n"]))
    assert run.status == "ok"
    assert run.text().endswith("well\n")


def test_values_of_every_kind_arrive_as_they_are(scripted):
    data = {"text/plain": "a\u0000b \U0001f600", "application/json": {"a": [1, None, True, 1.5, "\u0000"]},
            "image/png": "iVBORw0KGgo=", "application/x-list+json": [[], {}], "application/x-null+json": None}
    metadata = {"image/png": {"width": 3}}
    client = scripted()
    run = client.run(cell(
        ["send", "display_data", {"data": data, "metadata": metadata, "transient": {"display_id": "i"}}],
        ["send", "update_display_data", {"data": {"text/plain": "new"}, "metadata": {},
                                         "transient": {"display_id": "i"}}],
        ["send", "clear_output", {"wait": True}],
        ["send", "execute_result", {"data": data, "metadata": {}}]))
    shown, = run.of_type("display_data")
    assert (shown["data"], shown["metadata"], shown["transient"]) == (data, metadata, {"display_id": "i"})
    updated, = run.of_type("update_display_data")
    assert (updated["data"], updated["transient"]) == ({"text/plain": "new"}, {"display_id": "i"})
    assert run.of_type("clear_output") == [{"wait": True}]
    result, = run.of_type("execute_result")
    assert (result["data"], result["execution_count"]) == (data, 1)


def test_integers_beyond_64_bits_do_not_lose_the_value(scripted):
    client = scripted()
    body = '{"data":{"application/json":{"n":123456789012345678901234567890}},"metadata":{}}'
    run = client.run(cell(["raw", '{"type":"display_data","id":3,"parts":[%d]}\n%s' % (len(body), body)]))
    shown, = run.of_type("display_data")
    assert shown["data"]["application/json"]["n"] == pytest.approx(123456789012345678901234567890)


def test_a_large_value_arrives_whole(scripted):
    client = scripted()
    text = "0123456789" * 1_000_000
    run = client.run(cell(["send", "execute_result", {"data": {"text/plain": text}, "metadata": {}}]))
    assert run.result == text


def test_code_that_no_socket_holds_arrives_while_the_program_is_still_sending(scripted):
    client = scripted(capabilities=["compile"])
    chatter = [["send", "display_data", {"data": {"text/plain": "x" * 50_000}, "metadata": {}}]] * 40
    client.run(cell(*chatter))
    run = client.run(cell(["print", "y" * 2_000_000]))
    assert len(run.text()) == 2_000_000


def test_streams_go_out_as_printed(scripted):
    run = scripted().run(cell(["send", "stream", {"name": "stdout", "text": "out\n"}],
                              ["send", "stream", {"name": "stderr", "text": "err\n"}]))
    assert (run.text(), run.text("stderr")) == ("out\n", "err\n")


def test_a_diagnostic_of_compilation_is_the_cells_error_and_nothing_runs(scripted):
    diagnostic = {"severity": "error", "code": "GHC-1", "name": "TypeError", "message": "no instance",
                  "span": {"line": 1, "column": 2, "length": 3, "end_line": 2, "end_column": 4},
                  "notes": ["in the expression"], "hints": ["add an instance"]}
    run = scripted().run(cell(["print", "ran\n"], compile=[
        ["send", "diagnostic", diagnostic], ["reply", {"status": "error"}]]))
    assert (run.status, run.content["ename"], run.content["evalue"]) == ("error", "TypeError", "no instance")
    traceback = "\n".join(run.content["traceback"])
    for word in ["line 1", "in the expression", "add an instance"]:
        assert word in traceback
    assert run.text() == ""


def test_warnings_are_shown_and_fail_nothing(scripted):
    run = scripted().run(cell(["print", "ran\n"], compile=[["send", "diagnostic", {
        "severity": "warning", "name": "Unused", "message": "x is not used", "span": {"line": 1},
        "hints": ["remove it"]}]]))
    assert (run.status, run.text()) == ("ok", "ran\n")
    warning, = run.of_type("display_data")
    assert set(warning["data"]) == {"text/plain", "text/html", "application/vnd.hilum.diagnostics+json"}
    for form in "text/plain", "text/html":
        assert "x is not used" in warning["data"][form] and "remove it" in warning["data"][form]
    told, = warning["data"]["application/vnd.hilum.diagnostics+json"]["diagnostics"]
    assert (told["severity"], told["hints"], told["span"]["line"]) == ("warning", ["remove it"], 1)


def test_a_traceback_of_the_program_is_shown_as_it_is(scripted):
    run = scripted().run(cell(["reply", {"status": "error", "ename": "E", "evalue": "v",
                                         "traceback": ["one", "two"]}]))
    assert run.content["traceback"] == ["one", "two"]


def test_an_error_without_a_reason_says_so(scripted):
    run = scripted().run(cell(["reply", {"status": "error"}]))
    assert "without saying why" in run.content["evalue"]


def test_code_is_compiled_under_its_name_and_discarded_when_it_does_not_run(scripted):
    client = scripted()
    client.run(cell(compile=[["reply", {"status": "error"}]]))
    run = client.run(cell(["ask", "sync"]))
    assert run.status == "ok"


def test_input_is_answered_in_every_way(scripted):
    client = scripted()
    ask = cell(["ask", "input", {"prompt": "?", "password": True}])
    running = client.execute(ask, allow_stdin=True)
    request = client.recv("stdin", what="input_request")
    assert request.content["password"] is True
    client.send("stdin", "input_reply", {"value": "\u20ac\u0000"}, parent_header=request.header)
    assert json.loads(client.finish(running).text()) == {"value": "\u20ac\u0000"}
    running = client.execute(ask, allow_stdin=True)
    request = client.recv("stdin", what="input_request")
    client.send("stdin", "input_reply", {"value": "\x04"}, parent_header=request.header)
    assert json.loads(client.finish(running).text()) == {"status": "eof"}
    assert json.loads(client.run(ask, allow_stdin=False).text()) == {"status": "unavailable"}


def test_inspection_and_completeness_are_passed_on(scripted):
    answer = {"status": "ok", "found": True, "data": {"text/plain": "doc"}}
    client = scripted(capabilities=["inspect"], ANSWER=json.dumps(answer))
    reply = client.ask("inspect_request", {"code": "x", "cursor_pos": 1, "detail_level": 0}).content
    assert (reply["found"], reply["data"]) == (True, {"text/plain": "doc"})
    reply = client.ask("is_complete_request", {"code": "x"}).content  # it does not say that it can
    assert reply["status"] == "unknown"


@pytest.mark.parametrize("status", ["complete", "incomplete", "invalid", "unknown", "nonsense"])
def test_completeness_is_what_the_program_says(scripted, status):
    client = scripted(capabilities=["is_complete"],
                      ANSWER=json.dumps({"status": status, "indent": "  \u20ac"}))
    reply = client.ask("is_complete_request", {"code": "x"}).content
    assert reply["status"] == ("unknown" if status == "nonsense" else status)
    assert reply.get("indent", "") == ("  \u20ac" if status == "incomplete" else "")


@pytest.mark.parametrize("answer", [{}, {"matches": 5}, {"matches": [1, "a"], "cursor_start": 9,
                                                         "cursor_end": -1}, {"matches": [], "metadata": 1}])
def test_odd_completions_are_no_harm(scripted, answer):
    client = scripted(capabilities=["complete"], ANSWER=json.dumps({"status": "ok", **answer}))
    reply = client.ask("complete_request", {"code": "abc", "cursor_pos": 2}).content
    assert reply["status"] == "ok"


# ---- Interrupts ----

def test_a_program_that_can_is_told_of_an_interrupt_once(scripted):
    client = scripted()
    running = client.start(cell(["print", "started\n"], ["await", "interrupt_request"], ["sleep", 0.3],
                                ["reply", {"status": "aborted"}]))
    client.interrupt()
    assert client.finish(running).status == "aborted"
    heard = json.loads(client.run(cell(["heard"])).text())
    assert [right for kind, right in heard if kind == "message"] == [True]


def test_a_program_that_cannot_gets_the_signal(scripted):
    client = scripted(capabilities=[])
    running = client.start(cell(["print", "started\n"], ["await_signal"],
                                ["reply", {"status": "aborted"}]))
    client.interrupt()
    assert client.finish(running).status == "aborted"
    assert all(kind == "signal" for kind, _ in json.loads(client.run(cell(["heard"])).text()))


def test_a_signal_that_came_too_early_is_repeated(scripted):
    client = scripted(capabilities=[])
    running = client.start(cell(["print", "started\n"], ["sleep", 0.15], ["forget"], ["await_signal"],
                                ["reply", {"status": "aborted"}]))
    client.interrupt()
    assert client.finish(running).status == "aborted"


def test_an_interrupt_answers_a_waiting_input(scripted):
    client = scripted()
    running = client.execute(cell(["ask", "input", {"prompt": "?"}], ["reply", {"status": "aborted"}]),
                             allow_stdin=True)
    client.recv("stdin", what="input_request")
    client.interrupt()
    run = client.finish(running)
    assert (run.status, json.loads(run.text())) == ("aborted", {"status": "interrupted"})


def test_a_program_deaf_to_interrupts_is_replaced(scripted):
    client = scripted()
    running = client.start(cell(["print", "started\n"], ["sleep", 1000]))
    client.interrupt()
    run = client.finish(running, timeout=2 * limits.EVENT)
    assert run.status == "aborted"
    assert client.run(cell(["print", "well\n"])).text() == "well\n"


def test_an_interrupt_while_the_program_loads_ends_nothing(scripted):
    client = scripted(section={"options": {"load": [["sleep", 1]]}})
    running = client.execute(cell())
    client.interrupt()
    assert client.finish(running).status in ("aborted", "ok")
    assert client.run(cell(["print", "well\n"])).text() == "well\n"


# ---- Compiling and running in one request ----

AT_ONCE = ("compile", "interrupt", "compile_and_run")
SHOWN = ["send", "display_data", {"data": {"text/plain": "shown"}, "metadata": {}}]
WARNING = ["send", "diagnostic", {"severity": "warning", "name": "Unused", "message": "x is not used"}]


def asked(client):
    """What the program was asked since it was started, without the cell that tells."""
    return json.loads(client.run(cell(["asked"])).text())


@pytest.mark.parametrize("capabilities, requests", [
    (["compile"], [["compile_request"], ["run_request"], ["compile_request"], ["run_request"]]),
    (["compile_and_run"], [["execute_request"], ["execute_request"]]),
    (["compile", "compile_and_run"], [["compile_request", {"allow_stdin": True}]] * 2),
])
def test_a_cell_is_asked_for_as_the_program_can(scripted, capabilities, requests):
    client = scripted(capabilities=capabilities)
    assert client.run(cell(["print", "ran\n"])).text() == "ran\n"
    assert asked(client) == requests


def test_an_expression_that_runs_at_once_asks_nobody(scripted):
    client = scripted(capabilities=AT_ONCE)
    value = ["send", "execute_result", {"data": {"text/plain": "5"}, "metadata": {}}]
    run = client.run(cell(), user_expressions={"five": cell(value)})
    assert run.content["user_expressions"]["five"]["data"] == {"text/plain": "5"}
    assert asked(client)[1] == ["compile_request", {"allow_stdin": False}]


def test_what_comes_in_one_piece_with_the_first_reply_is_kept(scripted):
    client = scripted(capabilities=AT_ONCE)
    result = ["send", "execute_result", {"data": {"text/plain": "5"}, "metadata": {}}]
    for _ in range(3):
        run = client.run(cell(["print", "ran\n"], result, compile=[["together"]]))
        assert (run.status, run.text(), run.result) == ("ok", "ran\n", "5")
    run = client.run(cell(["reply", {"status": "error", "ename": "E", "evalue": "v", "traceback": []}],
                          compile=[["together"]]))
    assert (run.status, run.content["ename"]) == ("error", "E")
    assert client.run(cell(["print", "well\n"])).text() == "well\n"


@pytest.mark.parametrize("status", ["error", "aborted"])
def test_what_does_not_compile_does_not_run_at_once(scripted, status):
    client = scripted(capabilities=AT_ONCE)
    error = ["send", "diagnostic", {"severity": "error", "name": "TypeError", "message": "no instance"}]
    run = client.run(cell(["print", "ran\n"], compile=[error, ["reply", {"status": status}]]))
    assert (run.status, run.text()) == (status, "")
    assert client.run(cell(["print", "well\n"])).text() == "well\n"
    assert [request for request, *_ in asked(client)] == ["compile_request"] * 3


def test_warnings_come_before_what_is_printed_at_once(scripted):
    run = scripted(capabilities=AT_ONCE).run(cell(["print", "ran\n"], compile=[WARNING, ["ask", "sync"]]))
    assert (run.status, run.text()) == ("ok", "{}\nran\n")
    kinds = [kind for kind in run.types if kind in ("display_data", "stream")]
    assert kinds[0] == "display_data"


def test_a_program_that_dies_when_it_has_compiled_costs_its_cell(scripted):
    client = scripted(capabilities=AT_ONCE)
    client.kernel.crashes_expected = True
    run = client.run(cell(["kill", 9]))
    assert (run.status, run.content["ename"], run.count) == ("error", "WorkerDied", 1)
    assert "killed by signal 9" in run.content["evalue"]
    assert client.run(cell(["print", "well\n"])).text() == "well\n"


def test_noise_after_the_first_reply_costs_the_cell(scripted):
    client = scripted(capabilities=AT_ONCE)
    run = client.run(cell(["raw", "what?\n"], ["sleep", 1000]))
    assert (run.status, run.content["ename"]) == ("error", "WorkerDied")
    assert client.run(cell(["print", "well\n"])).text() == "well\n"


def test_a_cell_that_runs_at_once_may_ask(scripted):
    client = scripted(capabilities=AT_ONCE)
    running = client.execute(cell(["ask", "input", {"prompt": "?"}]), allow_stdin=True)
    request = client.recv("stdin", what="input_request")
    client.send("stdin", "input_reply", {"value": "yes"}, parent_header=request.header)
    assert json.loads(client.finish(running).text()) == {"value": "yes"}


STOPPED = ["reply", {"status": "aborted"}]
INTERRUPTED = {
    "while it runs": (["print", "started\n"], ["await", "interrupt_request"], STOPPED),
    "at its end": (["print", "started\n"], ["await", "interrupt_request"]),
}


@pytest.mark.parametrize("name", INTERRUPTED)
def test_an_interrupt_of_a_cell_that_runs_at_once(scripted, name):
    client = scripted(capabilities=AT_ONCE)
    running = client.start(cell(*INTERRUPTED[name]))
    client.interrupt()
    assert client.finish(running).status == ("aborted" if name == "while it runs" else "ok")
    assert json.loads(client.run(cell(["heard"])).text()).count(["message", True]) == 1


@pytest.mark.parametrize("run", [[STOPPED], []], ids=["stopped", "at its end"])
def test_an_interrupt_that_compiling_did_not_stop_stops_the_cell(scripted, run):
    client = scripted(capabilities=AT_ONCE)
    running = client.start(cell(*run, compile=[["print", "started\n"], ["await", "interrupt_request"]]))
    client.interrupt()
    assert client.finish(running).status == "aborted"
    assert client.run(cell(["print", "well\n"])).text() == "well\n"


@pytest.mark.parametrize("capabilities, wait", [(AT_ONCE, ["await", "interrupt_request"]),
                                                (("compile", "compile_and_run"), ["await_signal"])])
@pytest.mark.parametrize("reply", [[STOPPED], []], ids=["stopped", "at its end"])
def test_an_interrupt_between_compiling_and_running_is_not_lost(scripted, capabilities, wait, reply):
    client = scripted(capabilities=capabilities)
    run = client.run(cell(["interrupt_in_between"], wait, *reply, compile=[["together"], SHOWN]))
    assert run.status == "aborted"
    for _ in range(3):
        assert client.run(cell(["print", "well\n"])).text() == "well\n"


# ---- Output of what it starts ----

def test_children_that_a_cell_leaves_behind_are_told_from_the_program(scripted):
    client = scripted()
    go, over = client.kernel.folder / "go", client.kernel.folder / "over"
    first = client.run(cell(["spawn", f"until [ -e {go} ]; do sleep 0.01; done; echo late; echo late error >&2"],
                            ["print", "first\n"]))
    second = client.start(cell(["print", "second\n"], ["await_file", str(over)], ["print", "third\n"]),
                          mark="second")
    go.touch()
    for _ in range(2):
        late = client.iopub(lambda m: m.type == "stream" and "late" in m.content["text"])
        assert late.parent_id == first.request.msg_id
    over.touch()
    assert client.finish(second).text() == "second\nthird\n"


def test_what_the_program_shows_in_between_belongs_to_the_last_cell(scripted):
    client = scripted()
    client.late_displays = True
    show = json.dumps({"data": {"text/plain": "late"}, "metadata": {}})
    # A display that comes after the reply: the next thing that the program does is to wait.
    steps = [["send", "run_reply", {"status": "ok"}],
             ["send", "display_data", json.loads(show)], ["reply", {"status": "ok"}]]
    first = client.run(cell(*steps))
    assert first.status == "ok"
    if "display_data" not in first.types:
        late = client.iopub(lambda m: m.type == "display_data")
        assert late.parent_id == first.request.msg_id
    assert client.run(cell(["print", "well\n"])).text() == "well\n"


# ---- Configuration and command line ----

def tool(tmp_path, section, *arguments):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"evaluators": {"under-test": section}}, indent=1))
    env = kernels.environment(tmp_path, "none", tmp_path, {"HILUM_EVALUATOR_PATH": search_path()})
    return subprocess.run([kernels.HILUM, *arguments, "--config", str(config)], env=env,
                          capture_output=True, text=True, timeout=limits.TEST)


def test_a_folder_that_is_named_twice_is_told_once(tmp_path):
    env = kernels.environment(tmp_path, "none", tmp_path, {"HILUM_EVALUATOR_PATH": "/none:/none"})
    done = subprocess.run([kernels.HILUM, "install", "--user", "--evaluator", "nope"], env=env,
                          capture_output=True, text=True, timeout=limits.TEST)
    assert done.returncode == 1 and done.stderr.count("/none/nope.so") == 1, done.stderr


def test_the_evaluator_is_listed_and_installed(tmp_path):
    section = {"command": [PYTHON, str(MINI)], "language": LANGUAGE, "display_name": "Mini \u20ac"}
    listed = {entry["name"]: entry for entry in json.loads(tool(tmp_path, section, "list", "--json").stdout)}
    assert listed["under-test"]["language_info"] == LANGUAGE
    assert "process" not in listed  # no evaluator without a program
    done = tool(tmp_path, section, "install", "--evaluator", "under-test", "--prefix", str(tmp_path / "p"))
    assert done.returncode == 0, done.stderr
    spec = json.loads((tmp_path / "p/share/jupyter/kernels/hilum-under-test/kernel.json").read_text())
    assert (spec["display_name"], spec["language"]) == ("Mini \u20ac (Hilum)", "python")
    assert spec["argv"][-4:] == ["--evaluator", "under-test", "--config", str(tmp_path / "hilum.json")]


def test_the_settings_are_shown_as_they_hold(tmp_path):
    (tmp_path / "mini.py").write_text("")
    section = {"command": ["python3", "mini.py", "-x", "none.py"], "environment": {"A": "b c"},
               "options": {"deep": {"er": [1, "  two"]}}}
    shown = tool(tmp_path, section, "config", "--evaluator", "under-test").stdout
    assert f'["python3","{tmp_path}/mini.py","-x","none.py"]' in shown
    assert '{"A":"b c"}' in shown
    assert '{"er":[1,"  two"]}' in shown


def test_a_program_that_is_not_there_is_a_finding(tmp_path):
    for command, word in ((["no-such-program"], "PATH"), (["./no/program"], "not there")):
        listed = tool(tmp_path, {"command": command}, "list").stdout
        assert "Broken" in listed and command[0].lstrip(".") in listed and word in listed
        doctor = tool(tmp_path, {"command": command}, "doctor")
        assert doctor.returncode == 1 and word in doctor.stdout
        assert tool(tmp_path, {"command": command}, "install", "--evaluator", "under-test",
                    "--prefix", str(tmp_path)).returncode == 1


def test_command_environment_and_options_reach_the_program(start_program, tmp_path):
    (tmp_path / "here.py").write_text(SCRIPTED.read_text())
    # The program is found beside the configuration, and runs where the kernel runs.
    kernel = start_program({"command": [PYTHON, "here.py"], "environment": {"ANSWER": '{"status": "x"}'},
                            "language": LANGUAGE,
                            "options": {"load": [["send", "log", {"level": "error", "text": "loaded"}]]}})
    with kernel.client() as client:
        assert client.run(cell(["print", "well\n"])).text() == "well\n"
        assert "loaded" in kernel.stderr_text()
        program = program_of(kernel)
        assert os.readlink(f"/proc/{program}/cwd") == str(kernel.folder)
        assert b'ANSWER={"status": "x"}' in (open(f"/proc/{program}/environ", "rb").read())
        # Its link, stdin, stdout and stderr; nothing else is handed down.
        assert sorted(int(fd) for fd in os.listdir(f"/proc/{program}/fd")) == [0, 1, 2, 3]
        assert os.getpgid(program) == os.getpgid(kernel.worker)
