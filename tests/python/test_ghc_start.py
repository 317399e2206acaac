"""The ghc evaluator up to its first cell, and its end: which GHC, which session program, which options.
What Haskell cells do is tested elsewhere."""
import json
import os
import shutil
import signal
import subprocess

import pytest

from harness import kernel as kernels
from harness import limits, procs

EVALUATORS = ["lua"]  # stands for "Hilum"
pytestmark = pytest.mark.hilum

GHC = shutil.which("ghc")
SOURCES = kernels.TOP / "plugins/ghc"

if not list(kernels.BUILD.glob("plugins/ghc/**/ghc.so")):
    pytest.skip("ghc.so was not built", allow_module_level=True)


@pytest.fixture
def start_ghc(start_kernel, tmp_path):
    """start_ghc({option: value}): a client of a kernel with these options of the ghc evaluator."""
    clients = []

    def start(options=None, log=None, **env):
        config = tmp_path / "hilum.json"
        config.write_text(json.dumps({"evaluators": {"ghc": {"options": options or {}}},
                                      "interrupt": {"grace_seconds": limits.SCALE}}))
        folder, = kernels.BUILD.glob("plugins/ghc/**/ghc.so")
        kernel = start_kernel("ghc", env={"HILUM_CONFIG": str(config),
                                          "HILUM_EVALUATOR_PATH": str(folder.parent),
                                          "HILUM_GHC_SOURCES": str(SOURCES),
                                          "XDG_CACHE_HOME": str(tmp_path / "cache"), **env})
        if log is not None:
            kernel.expect_log(log)
        clients.append(kernel.client())
        clients[-1].__enter__()
        clients[-1].kernel = kernel
        return clients[-1]
    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def other_ghc(tmp_path):
    """other_ghc(commands): a compiler of that name in a folder of its own, which runs the commands
    before it is the real one."""
    def make(commands):
        folder = tmp_path / "other"
        folder.mkdir()
        (folder / "ghc").write_text(f'#!/bin/sh\n{commands}\nexec {GHC} "$@"\n')
        (folder / "ghc").chmod(0o755)
        os.symlink(shutil.which("ghc-pkg"), folder / "ghc-pkg")
        return folder
    return make


def moved(tmp_path):
    """Commands that make a compiler look like another one: its libraries are elsewhere."""
    libraries = subprocess.run([GHC, "--print-libdir"], capture_output=True, text=True,
                               check=True).stdout.strip()
    os.symlink(libraries, tmp_path / "libraries")
    return f'[ "$1" = --print-libdir ] && {{ echo {tmp_path}/libraries; exit; }}'


def session_of(kernel):
    def find():
        found = [pid for pid in procs.family(kernel.tag)
                 if procs.parent(pid) == kernel.worker and "ghc-session" in "".join(procs.command(pid)[:1])]
        return found[0] if len(found) == 1 else None
    return limits.poll_until(find, limits.START, "the session program")


def test_cells_share_a_session(start_ghc):
    client = start_ghc()
    assert client.run("x = 20").status == "ok"
    run = client.run("print x\nx * 2 + 2")
    assert (run.text(), run.result, run.count) == ("20\n", "42", 2)


def test_kernel_info_does_not_wait_for_ghc(start_ghc, tmp_path):
    fake = tmp_path / "slow"
    fake.write_text("#!/bin/sh\nexec sleep 1000\n")
    fake.chmod(0o755)
    client = start_ghc({"ghc": str(fake)})
    info = client.ask("kernel_info_request").content
    assert (info["language_info"]["name"], info["language_info"]["file_extension"]) == ("haskell", ".hs")


@pytest.mark.parametrize("ghc, words", [
    ("no-such-ghc", ["no no-such-ghc on the PATH"]),
    ("/no/such/ghc", ["/no/such/ghc is not there"]),
])
def test_without_ghc_each_cell_says_what_to_install(start_ghc, ghc, words):
    client = start_ghc({"ghc": ghc}, log="")
    for _ in range(2):
        run = client.run("1 + 1")
        assert (run.status, run.content["ename"]) == ("error", "GhcMissing")
        told = "\n".join([run.content["evalue"], *run.content["traceback"]])
        for word in [*words, "apt-get install ghc"]:
            assert word in told


def test_a_compiler_that_is_installed_later_is_found(start_ghc, tmp_path):
    client = start_ghc({"ghc": str(tmp_path / "later")}, log="")
    assert client.run("1 + 1").content["ename"] == "GhcMissing"
    os.symlink(GHC, tmp_path / "later")
    assert client.run("1 + 1").result == "2"


def test_another_ghc_than_version_9_is_refused(start_ghc, other_ghc):
    folder = other_ghc('[ "$1" = --numeric-version ] && { echo 8.6.5; exit; }')
    run = start_ghc({"ghc": str(folder / "ghc")}, log="").run("1 + 1")
    assert run.content["ename"] == "GhcMissing"
    assert "is not GHC 9 (it says: 8.6.5)" in run.content["evalue"]


