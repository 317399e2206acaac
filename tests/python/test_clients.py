"""Real clients on an installed kernelspec: jupyter_client, nbclient, nbconvert, jupyter run, jupyter
console, and jupyter_kernel_test."""
import contextlib
import json
import os
import re
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from harness import kernel as kernels
from harness import limits
from harness.room import room  # noqa: F401, a fixture
from harness.samples import CLIENTS, KERNEL_TESTS

jupyter_client = pytest.importorskip("jupyter_client")
nbformat = pytest.importorskip("nbformat")
jupyter_kernel_test = pytest.importorskip("jupyter_kernel_test")

EVALUATORS = list(CLIENTS)
pytestmark = [pytest.mark.hilum, pytest.mark.time_limit(120)]

NOTEBOOKS = sorted(path for path in (kernels.TOP / "docs" / "notebooks").glob("*.ipynb")
                   if path.stem != "ffi" or os.environ.get("HAVE_FFI") != "no")


@pytest.fixture
def sample(evaluator):
    return CLIENTS[evaluator]


@pytest.fixture
def manager(room, evaluator):
    """A KernelManager with a running kernel, and its client."""
    manager = jupyter_client.KernelManager(kernel_name=f"hilum-{evaluator}")
    manager.start_kernel(stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=limits.START)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)
        manager.cleanup_resources()
    room.check()


def run(client, code, timeout=limits.EVENT):
    """(reply content, [outputs]) by jupyter_client's own means."""
    outputs = []
    reply = client.execute_interactive(code, timeout=timeout, allow_stdin=False,
                                       output_hook=outputs.append)
    return reply["content"], [m for m in outputs if m["msg_type"] not in ("status", "execute_input")]


def text_of(outputs):
    return "".join(m["content"]["text"] for m in outputs if m["msg_type"] == "stream")


# ---- the kernelspec ----

def test_the_installed_kernelspec_is_complete(room):
    folder = room.prefix / "share" / "jupyter" / "kernels" / "hilum-lua"
    spec = json.loads((folder / "kernel.json").read_text())
    assert spec["display_name"] == "Lua (Hilum)"
    assert spec["language"] == "lua"
    assert spec["interrupt_mode"] == "message"
    assert spec["kernel_protocol_version"] == "5.6"
    assert spec["metadata"] == {"debugger": False, "supported_encryption": ["curve"]}
    assert "{connection_file}" in spec["argv"]
    for name in ("logo-32x32.png", "logo-64x64.png"):
        assert (folder / name).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_jupyter_finds_the_kernelspecs(room):
    found = jupyter_client.kernelspec.KernelSpecManager().find_kernel_specs()
    assert {f"hilum-{name}" for name in kernels.EVALUATORS} <= set(found)


def test_installing_again_changes_nothing(room):
    folder = room.prefix / "share" / "jupyter" / "kernels"

    def contents():
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    before = contents()
    room.env["HILUM_EVALUATOR_PATH"] = kernels.evaluator_path()
    try:
        if not kernels.WRAPPER:
            room.install()
    finally:
        del room.env["HILUM_EVALUATOR_PATH"]
    assert contents() == before


# ---- jupyter_client ----

def result_of(outputs):
    return outputs[-1]["content"]["data"]["text/plain"]


def test_a_kernel_manager_runs_cells(manager, snippet):
    _, client = manager
    reply, outputs = run(client, snippet("print"))
    assert reply["status"] == "ok"
    assert text_of(outputs) == "hello\n"
    code, result = snippet("expression")
    assert result_of(run(client, code)[1]) == result


def test_a_kernel_manager_interrupts(manager, snippet):
    manager, client = manager
    msg_id = client.execute(snippet("spin"))
    while True:
        message = client.get_iopub_msg(timeout=limits.EVENT)
        if message["msg_type"] == "stream":
            break
    manager.interrupt_kernel()
    # wait_for_ready asks once more for each second of waiting, and leaves the other answers.
    while True:
        reply = client.get_shell_msg(timeout=limits.EVENT)
        if reply["msg_type"] != "kernel_info_reply":
            break
    assert reply["parent_header"]["msg_id"] == msg_id
    assert reply["content"]["status"] == "aborted"
    assert run(client, snippet("value")[0])[0]["status"] == "ok"


def test_a_kernel_manager_restarts(manager, snippet):
    manager, client = manager
    code, result = snippet("recall")
    for _ in range(2):
        run(client, snippet("assign"))
        assert result_of(run(client, code)[1]) == result
        manager.restart_kernel(now=False, stderr=subprocess.DEVNULL)
        client.wait_for_ready(timeout=limits.START)
        assert run(client, code)[0]["status"] == "error"


def test_the_heartbeat_channel_of_jupyter_client_beats(manager):
    _, client = manager
    assert client.hb_channel.is_alive()
    assert client.is_alive()


