"""history_request: the cells of this session, and, with "history" in the configuration, those of
earlier ones."""
import json
import os
import pathlib
import resource
import signal
import sqlite3
import stat
import subprocess

import pytest

from harness import kernel as kernels
from harness import limits

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

CELLS = ["return 1", "local a = 'x'", "return 2", "local a = 'x'", "-- \U0001d11e\n-- \"quoted\""]


@pytest.fixture
def told(start_kernel):
    """A client of a kernel on which CELLS have run."""
    with start_kernel().client() as client:
        for code in CELLS:
            client.run(code)
        client.run("return 'not stored'", store_history=False)
        client.run("return 'silent'", silent=True)
        yield client


def history(client, output=False, **access):
    content = {"output": output, "raw": True, **access}
    return client.ask("history_request", content).content["history"]


def tail(client, n=100, **options):
    return history(client, hist_access_type="tail", n=n, **options)


def ranged(client, session, start=1, stop=None, **options):
    return history(client, hist_access_type="range", session=session, start=start, stop=stop,
                   **options)


def found(client, pattern, **options):
    return history(client, hist_access_type="search", pattern=pattern, **options)


def inputs(entries):
    return [entry[2] for entry in entries]


# ---- this session ----

def test_the_tail_is_the_last_cells_in_order(told):
    assert inputs(tail(told, 2)) == CELLS[-2:]
    assert inputs(tail(told)) == CELLS
    assert tail(told, 0) == []


def test_entries_have_session_line_and_input(told):
    entries = tail(told)
    assert len({entry[0] for entry in entries}) == 1
    assert [entry[1] for entry in entries] == list(range(1, len(CELLS) + 1))


def test_with_output_the_input_is_paired_with_the_result(told):
    expected = [[cell, cell[-1] if cell.startswith("return") else None] for cell in CELLS]
    assert inputs(tail(told, output=True)) == expected
    assert inputs(ranged(told, 0, output=True)) == expected
    assert inputs(found(told, "return*", output=True)) == [["return 1", "1"], ["return 2", "2"]]


def test_a_result_that_is_not_counted_is_not_the_last_cells(told):
    told.run("local b = 1")
    told.run("return 'not stored'", store_history=False)
    told.run("return 'silent'", silent=True)
    assert inputs(tail(told, 1, output=True)) == [["local b = 1", None]]


@pytest.mark.parametrize("start, stop, expected", [
    (1, 3, CELLS[:2]), (2, 3, CELLS[1:2]), (4, None, CELLS[3:]), (3, 3, []), (100, 200, []),
    (0, 2, CELLS[:1]), (2, 0, CELLS[1:]), (-1, None, CELLS[-1:]), (1, -1, CELLS[:-1]),
    (-3, -1, CELLS[2:4]),
])
def test_a_range_of_this_session(told, start, stop, expected):
    assert inputs(ranged(told, 0, start, stop)) == expected
    own = tail(told, 1)[0][0]
    assert inputs(ranged(told, own, start, stop)) == expected


def test_a_range_of_a_session_that_is_not_there_is_empty(told):
    for session in (-1, -2 ** 63, 99, 2 ** 63 - 1):
        assert ranged(told, session) == []


def test_a_search_is_a_glob_over_the_whole_cell(told):
    assert inputs(found(told, "return*", n=10)) == ["return 1", "return 2"]
    assert inputs(found(told, "*return*", n=1)) == ["return 2"]
    assert inputs(found(told, "return ?", n=10)) == ["return 1", "return 2"]
    assert inputs(found(told, "return [^1]", n=10)) == ["return 2"]
    assert inputs(found(told, "no such", n=10)) == []
    assert inputs(found(told, "-- ?\n*")) == CELLS[-1:]
    assert inputs(found(told, "*\U0001d11e*")) == CELLS[-1:]
    assert inputs(history(told, hist_access_type="search")) == CELLS


def test_a_unique_search_has_each_cell_once_where_it_was_last(told):
    assert [entry[1:] for entry in found(told, "local*", n=10)] == [[2, CELLS[1]], [4, CELLS[1]]]
    assert [entry[1:] for entry in found(told, "local*", n=10, unique=True)] == [[4, CELLS[1]]]
    assert [entry[1] for entry in found(told, "*", unique=True)] == [1, 3, 4, 5]
    assert [entry[1] for entry in found(told, "*", n=2, unique=True)] == [4, 5]


def test_an_access_type_that_does_not_exist_finds_nothing(told):
    assert history(told, hist_access_type="never") == []


# ---- the file ----

