"""Real clients on an installed kernelspec: jupyter_client, nbclient, nbconvert, jupyter run, jupyter
console, and jupyter_kernel_test."""
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

from harness import kernel as kernels
from harness import limits, procs

jupyter_client = pytest.importorskip("jupyter_client")
nbformat = pytest.importorskip("nbformat")
jupyter_kernel_test = pytest.importorskip("jupyter_kernel_test")

pytestmark = [pytest.mark.hilum, pytest.mark.time_limit(120)]

NOTEBOOKS = sorted((kernels.TOP / "docs" / "notebooks").glob("*.ipynb"))

# Where ghc.so is, if it was built.
GHC = [path.parent for path in kernels.BUILD.glob("plugins/ghc/**/ghc.so")][:1]


class Room:
    """A home with the kernelspecs installed, and an environment in which Jupyter finds them."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="hilum-"))
        self.reports = self.folder / "reports"
        self.reports.mkdir()
        (self.folder / "run").mkdir(mode=0o700)
        self.tag = uuid.uuid4().hex
        self.prefix = self.folder / "prefix"
        self.env = kernels.environment(self.folder, self.tag, self.reports)
        self.install()
        # The kernelspec has to know by itself where its evaluators are.
        del self.env["HILUM_EVALUATOR_PATH"]
        self.env["JUPYTER_PATH"] = str(self.prefix / "share" / "jupyter")
        self.env["PYTHONPATH"] = os.environ.get("PYTHONPATH", "")

    def install(self):
        command = [kernels.HILUM, "install", "--prefix", str(self.prefix),
                   "--evaluator", "lua", "--evaluator", "echo"]
        for folder in GHC:
            command += ["--evaluator", "ghc"]
            self.env["HILUM_EVALUATOR_PATH"] += f":{folder}"
        self.installed = self.call(command)
        if kernels.WRAPPER:
            for path in self.prefix.glob("share/jupyter/kernels/*/kernel.json"):
                spec = json.loads(path.read_text())
                wrapper = [word.format(reports=self.reports)
                           for word in shlex.split(kernels.WRAPPER)]
                spec["argv"] = wrapper + spec["argv"]
                path.write_text(json.dumps(spec))

    def call(self, command, **options):
        """Runs a program to its end, which has to be a success."""
        result = subprocess.run(command, env=self.env, cwd=self.folder, capture_output=True,
                                text=True, timeout=30 * limits.SCALE, **options)
        assert result.returncode == 0, f"{command}: {result.stdout}\n{result.stderr}"
        return result

    def check(self):
        """After each test: no process is left and no sanitizer has complained."""
        limits.poll_until(lambda: not procs.family(self.tag), limits.STOP, lambda: str(
            [procs.describe(pid) for pid in procs.family(self.tag)]))
        assert kernels.reports_in(self.reports) == []

    def dispose(self):
        for pid in procs.family(self.tag):
            procs.kill(pid)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module", autouse=True)
def room():
    room = Room()
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("JUPYTER", "HILUM", "XDG")):
                patch.delenv(name)
        for name, value in room.env.items():
            patch.setenv(name, value)
        try:
            yield room
            room.check()
        finally:
            room.dispose()


@pytest.fixture
def manager(room):
    """A KernelManager with a running hilum-lua, and its client."""
    manager = jupyter_client.KernelManager(kernel_name="hilum-lua")
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
    assert {"hilum-lua", "hilum-echo"} <= set(found)


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

def test_a_kernel_manager_runs_cells(manager):
    _, client = manager
    reply, outputs = run(client, 'print("hello") return 6 * 7')
    assert reply["status"] == "ok"
    assert text_of(outputs) == "hello\n"
    assert outputs[-1]["content"]["data"]["text/plain"] == "42"


def test_a_kernel_manager_interrupts(manager):
    manager, client = manager
    msg_id = client.execute('print("started") while true do end')
    while True:
        message = client.get_iopub_msg(timeout=limits.EVENT)
        if message["msg_type"] == "stream":
            break
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=limits.EVENT)
    assert reply["parent_header"]["msg_id"] == msg_id
    assert reply["content"]["status"] == "aborted"
    while client.get_iopub_msg(timeout=limits.EVENT)["content"].get("execution_state") != "idle":
        pass
    assert run(client, "return 1")[0]["status"] == "ok"


def test_a_kernel_manager_restarts(manager):
    manager, client = manager
    run(client, "kept = 1")
    for _ in range(2):
        manager.restart_kernel(now=False, stderr=subprocess.DEVNULL)
        client.wait_for_ready(timeout=limits.START)
        _, outputs = run(client, "return type(kept)")
        assert "nil" in outputs[-1]["content"]["data"]["text/plain"]


def test_the_heartbeat_channel_of_jupyter_client_beats(manager):
    _, client = manager
    assert client.hb_channel.is_alive()
    assert client.is_alive()


def test_input_by_jupyter_client(manager):
    _, client = manager
    answers = []

    def answer(message):
        answers.append(message["content"]["prompt"])
        client.input("typed")
    outputs = []
    reply = client.execute_interactive('print("got " .. input("say: "))', allow_stdin=True,
                                       stdin_hook=answer, output_hook=outputs.append,
                                       timeout=limits.EVENT)
    assert reply["content"]["status"] == "ok"
    assert answers == ["say: "]
    assert text_of(outputs) == "got typed\n"


# ---- notebooks ----

def execute_notebook(room, notebook, name, *options):
    """Runs `jupyter nbconvert --execute` and returns the notebook that comes out."""
    source, target = room.folder / f"{name}.ipynb", room.folder / f"{name}-done.ipynb"
    nbformat.write(notebook, source)
    room.call([sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", str(source),
               "--output", target.name, *options])
    return nbformat.read(target, as_version=4)


def new_notebook(cells):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in cells])
    notebook.metadata["kernelspec"] = {"name": "hilum-lua", "display_name": "Lua (Hilum)",
                                       "language": "lua"}
    return notebook


def test_nbconvert_executes_thirty_lua_cells(room):
    pytest.importorskip("nbconvert")
    cells = ["sum = 0"] + [f'sum = sum + {n} print("cell", {n}) return sum' for n in range(1, 29)]
    cells.append("return sum")
    done = execute_notebook(room, new_notebook(cells), "thirty")
    assert [cell.execution_count for cell in done.cells] == list(range(1, 31))
    for number, cell in enumerate(done.cells[1:29], start=1):
        assert cell.outputs[0].text == f"cell\t{number}\n"
        assert cell.outputs[1].data["text/plain"] == str(number * (number + 1) // 2)
    assert done.cells[-1].outputs[0].data["text/plain"] == "406"
    room.check()


def test_nbconvert_stops_at_an_error(room):
    pytest.importorskip("nbconvert")
    with pytest.raises(AssertionError, match="boom"):
        execute_notebook(room, new_notebook(['error("boom")', "return 1"]), "failing")
    room.check()


def test_nbconvert_goes_on_after_an_error_when_allowed(room):
    pytest.importorskip("nbconvert")
    done = execute_notebook(room, new_notebook(['error("boom")', "return 1"]), "allowed",
                            "--allow-errors")
    assert done.cells[0].outputs[0].output_type == "error"
    assert done.cells[1].outputs[0].data["text/plain"] == "1"
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
        if not GHC:
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


# ---- command lines ----

# jupyter run leaves it to the kernel to notice its end.
ends_with_its_parent = pytest.mark.skipif("valgrind" in kernels.WRAPPER,
                                          reason="valgrind 3.19 has no pidfd_open")


@ends_with_its_parent
def test_jupyter_run_executes_a_file(room):
    (room.folder / "program.lua").write_text('print("from a file")')
    result = room.call([sys.executable, "-m", "jupyter_client.runapp", "--kernel=hilum-lua",
                        str(room.folder / "program.lua")])
    assert "from a file" in result.stdout
    room.check()


@ends_with_its_parent
def test_jupyter_run_executes_stdin(room):
    result = room.call([sys.executable, "-m", "jupyter_client.runapp", "--kernel=hilum-lua"],
                       input='io.stderr:write("to stderr") print("from stdin")')
    assert "from stdin" in result.stdout
    assert "to stderr" in result.stderr
    room.check()


# prompt_toolkit before 3.0.42 leaves Python's own SIGINT handler behind after each prompt instead of
# the console's, so that Ctrl-C reaches no kernel (prompt-toolkit/python-prompt-toolkit#1576,
# jupyter/jupyter_console#296). What its later releases do is done here.
CONSOLE = """
import asyncio, signal
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