def test_input_by_jupyter_client(manager, sample):
    _, client = manager
    code, prompt, typed, printed = sample["asks"]
    prompts = []

    def answer(message):
        prompts.append(message["content"]["prompt"])
        client.input(typed)
    outputs = []
    reply = client.execute_interactive(code, allow_stdin=True, stdin_hook=answer,
                                       output_hook=outputs.append, timeout=limits.EVENT)
    assert reply["content"]["status"] == "ok"
    assert prompts == [prompt]
    assert printed in text_of(outputs)


# ---- notebooks ----

def execute_notebook(room, notebook, name, *options):
    """Runs `jupyter nbconvert --execute` and returns the notebook that comes out."""
    source, target = room.folder / f"{name}.ipynb", room.folder / f"{name}-done.ipynb"
    nbformat.write(notebook, source)
    room.call([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", str(source),
               "--output", target.name, *options])
    return nbformat.read(target, as_version=4)


def new_notebook(evaluator, cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    notebook.metadata["kernelspec"] = {"name": f"hilum-{evaluator}", "language": evaluator,
                                       "display_name": f"{evaluator} (Hilum)"}
    return notebook


def test_nbconvert_executes_thirty_cells(room, evaluator, snippet):
    pytest.importorskip("nbconvert")
    value, result = snippet("value")
    done = execute_notebook(room, new_notebook(evaluator, [value, snippet("print")] * 15), "thirty")
    assert [cell.execution_count for cell in done.cells] == list(range(1, 31))
    for cell in done.cells[0::2]:
        assert cell.outputs[0].data["text/plain"] == result
    for cell in done.cells[1::2]:
        assert cell.outputs[0].text == "hello\n"
    room.check()


def test_nbconvert_stops_at_an_error(room, evaluator, snippet):
    pytest.importorskip("nbconvert")
    with pytest.raises(AssertionError, match="boom"):
        execute_notebook(room, new_notebook(evaluator, [snippet("fail"), snippet("value")[0]]),
                         "failing")
    room.check()


def test_nbconvert_goes_on_after_an_error_when_allowed(room, evaluator, snippet):
    pytest.importorskip("nbconvert")
    value, result = snippet("value")
    done = execute_notebook(room, new_notebook(evaluator, [snippet("fail"), value]), "allowed",
                            "--allow-errors")
    assert done.cells[0].outputs[0].output_type == "error"
    assert done.cells[1].outputs[0].data["text/plain"] == result
    room.check()


def test_nbclient_executes_a_notebook(room, evaluator, snippet):
    nbclient = pytest.importorskip("nbclient")
    value, result = snippet("value")
    notebook = new_notebook(evaluator, [snippet("print"), value])
    nbclient.NotebookClient(notebook, timeout=int(100 * limits.SCALE)).execute()
    assert notebook.cells[0].outputs[0].text == "hello\n"
    assert notebook.cells[1].outputs[0].data["text/plain"] == result
    room.check()


def comparable(outputs):
    """Outputs as they should be the same in each run. Where streams are cut into messages is up to
    the moment."""
    joined = []
    for output in outputs:
        output = dict(output)
        if output["output_type"] == "stream" and joined and \
                joined[-1].get("name") == output["name"]:
            joined[-1]["text"] += output["text"]
        else:
            joined.append(output)
    return joined


def ghc_version():
    return subprocess.run(["ghc", "--numeric-version"], capture_output=True, text=True,
                          timeout=limits.START).stdout.strip()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_gives_the_outputs_that_are_committed(room, path):
    nbclient = pytest.importorskip("nbclient")
    committed = nbformat.read(path, as_version=4)
    kernel = committed.metadata.kernelspec.name
    if kernel == "hilum-ghc":
        if "ghc" not in kernels.EVALUATORS:
            pytest.skip("ghc.so was not built")
        # What GHC says in its messages changes from version to version.
        made_with = committed.metadata.ghc_version
        if ghc_version() != made_with:
            pytest.skip(f"the outputs are those of GHC {made_with}")
    done = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(done, kernel_name=kernel, timeout=int(100 * limits.SCALE)).execute()
    for before, after in zip(committed.cells, done.cells):
        if before.cell_type == "code":
            assert comparable(after.outputs) == comparable(before.outputs), before.source
    room.check()


def test_a_cell_above_a_limit_is_an_error_for_nbclient(room):
    nbclient = pytest.importorskip("nbclient")
    cells = ["kept = 41", "%limit wall=200ms\nwhile true do end", "return kept + 1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(notebook, kernel_name="hilum-lua",
                                     timeout=int(100 * limits.SCALE), force_raise_errors=True)
    with pytest.raises(nbclient.exceptions.CellExecutionError) as caught:
        client.execute()
    assert caught.value.ename == "TimeLimitExceeded"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, kernel_name="hilum-lua", allow_errors=True,
                            timeout=int(100 * limits.SCALE)).execute()
    assert notebook.cells[1].outputs[0]["ename"] == "TimeLimitExceeded"
    assert notebook.cells[2].outputs[0]["data"]["text/plain"] == "42"
    room.check()