@pytest.mark.time_limit(180)
def test_another_ghc_on_the_path_gets_its_own_session_program_once(start_ghc, other_ghc, tmp_path):
    folder = other_ghc(moved(tmp_path))
    path = f"{folder}:{os.environ['PATH']}"
    client = start_ghc(log="building the Haskell session program for GHC", PATH=path)
    assert client.finish(client.execute("1 + 1"), timeout=60 * limits.SCALE).result == "2"
    built, = (tmp_path / "cache/hilum").glob("ghc-*/*/hilum-ghc-session")
    assert os.path.realpath(f"/proc/{session_of(client.kernel)}/exe") == str(built)
    assert [entry.name for entry in built.parent.parent.iterdir()
            if entry.suffix in (".building", ".log")] == []
    client.kernel.shutdown()
    client = start_ghc(PATH=path)  # which logs nothing: nothing is built again
    assert client.run("1 + 1").result == "2"


def test_a_session_program_that_cannot_be_built_is_explained(start_ghc, other_ghc, tmp_path):
    folder = other_ghc(moved(tmp_path) + '\n[ "${1#--}" != "$1" ] && exec ' + GHC + ' "$@"\n'
                       "echo 'Could not find module of the test' >&2; exit 1")
    client = start_ghc({"ghc": str(folder / "ghc")}, log="")
    run = client.run("1 + 1")
    assert (run.status, run.content["ename"]) == ("error", "HaskellBuildError")
    assert "Could not find module of the test" in "\n".join(run.content["traceback"])
    assert not list((tmp_path / "cache").rglob("*.building"))


def test_a_build_ends_with_the_kernel(start_ghc, other_ghc, tmp_path):
    begun = tmp_path / "begun"
    folder = other_ghc(moved(tmp_path) + '\n[ "${1#--}" != "$1" ] && exec ' + GHC + ' "$@"\n'
                       f"touch {begun}; exec sleep 1000")
    client = start_ghc({"ghc": str(folder / "ghc")}, log="")
    running = client.execute("1 + 1")
    limits.poll_until(begun.exists, limits.START, "the build")
    client.interrupt()  # which gives the cell back; the build goes on, for the next one
    assert client.finish(running).status in ("aborted", "error")
    assert "sleep" in [name for pid in procs.family(client.kernel.tag) for name in procs.command(pid)]
    client.kernel.shutdown()
    assert not procs.family(client.kernel.tag)


@pytest.mark.parametrize("options, word", [
    ({"heap_limit": "lots"}, '"512m"'),
    ({"heap_limit": "12x"}, '"512m"'),
    ({"flags": "-Wall"}, '["-Wall"]'),
    ({"extensions": ["LambdaCase", 5]}, '["LambdaCase"]'),
])
def test_options_of_the_wrong_kind_are_explained(start_ghc, options, word):
    run = start_ghc(options, log="").run("1 + 1")
    assert run.content["ename"] == "ConfigError"
    assert word in run.content["evalue"] and f'"{list(options)[0]}"' in run.content["evalue"]


def test_options_reach_the_session(start_ghc):
    client = start_ghc({"extensions": ["LambdaCase"], "flags": ["-Wincomplete-patterns"],
                        "heap_limit": "900m"})
    run = client.run("f = \\case { True -> 'y' }\nf True")
    assert (run.status, run.result) == ("ok", "'y'")
    warning, = run.of_type("display_data")
    assert "non-exhaustive" in warning["data"]["text/plain"]


def test_a_session_that_dies_costs_its_cell(start_ghc):
    client = start_ghc(log="ended because its program")
    assert client.run("x = 1").status == "ok"
    running = client.start("import Control.Concurrent\nputStrLn \"started\"\nthreadDelay 1000000000")
    os.kill(session_of(client.kernel), signal.SIGKILL)
    run = client.finish(running)
    assert (run.status, run.content["ename"]) == ("error", "WorkerDied")
    assert "SIGKILL" in run.content["evalue"]
    assert client.run("1 + 1").result == "2"


@pytest.mark.parametrize("endless", ["print (length [1 ..])", "threadDelay 1000000000",
                                     "newEmptyMVar >>= takeMVar :: IO ()", "getLine"])
def test_an_interrupt_keeps_the_session(start_ghc, endless):
    client = start_ghc()
    client.run("import Control.Concurrent\nimport System.IO\nkept = 42")
    running = client.start(f"putStrLn \"started\" >> hFlush stdout\n{endless}", allow_stdin=True)
    client.interrupt()
    assert client.finish(running).status == "aborted"
    assert client.run("kept").result == "42"


def test_the_user_is_asked(start_ghc):
    client = start_ghc()
    running = client.execute("name <- getLine\nputStrLn (reverse name)", allow_stdin=True)
    request = client.recv("stdin", what="input_request")
    client.send("stdin", "input_reply", {"value": "lion"}, parent_header=request.header)
    assert client.finish(running).text() == "noil\n"