class Keeping:
    """A home for a history that several kernels share."""

    def __init__(self, folder, start_kernel):
        self.start_kernel = start_kernel
        self.state = folder / "state"
        self.file = self.state / "hilum" / "history.sqlite"
        self.config = folder / "hilum.json"
        self.configure()

    def configure(self, **settings):
        settings = {"enabled": True, **settings}
        self.config.write_text(json.dumps({"history": settings}))

    def start(self, *evaluator, **env):
        return self.start_kernel(*evaluator, env={
            "XDG_STATE_HOME": str(self.state), "HILUM_CONFIG": str(self.config), **env})

    def tell(self, *cells, evaluator=()):
        """A whole session."""
        kernel = self.start(*evaluator)
        with kernel.client() as client:
            for cell in cells:
                client.run(cell)
        kernel.finish()

    def query(self, sql):
        with sqlite3.connect(f"file:{self.file}?mode=ro", uri=True) as db:
            return db.execute(sql).fetchall()

    def await_lines(self, number):
        """Until the kernel has written them."""
        def are_there():
            try:
                return self.query("SELECT count(*) FROM history")[0][0] >= number
            except sqlite3.OperationalError:
                return False
        limits.poll_until(are_there, limits.EVENT, f"{number} lines in the file")


@pytest.fixture
def keeping(tmp_path, start_kernel):
    if os.environ.get("HAVE_HISTORY") == "no":
        pytest.skip("built without SQLite")
    return Keeping(tmp_path, start_kernel)


def test_history_is_off_by_default(keeping):
    keeping.config.write_text("{}")
    keeping.tell("return 1")
    with keeping.start().client() as client:
        assert tail(client) == []
    assert not keeping.state.exists()


def test_a_kernel_recalls_earlier_sessions(keeping):
    keeping.tell(*CELLS)
    keeping.tell("return 'second'")
    with keeping.start().client() as client:
        expected = [[1, line, cell] for line, cell in enumerate(CELLS, 1)]
        expected.append([2, 1, "return 'second'"])
        assert tail(client) == expected
        assert tail(client, 2) == expected[-2:]
        client.run("return 'third'")
        assert tail(client) == expected + [[3, 1, "return 'third'"]]
        assert tail(client, 2) == [expected[-1], [3, 1, "return 'third'"]]


def test_ranges_of_earlier_sessions(keeping):
    keeping.tell(*CELLS)
    keeping.tell("return 'second'")
    with keeping.start().client() as client:
        for _ in range(2):  # before the session has lines of its own, and with them
            assert inputs(ranged(client, -1)) == inputs(ranged(client, 2)) == ["return 'second'"]
            assert inputs(ranged(client, -2)) == inputs(ranged(client, 1)) == CELLS
            assert ranged(client, -2, 2, 4) == [[1, 2, CELLS[1]], [1, 3, CELLS[2]]]
            assert inputs(ranged(client, 1, 4)) == CELLS[3:]
            assert inputs(ranged(client, 1, -2)) == CELLS[-2:]
            assert inputs(ranged(client, 1, 1, -2)) == CELLS[:-2]
            assert ranged(client, -3) == ranged(client, 99) == []
            client.run("return 'third'")
        assert ranged(client, 0) == [[3, 1, "return 'third'"], [3, 2, "return 'third'"]]


def test_searches_go_through_all_sessions(keeping):
    keeping.tell(*CELLS)
    keeping.tell("return 2", "return 3")
    with keeping.start().client() as client:
        client.run("return 1")
        everything = [[1, 1, "return 1"], [1, 3, "return 2"], [2, 1, "return 2"],
                      [2, 2, "return 3"], [3, 1, "return 1"]]
        assert found(client, "return*") == everything
        assert found(client, "return*", n=3) == everything[-3:]
        assert found(client, "return*", unique=True) == everything[-3:]
        assert found(client, "return*", unique=True, n=2) == everything[-2:]
        assert found(client, "*2") == everything[1:3]
        assert found(client, "*\U0001d11e*") == [[1, 5, CELLS[4]]]


def test_outputs_are_kept_when_the_configuration_says_so(keeping):
    keeping.tell("return 1")
    keeping.configure(output=True)
    keeping.tell("return 2", "local x")
    with keeping.start().client() as client:
        client.run("return 3")
        assert inputs(tail(client, output=True)) == [
            ["return 1", None], ["return 2", "2"], ["local x", None], ["return 3", "3"]]


def test_a_result_that_comes_after_its_input_was_written_is_kept(keeping):
    keeping.configure(output=True)
    kernel = keeping.start()
    with kernel.client() as client:
        running = client.execute("return io.read()", allow_stdin=True)
        question = client.recv("stdin", what="input_request")
        keeping.await_lines(1)
        client.send("stdin", "input_reply", {"value": "late", "status": "ok"},
                    parent_header=question.header)
        client.finish(running)
    kernel.finish()
    assert keeping.query("SELECT source, output FROM history") == [("return io.read()", '"late"')]