# ---- command lines ----

# jupyter run leaves it to the kernel to notice its end.
ends_with_its_parent = pytest.mark.skipif("valgrind" in kernels.WRAPPER,
                                          reason="valgrind 3.19 has no pidfd_open")


def jupyter_run(room, evaluator, *arguments, **options):
    return room.call([sys.executable, "-m", "jupyter_client.runapp", f"--kernel=hilum-{evaluator}",
                      *arguments], **options)


@ends_with_its_parent
def test_jupyter_run_executes_a_file(room, evaluator, snippet):
    (room.folder / "program").write_text(snippet("print"))
    assert "hello" in jupyter_run(room, evaluator, str(room.folder / "program")).stdout
    room.check()


@ends_with_its_parent
@pytest.mark.parametrize("name, stream, text", [("print", "stdout", "hello"),
                                                ("print_error", "stderr", "oops")])
def test_jupyter_run_executes_stdin(room, evaluator, snippet, name, stream, text):
    assert text in getattr(jupyter_run(room, evaluator, input=snippet(name)), stream)
    room.check()


# prompt_toolkit before 3.0.42 leaves Python's own SIGINT handler behind after each prompt instead of
# the console's, so that Ctrl-C reaches no kernel (prompt-toolkit/python-prompt-toolkit#1576,
# jupyter/jupyter_console#296). What its later releases do is done here.
# And it waits for a second only for the kernel's history, of which there is none then.
CONSOLE = """
import asyncio, signal
from jupyter_client.blocking import BlockingKernelClient as Client
get_shell_msg = Client.get_shell_msg
def get_patiently(client, *arguments, timeout=None, **options):
    patience = timeout if timeout is None else max(timeout, PATIENCE)
    return get_shell_msg(client, *arguments, timeout=patience, **options)
Client.get_shell_msg = get_patiently
from asyncio.unix_events import _UnixSelectorEventLoop as Loop
add, remove, before = Loop.add_signal_handler, Loop.remove_signal_handler, {}
def remember(loop, number, *rest):
    before[number] = signal.getsignal(number)
    add(loop, number, *rest)
def restore(loop, number):
    done = remove(loop, number)
    if number in before:
        signal.signal(number, before.pop(number))
    return done
Loop.add_signal_handler, Loop.remove_signal_handler = remember, restore
from jupyter_console.app import main
main()
"""


# By default a second for is_complete and five for a completion, which is then none.
PATIENCE = [f"--ZMQTerminalInteractiveShell.kernel_is_complete_timeout={limits.START}",
            f"--ZMQCompleter.timeout={limits.START}"]


