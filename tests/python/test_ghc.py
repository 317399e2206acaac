"""The Haskell evaluator as a frontend sees it, through the kernel. What cells of all kinds do is
tested on the session program alone (test_ghc_program.py); here is what the way through driver, worker
and kernel adds."""
import json
import time

import pytest

from harness import kernel as kernels
from harness import limits

EVALUATORS = ["lua"]  # stands for "Hilum"
pytestmark = pytest.mark.hilum

if not list(kernels.BUILD.glob("plugins/ghc/**/ghc.so")):
    pytest.skip("ghc.so was not built", allow_module_level=True)


@pytest.fixture
def start_haskell(start_kernel, tmp_path):
    clients = []

    def start(options=None):
        config = tmp_path / "hilum.json"
        config.write_text(json.dumps({"evaluators": {"ghc": {"options": options or {}}}}))
        folder, = kernels.BUILD.glob("plugins/ghc/**/ghc.so")
        kernel = start_kernel("ghc", env={"HILUM_CONFIG": str(config),
                                          "HILUM_EVALUATOR_PATH": str(folder.parent)})
        clients.append(kernel.client())
        clients[-1].__enter__()
        clients[-1].kernel = kernel
        return clients[-1]
    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def haskell(start_haskell):
    return start_haskell()


def test_a_session_of_cells(haskell):
    for code, expected in [
            ("1 + 1", "2"),
            ("data P = P { px :: Int } deriving Show\np = P 3", None),
            ("p { px = 4 }", "P {px = 4}"),
            ("import Data.Char (toUpper)\nmap toUpper \"abc\"", "\"ABC\""),
            ("{-# LANGUAGE LambdaCase #-}\nf = \\case { 0 -> 'z'; _ -> 'n' }\nf 0", "'z'")]:
        run = haskell.run(code)
        assert run.status == "ok", run
        assert run.result == expected


def test_outputs_in_order(haskell):
    run = haskell.run("1\nputStr \"a\"\n2\nputStr \"b\"\n3")
    assert [(m.type, m.content.get("text") or m.content["data"]["text/plain"]) for m in run.outputs] == [
        ("display_data", "1"), ("stream", "a"), ("display_data", "2"), ("stream", "b"),
        ("execute_result", "3")]


def test_a_type_error_has_its_place(haskell):
    run = haskell.run("x = 1\ny = 'a' && True")
    assert run.status == "error" and run.content["ename"] == "TypeError"
    text = "\n".join(run.content["traceback"])
    assert "line 2" in text and "^^^" in text and "Couldn't match expected type" in text
    assert haskell.run("x").status == "error", "nothing of the cell may have happened"


def test_a_warning_does_not_fail_the_cell(haskell):
    run = haskell.run(":set -Wunused-matches\nf :: Int -> Int\nf x = 1\nf 2")
    assert run.status == "ok" and run.result == "1"
    warning, = run.of_type("display_data")
    assert "-Wunused-matches" in warning["data"]["text/plain"]


def test_an_exception_names_the_cells_of_its_call_stack(haskell):
    assert haskell.run("import GHC.Stack\nf :: HasCallStack => Int\nf = error \"deep\"").status == "ok"
    run = haskell.run("print 1\nf")
    assert run.status == "error" and run.text() == "1\n"
    assert (run.content["ename"], run.content["evalue"]) == ("ErrorCall", "deep")
    text = "\n".join(run.content["traceback"])
    assert "cell 1, line 3" in text and "cell 2, line 2" in text


def test_exit_does_not_end_the_session(haskell):
    assert haskell.run("x = 5").status == "ok"
    assert haskell.run("import System.Exit\nexitWith (ExitFailure 2)").status == "error"
    assert haskell.run("x").result == "5"


def test_input(haskell):
    running = haskell.execute("import System.IO\nputStr \"Name? \"\nn <- getLine\nhSetEcho stdin False\n"
                              "p <- getLine\n(n, p)", allow_stdin=True)
    for answer, password in (("Ada", False), ("geheim", True)):
        request = haskell.recv("stdin", what="input_request")
        assert request.content["password"] is password
        haskell.send("stdin", "input_reply", {"value": answer, "status": "ok"},
                     parent_header=request.header)
    run = haskell.finish(running)
    assert run.result == "(\"Ada\",\"geheim\")" and run.text() == "Name? "