def test_what_is_not_counted_is_not_stored(keeping):
    kernel = keeping.start()
    with kernel.client() as client:
        client.run("return 'silent'", silent=True)
        client.run("return 'not stored'", store_history=False)
    kernel.finish()
    assert not keeping.file.exists()


def test_each_evaluator_has_its_own(keeping):
    keeping.tell("hello", evaluator=["echo"])
    keeping.tell("return 1")
    keeping.tell("hello again", evaluator=["echo"])
    with keeping.start("lua").client() as client:
        assert tail(client) == [[2, 1, "return 1"]]
        assert ranged(client, -1) == [[2, 1, "return 1"]]
        assert ranged(client, -2) == ranged(client, 1) == ranged(client, 3) == []
        assert found(client, "hello*") == []
    with keeping.start("echo").client() as client:
        assert tail(client) == [[1, 1, "hello"], [3, 1, "hello again"]]
        assert ranged(client, -2) == [[1, 1, "hello"]]


def test_a_session_without_cells_has_no_number(keeping):
    keeping.tell("return 1")
    keeping.tell()
    with keeping.start().client() as client:
        assert inputs(tail(client)) == ["return 1"]
    keeping.tell("return 2")
    assert keeping.query("SELECT session FROM sessions") == [(1,), (2,)]


def test_two_kernels_at_once(keeping):
    with keeping.start().client() as first, keeping.start().client() as second:
        for number in range(5):
            first.run(f"return 'first {number}'")
            second.run(f"return 'second {number}'")
            assert len(tail(first)) >= number + 1
        # One that finds the file locked by the other gets its number with the next try.
        limits.poll_until(lambda: {tail(client, 1)[0][0] for client in (first, second)} == {1, 2},
                          limits.EVENT, "two sessions")
        # This session's are the last, whatever is newer.
        assert inputs(tail(first, 2)) == ["return 'first 3'", "return 'first 4'"]
        assert inputs(tail(second, 2)) == ["return 'second 3'", "return 'second 4'"]
        assert sorted(inputs(tail(first))) == sorted(inputs(tail(second)))
        assert len(tail(first)) == 10


def test_inputs_are_written_soon_without_being_asked_for(keeping):
    kernel = keeping.start()
    with kernel.client() as client:
        client.run("return 1")
        keeping.await_lines(1)
        kernel.process.send_signal(signal.SIGKILL)
        kernel.wait()
    kernel.crashes_expected = True
    with keeping.start().client() as client:
        assert inputs(tail(client)) == ["return 1"]
    assert keeping.query("SELECT end, num_cmds FROM sessions") == [(None, None)]


def test_nothing_of_it_happens_before_an_input(keeping):
    kernel = keeping.start()
    maps = pathlib.Path(f"/proc/{kernel.pid}/maps")
    with kernel.client() as client:
        client.ask("kernel_info_request")
        assert not keeping.state.exists()
        assert "libsqlite3" not in maps.read_text()
        client.run("return 1")
        tail(client)
        assert "libsqlite3" in maps.read_text()


@pytest.mark.parametrize("library", [None, "libm.so.6"])
def test_a_library_that_is_not_there_costs_history_only(keeping, tmp_path, library):
    """None: one that cannot be loaded at all; else: one without SQLite's functions."""
    folder = tmp_path / "lib"
    folder.mkdir()
    instead = folder / "libsqlite3.so.0"
    if library:
        mapped = pathlib.Path("/proc/self/maps").read_text().split()
        instead.symlink_to(next(word for word in mapped if word.endswith("/" + library)))
    else:
        instead.write_text("")
    kernel = keeping.start(LD_LIBRARY_PATH=str(folder))
    kernel.expect_log("the history cannot be kept: history needs SQLite .*libsqlite3.so.0")
    with kernel.client() as client:
        client.run("return 1")
        client.run("return 2")
        assert inputs(tail(client)) == ["return 1", "return 2"]
    assert len(kernel.stderr_text().splitlines()) == 1
    kernel.finish()
    assert not keeping.file.exists()
    env = kernels.environment(tmp_path, "doctor", tmp_path, {"LD_LIBRARY_PATH": str(folder)})
    doctor = subprocess.run([kernels.HILUM, "doctor", "--config", str(keeping.config)], env=env,
                            capture_output=True, text=True, timeout=limits.START)
    assert doctor.returncode == 1
    assert "FAIL  inputs cannot be kept for later sessions: history needs SQLite" in doctor.stdout


def test_the_doctor_says_where_inputs_are_kept(keeping, tmp_path):
    env = kernels.environment(tmp_path, "doctor", tmp_path)
    for enabled in (True, False):
        keeping.configure(enabled=enabled, file="elsewhere/inputs.sqlite")
        doctor = subprocess.run([kernels.HILUM, "doctor", "--config", str(keeping.config)], env=env,
                                capture_output=True, text=True, timeout=limits.START)
        where = f"kept for later sessions in {keeping.config.parent}/elsewhere/inputs.sqlite"
        assert (where in doctor.stdout) == enabled, doctor.stdout