class Console:
    """jupyter console in a terminal of 40 lines and 120 columns."""
    ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-Z\\-_])")

    def __init__(self, pexpect, room, evaluator):
        # Nobody here answers questions for the position of the cursor.
        env = dict(room.env, TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1")
        self.pexpect = pexpect
        self.child = pexpect.spawn(
            sys.executable, ["-c", CONSOLE.replace("PATIENCE", str(limits.START)), "--kernel",
                             f"hilum-{evaluator}", *PATIENCE], env=env,
            cwd=str(room.folder), dimensions=(40, 120), encoding="utf-8", timeout=limits.START)
        self.seen = ""

    def expect(self, pattern):
        """Reads until the text without escape sequences matches; what is behind stays."""
        deadline = limits.Deadline(limits.START)
        while True:
            text = self.ESCAPES.sub("", self.seen)
            found = re.search(pattern, text)
            if found:
                self.seen = text[found.end():]
                return text[:found.end()]
            try:
                self.seen += self.child.read_nonblocking(4096, timeout=deadline.left())
            except (self.pexpect.TIMEOUT, self.pexpect.EOF):
                raise limits.TimeLimit(f"the console does not show {pattern!r} but {text!r}") \
                    from None

    def type(self, text):
        self.child.send(text)

    def type_line(self, text):
        """To a cell that asks. Before the terminal is as it is outside of prompts, what is typed is
        still the prompt's."""
        def is_cooked():
            return termios.tcgetattr(self.child.child_fd)[3] & termios.ICANON
        limits.poll_until(is_cooked, limits.START, "the end of the prompt")
        self.type(text + "\r")


@contextlib.contextmanager
def open_console(room, evaluator):
    pexpect = pytest.importorskip("pexpect")
    pytest.importorskip("jupyter_console")
    console = Console(pexpect, room, evaluator)
    try:
        console.expect(r"In \[1\]: ")
        yield console
        console.type("\x04")
        console.expect(r"exit|Exit|\[y\]")
        console.type("y\r")
        console.child.expect(pexpect.EOF)
    finally:
        console.child.close(force=True)
    room.check()


@pytest.fixture
def console(room, evaluator):
    with open_console(room, evaluator) as console:
        yield console


def test_the_console_shows_banner_and_result(console, snippet):
    code, result = snippet("value")
    console.type(code + "\r")
    console.expect(rf"Out\[1\]: +{result}\r?\n")
    console.expect(r"In \[2\]: ")


def test_the_console_shows_prints_and_errors(console, snippet):
    console.type(snippet("print") + "\r")
    console.expect(r"\n[^\n]*hello\r?\n")
    console.expect(r"In \[2\]: ")
    console.type(snippet("fail") + "\r")
    console.expect(r"\n[^\n]*boom")
    console.expect(r"In \[3\]: ")


def test_the_console_waits_for_the_end_of_a_block(console, sample):
    first, *rest = sample["block"]
    console.type(first + "\r")
    console.expect(r"\.\.\.:")
    # An empty line ends a block whose last line was not the first.
    console.type("\r".join(rest) + "\r\r")
    console.expect(sample["block_prints"])
    console.expect(r"In \[2\]: ")


def test_ctrl_c_in_the_console_stops_an_endless_cell(console, snippet):
    console.type(snippet("spin").replace("\n", "\r") + "\r")
    console.expect(r"\n[^\n]*started\r?\n")
    console.child.sendintr()
    console.expect("Interrupted|interrupted")
    console.expect(r"In \[\d+\]: ")
    code, result = snippet("expression")
    console.type(code + "\r")
    console.expect(rf"Out\[\d+\]: +{result}\r?\n")
    console.expect(r"In \[\d+\]: ")


def test_the_console_completes_with_tab(console, sample):
    begun, completed = sample["completes"]
    console.type(begun + "\t")
    console.expect(completed)
    console.type("\x15")  # the line is not for running


def test_the_console_answers_input(console, sample):
    code, prompt, typed, printed = sample["asks"]
    console.type(code + "\r")
    console.expect(r"\n[^\n]*" + re.escape(prompt))
    console.type_line(typed)
    console.expect(printed)
    console.expect(r"In \[2\]: ")


@pytest.fixture
def history_on(room):
    if os.environ.get("HAVE_HISTORY") == "no":
        pytest.skip("built without SQLite")
    config = Path(room.env["XDG_CONFIG_HOME"]) / "hilum" / "hilum.json"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text('{"history": {"enabled": true}}')
    yield
    config.unlink()


def test_the_console_recalls_earlier_sessions(room, evaluator, history_on, snippet):
    code, result = snippet("expression")
    with open_console(room, evaluator) as console:
        console.type(code + "\r")
        console.expect(r"In \[2\]: ")
    with open_console(room, evaluator) as console:
        console.type("\x1b[A")  # up
        console.expect(re.escape(code))
        console.type("\r")
        console.expect(rf"Out\[1\]: +{result}\r?\n")
        console.expect(r"In \[2\]: ")


# ---- jupyter_kernel_test ----

TESTED = [name for name in kernels.EVALUATORS if name in KERNEL_TESTS]


class PatientKernelTests:
    """jupyter_kernel_test waits for a tenth of a second for each message of a cell."""

    def execute_helper(self, *arguments, **options):
        channel = self.kc.iopub_channel
        get_msg = channel.get_msg
        channel.get_msg = lambda timeout=None: get_msg(timeout=limits.EVENT)
        try:
            return super().execute_helper(*arguments, **options)
        finally:
            channel.get_msg = get_msg


for name in TESTED:
    title = f"Test{name.capitalize()}ByJupyterKernelTest"
    globals()[title] = type(title, (PatientKernelTests, jupyter_kernel_test.KernelTests),
                            {"kernel_name": f"hilum-{name}", **KERNEL_TESTS[name]})


@pytest.mark.parametrize("name", TESTED)
def test_the_first_message_on_iopub_is_the_welcome(room, name):
    """What later releases of jupyter_kernel_test check besides (JEP 65). A kernel of its own: a
    welcome goes to all who have that subscription, and 0.4.5 does not know it."""
    manager = jupyter_client.KernelManager(kernel_name=f"hilum-{name}")
    manager.start_kernel(stderr=subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        message = client.get_iopub_msg(timeout=limits.START)
        assert message["header"]["msg_type"] == message["msg_type"] == "iopub_welcome"
        assert message["content"] == {"subscription": ""}
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)
        manager.cleanup_resources()
    room.check()