class Console:
    """jupyter console in a terminal of 40 lines and 120 columns."""
    ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[@-Z\\-_])")

    def __init__(self, pexpect, room):
        # Nobody here answers questions for the position of the cursor.
        env = dict(room.env, TERM="xterm", PROMPT_TOOLKIT_NO_CPR="1")
        self.pexpect = pexpect
        self.child = pexpect.spawn(
            sys.executable, ["-c", CONSOLE, "--kernel", "hilum-lua"], env=env,
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


@pytest.fixture
def console(room):
    pexpect = pytest.importorskip("pexpect")
    pytest.importorskip("jupyter_console")
    console = Console(pexpect, room)
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


def test_the_console_shows_banner_and_result(console):
    console.type("1+1\r")
    console.expect(r"Out\[1\]: +2\r?\n")
    console.expect(r"In \[2\]: ")


def test_the_console_shows_prints_and_errors(console):
    console.type('print("pri" .. "nted")\r')
    console.expect(r"printed\r?\n")
    console.expect(r"In \[2\]: ")
    console.type('error("bo" .. "om")\r')
    console.expect("boom")
    console.expect(r"In \[3\]: ")


def test_the_console_waits_for_the_end_of_a_block(console):
    console.type("for i = 1, 3 do\r")
    console.expect(r"\.\.\.:")
    console.type('io.write("n", i, ";")\rend\r')
    # An empty line ends a block whose last line was not the first.
    console.type("\r")
    console.expect("n1;n2;n3;")
    console.expect(r"In \[2\]: ")


def test_ctrl_c_in_the_console_stops_an_endless_cell(console):
    console.type('print("star" .. "ted") while true do end\r')
    console.expect("started")
    console.child.sendintr()
    console.expect("Interrupted|interrupted")
    console.expect(r"In \[\d+\]: ")
    console.type("40+2\r")
    console.expect(r"Out\[\d+\]: +42\r?\n")


def test_the_console_completes_with_tab(console):
    console.type("tostri\t")
    console.expect("tostring")
    console.type("(5) .. 'x'\r")
    console.expect(r"Out\[1\]: .*5x")


def test_the_console_answers_input(console):
    console.type('print("got " .. input("name? "))\r')
    console.expect(r"name\? ")
    console.type("Zoe\r")
    console.expect("got Zoe")


# ---- jupyter_kernel_test ----

class TestLuaByJupyterKernelTest(jupyter_kernel_test.KernelTests):
    kernel_name = "hilum-lua"
    language_name = "lua"
    file_extension = ".lua"
    code_hello_world = 'print("hello, world")'
    code_stderr = 'io.stderr:write("test\\n")'
    completion_samples = [
        {"text": "tostr", "matches": {"tostring"}},
        {"text": "string.rev", "matches": {"reverse"}},
    ]
    complete_code_samples = ["1", 'print("hello")', "for i = 1, 3 do print(i) end", "x = {}"]
    incomplete_code_samples = ["for i = 1, 3 do", "print(", "x = {", "function f()"]
    invalid_code_samples = ["x = = 1", "end", "for for"]
    code_generate_error = 'error("this is an error")'
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": "return 1 + 1", "result": "2"}]
    code_inspect_sample = "print"


class TestEchoByJupyterKernelTest(jupyter_kernel_test.KernelTests):
    kernel_name = "hilum-echo"
    language_name = "echo"
    file_extension = ".txt"
    code_hello_world = "print hello, world"
    code_stderr = "warn test"
    completion_samples = [{"text": "pri", "matches": {"print"}}]
    complete_code_samples = ["hello", "print x"]
    incomplete_code_samples = ["hello \\"]
    code_generate_error = "error this is an error"
    code_execute_result = [{"code": "hello", "result": "hello"}]
    code_display_data = [{"code": "display x", "mime": "text/plain"}]
    code_inspect_sample = "print"


@pytest.mark.skipif(not GHC, reason="ghc.so was not built")
class TestGhcByJupyterKernelTest(jupyter_kernel_test.KernelTests):
    kernel_name = "hilum-ghc"
    language_name = "haskell"
    file_extension = ".hs"
    code_hello_world = 'putStrLn "hello, world"'
    code_stderr = 'import System.IO\nhPutStrLn stderr "test"'
    completion_samples = [
        {"text": "mapM", "matches": {"mapM", "mapM_"}},
        {"text": "import Data.Containers.L", "matches": {"Data.Containers.ListUtils"}},
        {"text": ":ty", "matches": {":type"}},
    ]
    complete_code_samples = ["1", 'putStrLn "hello"', "f x = x", "data A = A", ":type 1"]
    incomplete_code_samples = ["f x =", "main = do", "case x of", "(1 +", ":{"]
    invalid_code_samples = ["x = )", "f = = 1"]
    code_generate_error = 'error "this is an error"'
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": "[1 .. 3]", "result": "[1,2,3]"}]
    code_display_data = [
        {"code": 'display (html "<b>bold</b>")', "mime": "text/html"},
        {"code": 'display (svg "<svg/>")', "mime": "image/svg+xml"},
    ]
    code_inspect_sample = "map"
