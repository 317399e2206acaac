"""Haskell sessions that die, hang or use up the memory: each costs its cell only."""
import json
import os
import time

import pytest

from harness import kernel as kernels
from harness import checkpoints, limits, procs

EVALUATORS = ["ghc"]
pytestmark = [pytest.mark.hilum, pytest.mark.time_limit(120)]

SETUP = """
import Data.IORef
import Foreign
import Foreign.C
import System.Posix.Signals
import Unsafe.Coerce
foreign import ccall safe "pthread_mutex_lock" lockSafely :: Ptr CLong -> IO CInt
foreign import ccall unsafe "pthread_mutex_lock" lockUnsafely :: Ptr CLong -> IO CInt
foreign import ccall unsafe "_exit" exitAtOnce :: CInt -> IO ()
foreign import ccall unsafe "abort" abortAtOnce :: IO ()
foreign import ccall unsafe "setpgid" setpgid :: CInt -> CInt -> IO CInt
data Precious = Precious { title :: String, amounts :: [Int] } deriving (Show, Eq)
precious = Precious "kept" [1, 2, 3]
counter <- newIORef (0 :: Int)
mutex <- newArray (replicate 8 0) :: IO (Ptr CLong)
"""

DEATHS = {
    "a null pointer": "poke nullPtr (1 :: Int)",
    "a bad address": "peek (nullPtr `plusPtr` 8 :: Ptr Int) >>= print",
    "a call of a bad address": 'foreign import ccall "dynamic" call :: FunPtr (IO ()) -> IO ()\n'
                               'call (castPtrToFunPtr (nullPtr `plusPtr` 16))',
    "a coercion": "(unsafeCoerce (12345678 :: Int) :: Int -> Int -> Integer) 1 2",
    "abort": "abortAtOnce",
    "_exit": "exitAtOnce 3",
    "SIGKILL": "raiseSignal sigKILL",
    "SIGSEGV": "raiseSignal sigSEGV",
    "SIGBUS": "raiseSignal sigBUS",
    "a group of its own": "setpgid 0 0 >> abortAtOnce",
}

HANGS = {
    "a foreign call": "lockSafely mutex >> lockSafely mutex",
    "an unsafe foreign call": "lockUnsafely mutex >> lockUnsafely mutex",
}


@pytest.fixture
def precious(kernel, client):
    kernel.crashes_expected = True
    kernel.expect_log("worker")
    assert client.run(SETUP).status == "ok"
    assert client.run("writeIORef counter 41").status == "ok"
    return client


def check_as_before(client, count):
    run = client.run("(title precious, amounts precious)")
    assert run.result == '("kept",[1,2,3])'
    assert run.count == count + 1
    assert client.run("readIORef counter").result == "41"


@pytest.mark.parametrize("way", DEATHS)
def test_a_death_costs_its_cell_only(precious, way):
    run = precious.run("writeIORef counter 0\n" + DEATHS[way])
    assert run.status == "error", run
    assert run.content["ename"] == "WorkerDied"
    assert "as it was before this cell" in run.content["evalue"]
    check_as_before(precious, run.count)


def await_lock(kernel):
    """Until a thread waits for a mutex, as glibc does: FUTEX_WAIT_PRIVATE for a value of 2."""
    if not os.path.exists("/proc/self/syscall"):
        time.sleep(0.3)  # then nothing tells
        return
    limits.poll_until(lambda: any(call[2:4] == ["0x80", "0x2"] for pid in procs.family(kernel.tag)
                                  for call in procs.system_calls(pid)),
                      limits.EVENT, "a thread that waits for the mutex")


@pytest.mark.parametrize("way", HANGS)
def test_a_hang_costs_its_cell_and_the_grace_period(precious, way):
    running = precious.start('writeIORef counter 0\nputStrLn "started"\n' + HANGS[way])
    await_lock(precious.kernel)
    precious.interrupt()
    run = precious.finish(running)
    assert run.status == "aborted"
    assert "did not react to the interrupt" in run.errors[0]["evalue"]
    check_as_before(precious, run.count)


def test_a_heap_that_is_used_up_is_an_error_of_the_cell(start_kernel, tmp_path):
    if kernels.is_instrumented():
        pytest.skip("memory is no measure of the session's own")
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"evaluators": {"ghc": {"options": {"heap_limit": "300m"}}}}))
    kernel = start_kernel(env={"HILUM_CONFIG": str(config)})
    with kernel.client() as client:
        client.run("kept = 41 :: Int")
        run = client.run("let big = [1 ..] :: [Integer] in print (sum big + fromIntegral (length big))")
        assert run.status == "error"
        assert "heap" in run.content["ename"].lower() + run.content["evalue"].lower()
        assert client.run("kept + 1").result == "42"


def test_death_after_death(precious):
    for _ in range(20):
        assert precious.run("writeIORef counter 0 >> raiseSignal sigKILL").status == "error"
    check_as_before(precious, precious.run("()").count)


def test_a_cell_that_only_prints_makes_no_checkpoint(kernel, precious):
    precious.run("print ()")
    before = checkpoints.settled(precious, 2)
    for _ in range(3):
        assert precious.run("print precious").status == "ok"
    assert kernel.sleepers() == before
    assert precious.run("raiseSignal sigKILL").status == "error"
    check_as_before(precious, precious.run("()").count)


def test_undo_goes_back(precious):
    precious.run("modifyIORef counter (+ 1)")
    assert precious.run("%undo\nreadIORef counter").result == "41"