def test_no_input_without_a_frontend(haskell):
    run = haskell.run("getLine", allow_stdin=False)
    assert run.status == "error" and run.content["ename"] == "IOException"


@pytest.mark.parametrize("loop", [
    "length [1 ..]", "threadDelay 100000000", "forever (return ())",
    "newEmptyMVar >>= \\m -> forkIO (threadDelay 100000000 >> putMVar m ()) >> takeMVar m"])
def test_an_interrupt_keeps_the_state(haskell, loop):
    assert haskell.run("import Control.Concurrent\nimport Control.Monad\nx = 5").status == "ok"
    running = haskell.start(f"putStrLn \"started\"\n{loop}")
    sent = time.monotonic()
    haskell.interrupt()
    run = haskell.finish(running)
    assert run.status == "aborted"
    assert time.monotonic() - sent < 1 * limits.SCALE
    assert haskell.run("x").result == "5"


def test_a_heap_limit(start_haskell):
    haskell = start_haskell({"heap_limit": "300m"})
    assert haskell.run("x = 5").status == "ok"
    run = haskell.run("let xs = [1 ..] :: [Integer]\nlength xs + length xs", timeout=60)
    assert run.status == "error" and "heap overflow" in run.content["evalue"]
    assert haskell.run("x").result == "5"


def test_expressions_of_the_frontend(haskell):
    run = haskell.run("x = 5", user_expressions={"good": "x + 1", "bad": "frob"})
    found = run.content["user_expressions"]
    assert found["good"]["status"] == "ok" and found["good"]["data"]["text/plain"] == "6"
    assert found["bad"]["status"] == "error"


def test_a_whole_module(haskell):
    assert haskell.run("module A.B where\nb :: Int\nb = 7").status == "ok"
    assert haskell.run("b").result == "7"
    assert haskell.run("import qualified A.B\nA.B.b").result == "7"


def test_a_module_of_a_cell_that_reload_drops_takes_nothing_else_along(haskell):
    assert haskell.run("module A.B where\nb = 7").status == "ok"
    assert haskell.run("import Data.Char\nimport qualified A.B as B\nx = B.b").status == "ok"
    assert haskell.run(":reload").status == "ok"
    assert haskell.run("sum (map ord \"a\") + 1").result == "98"
    assert "B.b" in haskell.run("B.b").content["evalue"]


def test_why_a_file_could_not_be_loaded_is_told(haskell, tmp_path):
    file = tmp_path / "Bad.hs"
    file.write_text("module Bad where\n\nx :: Int\nx = \"s\"\n")
    run = haskell.run(f":load {file}")
    assert run.status == "error" and "Couldn't match" in run.content["evalue"]
    shown = "\n".join(run.content["traceback"])
    assert f"{file}, line 4, column 5" in shown and ":load" not in shown
    file.write_text("module Bad where\n\nx :: Int\nx = 4\n")
    assert haskell.run(f":load {file}").status == "ok" and haskell.run("x").result == "4"


def test_a_warning_is_told_once(haskell):
    run = haskell.run("data P = P { px, py :: Int } deriving Show\nfst (1, P { px = 1 })")
    assert run.result == "1"
    assert [m.content["data"]["text/plain"].count("-Wmissing-fields") for m in run.outputs
            if m.type == "display_data"] == [1]


CRASHES = {
    "a signal to itself": "foreign import ccall \"abort\" c_abort :: IO ()\nc_abort",
    "a crash in C": "import Foreign\npoke (nullPtr :: Ptr Int) 1",
    "exit by C": "foreign import ccall \"_exit\" c_exit :: Int -> IO ()\nc_exit 3",
}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_costs_no_state(haskell, crash):
    haskell.kernel.expect_log("")
    assert haskell.run("import Data.IORef\nx = 5\nr <- newIORef 1").status == "ok"
    run = haskell.run(CRASHES[crash])
    assert run.status == "error", run
    assert haskell.run("modifyIORef r (+ x)\nreadIORef r").result == "6"
    running = haskell.start("putStrLn \"started\"\nlength [1 ..]")
    haskell.interrupt()
    assert haskell.finish(running).status == "aborted"
    assert haskell.run("x").result == "5"