def test_the_file_is_for_its_owner(keeping):
    keeping.tell("return 1")
    assert stat.S_IMODE(os.stat(keeping.file).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(keeping.file.parent).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(keeping.state).st_mode) == 0o700


def test_sessions_are_described(keeping):
    keeping.tell("return 1", "return 2")
    (evaluator, start, end, number), = keeping.query(
        "SELECT evaluator, start, end, num_cmds FROM sessions")
    assert (evaluator, number) == ("lua", 2)
    assert "2020-01-01T00:00:00Z" < start <= end


def test_the_file_can_be_somewhere_else(keeping):
    keeping.configure(file="elsewhere/inputs.sqlite")
    keeping.tell("return 1")
    keeping.file = keeping.config.parent / "elsewhere" / "inputs.sqlite"
    assert keeping.query("SELECT source FROM history") == [("return 1",)]
    assert not keeping.state.exists()


def test_any_text_comes_back_as_it_was(keeping):
    cells = ["-- \0 and after", "-- \U0001d11e \"\\ \x7f \u2028", "--" + "x" * 200_000, ""]
    keeping.tell(*cells)
    with keeping.start().client() as client:
        assert inputs(tail(client)) == cells
        assert inputs(found(client, "*after")) == cells[:1]


@pytest.mark.parametrize("text", [b"this is not a database", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_corrupt_file_costs_history_only(keeping, text):
    keeping.file.parent.mkdir(parents=True)
    keeping.file.write_bytes(text)
    kernel = keeping.start()
    kernel.expect_log(r"warning: .*the history cannot be kept: .*history\.sqlite: ")
    with kernel.client() as client:
        client.run("return 1")
        assert inputs(tail(client)) == ["return 1"]
        client.run("return 2")
        assert inputs(tail(client)) == ["return 1", "return 2"]
    assert len(kernel.stderr_text().splitlines()) == 1
    kernel.finish()
    assert keeping.file.read_bytes() == text


def test_a_database_of_something_else_is_left_alone(keeping):
    keeping.file.parent.mkdir(parents=True)
    with sqlite3.connect(keeping.file) as db:
        db.execute("CREATE TABLE history (session integer, line integer, source text)")
    kernel = keeping.start()
    kernel.expect_log("the history cannot be kept: .*it is a database of something else")
    with kernel.client() as client:
        client.run("return 1")
        assert inputs(tail(client)) == ["return 1"]
    kernel.finish()
    assert keeping.query("SELECT count(*) FROM history") == [(0,)]


def test_a_place_that_cannot_be_written_costs_history_only(keeping):
    keeping.state.write_text("in the way")  # root may write into any folder
    kernel = keeping.start()
    kernel.expect_log("the history cannot be kept: cannot make .*Not a directory")
    with kernel.client() as client:
        client.run("return 1")
        assert inputs(tail(client)) == ["return 1"]
    assert len(kernel.stderr_text().splitlines()) == 1
    kernel.finish()


def test_a_file_that_may_not_grow_costs_history_only(keeping):
    """As on a disk that is full, which a test cannot have without being root."""
    keeping.tell("return 1")
    kernel = keeping.start()
    kernel.expect_log("the history cannot be kept: ")
    with kernel.client() as client:
        most = keeping.file.stat().st_size
        resource.prlimit(kernel.pid, resource.RLIMIT_FSIZE, (most, most))
        cells = [f"return {'1' * 4000} -- {number}" for number in range(20)]
        for cell in cells:
            assert client.run(cell).status == "ok"
        assert inputs(tail(client, n=20)) == cells
        client.check_alive()
    assert len(kernel.stderr_text().splitlines()) == 1
    kernel.finish()
    assert keeping.query("SELECT source FROM history WHERE session = 1") == [("return 1",)]


def test_a_locked_file_delays_history_only(keeping):
    keeping.tell("return 1")
    kernel = keeping.start()
    kernel.expect_log("the history has to wait: .*locked")
    lock = sqlite3.connect(keeping.file, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    with kernel.client() as client:
        client.run("return 2")
        for _ in range(6):
            # Reading goes on; what cannot be written is in memory.
            assert inputs(tail(client)) == ["return 1", "return 2"]
        assert len(kernel.stderr_text().splitlines()) == 1
        lock.execute("ROLLBACK")
        assert tail(client) == [[1, 1, "return 1"], [2, 1, "return 2"]]
    lock.close()
    kernel.finish()
    assert keeping.query("SELECT source FROM history") == [("return 1",), ("return 2",)]
