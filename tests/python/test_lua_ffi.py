"""Lua's module ffi: in a session what is shown, offered, interrupted and survived; alone, LuaJIT as the
referee and valgrind as the auditor. What it computes is in tests/ffi."""
import json
import os
import re
import shutil
import subprocess

import pytest

from harness import kernel as kernels
from harness import limits

EVALUATORS = ["lua"]
pytestmark = [pytest.mark.hilum,
              pytest.mark.skipif(os.environ.get("HAVE_FFI") == "no", reason="built without ffi")]

CASES = kernels.TOP / "tests" / "ffi"
FFI_LUA = kernels.BUILD / "tests" / "ffi" / "ffi_lua"

SETUP = """
ffi = ffi or require "ffi"
if not declared then
    ffi.cdef [[
        int abs(int n);
        void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *));
        size_t strlen(const char *s);
        int raise(int signal);
        void *malloc(size_t size);
        int not_in_any_library(void);
        struct point { double x, y; };
        struct line { struct point from, to; char label[8]; unsigned width : 4; struct line *next; };
        enum color { RED, GREEN, BLUE };
        enum { LIMIT = 12 };
        extern int opterr;
    ]]
    declared = true
end
"""


@pytest.fixture
def session(client):
    assert client.run(SETUP).status == "ok"
    return client


def result(session, code):
    run = session.run(code)
    assert run.status == "ok", run
    return run.result


def failure(session, code):
    run = session.run(code)
    assert run.status == "error", run
    return run.content["evalue"]


def complete(session, code):
    return session.ask("complete_request", {"code": code, "cursor_pos": len(code)}).content["matches"]


def inspect(session, code):
    return session.ask("inspect_request", {"code": code, "cursor_pos": len(code),
                                           "detail_level": 0}).content


# ---- results ----

@pytest.mark.parametrize("code, shown", [
    ('ffi.new("struct point", 1, 2)', "struct point {x = 1.0, y = 2.0}"),
    ('ffi.new("int[5]", {1, 2, 3})', "int [5] {1, 2, 3, 0, 0}"),
    ('ffi.new("char[8]", "text")', 'char [8] "text"'),
    ('ffi.new("enum color[2]", {1, 2})', "enum color [2] {GREEN, BLUE}"),
    ('ffi.new("int[2][2]", {{1, 2}, {3, 4}})', "int [2][2] {{1, 2}, {3, 4}}"),
    ('ffi.new("struct line", {label = "a\\tb", width = 5})',
     "struct line {\n  from = {x = 0.0, y = 0.0},\n  to = {x = 0.0, y = 0.0},\n"
     '  label = "a\\009b",\n  width = 5,\n  next = NULL\n}'),
    ('{point = ffi.new("struct point", 3, 4)}', "{point = struct point {x = 3.0, y = 4.0}}"),
    ('ffi.new("int64_t", 5)', "5LL"),
    ("ffi.C.abs(-1)", "1"),
    ("ffi.C.LIMIT", "12"),
    ('ffi.typeof("struct point")', "ctype<struct point>"),
], ids=lambda value: None)
def test_a_result_shows_what_is_in_c_data(session, code, shown):
    assert result(session, "return " + code) == shown


def test_a_long_array_is_cut(session):
    shown = result(session, 'return ffi.new("int[100000]")')
    assert "more" in shown and len(shown) < 5000


def test_an_object_with_a_tostring_of_its_own_is_shown_by_it(session):
    assert result(session, """
        ffi.cdef "struct shown { int x; };"
        ffi.metatype("struct shown", {__tostring = function(s) return "x is " .. s.x end})
        return ffi.new("struct shown", 7)""") == "x is 7"


# ---- complete and inspect ----

@pytest.mark.parametrize("code, matches", [
    ("ffi.C.ab", {"abs"}), ("ffi.C.qs", {"qsort"}), ("ffi.C.opt", {"opterr"}), ("ffi.C.LIM", {"LIMIT"}),
    ("ffi.C.not_in", set()), ("ffi.si", {"sizeof"}),
    ("point.", {"x", "y"}), ("line.", {"from", "to", "label", "width", "next"}), ("line.fr", {"from"}),
    ("line.to.", {"x", "y"}), ("pointer.", {"from", "to", "label", "width", "next"}),
    ("wild.", {"from", "to", "label", "width", "next"}), ("wild.to.", {"x", "y"}),
    ("V:", {"norm"}), ("v.", {"x", "y", "norm"}), ("v:", {"norm"}), ("zlib.crc", {"crc32"}),
])
def test_completion_knows_c(session, code, matches):
    session.run("""
        point, line = ffi.new("struct point"), ffi.new("struct line")
        pointer, wild = ffi.cast("struct line *", line), ffi.cast("struct line *", 16)
        zlib = ffi.load("z")""")
    session.run("""
        if not V then
            ffi.cdef "struct v { double x, y; }; unsigned long crc32(unsigned long, const void *, unsigned);"
            V = ffi.metatype("struct v", {__index = {norm = function(v) return v.x end}})
            v = V(1, 2)
        end""")
    assert set(complete(session, code)) == matches


@pytest.mark.parametrize("code, parts", [
    ("ffi.C.abs", ["int abs(int n);"]),
    ("ffi.C.qsort(", ["void qsort(void *base, size_t count, size_t size, "
                      "int (*compare)(const void *, const void *));"]),
    ("point", ["struct point {", "double x; /* at 0 */", "double y; /* at 8 */",
               "16 bytes, alignment 8", "{x = 1.0, y = 2.0}"]),
    ("point.x", ["number (float)", "1.0"]),
    ("line.to", ["struct point {"]),
    ("wild", ["struct line *", "struct line {", "unsigned int width: 4;"]),
    ("wild.to", ["struct point {"]),
    ("ffi.C", ["C library"]),
    ("ffi.cdef", ["ffi.cdef(declarations, ...)", "Declares C functions"]),
    ('Point', ["struct point {"]),
])
def test_inspection_shows_the_declaration(session, code, parts):
    session.run("""
        point, line = ffi.new("struct point", 1, 2), ffi.new("struct line")
        wild, Point = ffi.cast("struct line *", 16), ffi.typeof("struct point")""")
    content = inspect(session, code)
    assert content["found"] is True
    for part in parts:
        assert part in content["data"]["text/plain"]
    assert session.run("return 1").status == "ok"


def test_hints_do_not_read_through_pointers(session):
    """A pointer that leads nowhere would cost the session."""
    session.run("""wild, nested = ffi.cast("struct line *", 16), ffi.new("struct line")
        nested.next = wild reference = wild[0]""")
    for code in ("wild.next.", "wild.next", "nested.next.to.x", "reference", "reference.next.", "wild.label"):
        complete(session, code)
        inspect(session, code)
    assert result(session, "return declared") == "true", "the session is another one"


# ---- interrupts, errors, crashes ----

def check_interrupted(kernel, session, code):
    session.run("kept = 42")
    running = session.start(code)
    session.interrupt()
    run = session.finish(running)
    assert run.status == kernel.dialect.interrupted_status, run
    assert run.errors[0]["ename"] == kernel.dialect.interrupted_name
    assert result(session, "return kept") == "42", "the session is another one"


@pytest.mark.parametrize("code", [
    # One call of C that comes back to Lua for very long.
    """local a = ffi.new("int[?]", 3000000)
    for i = 0, 2999999 do a[i] = (i * 7919) % 3000017 end
    print("started")
    ffi.C.qsort(a, 3000000, 4, function(x, y)
        for i = 1, 1000 do end
        return ffi.cast("const int *", x)[0] - ffi.cast("const int *", y)[0] end)""",
    # A callback that does not return.
    """print("started")
    ffi.C.qsort(ffi.new("int[2]"), 2, 4, function() while true do end end)""",
    # Calls of C in a loop.
    """print("started") while true do ffi.C.abs(-1) end""",
    # A callback that swallows errors.
    """print("started")
    while true do pcall(ffi.C.qsort, ffi.new("int[2]"), 2, 4, function() while true do end end) end""",
], ids=["callbacks", "endless callback", "calls", "pcall"])
def test_an_interrupt_stops_c(kernel, session, code):
    check_interrupted(kernel, session, code)


def test_an_error_in_a_callback_is_raised_when_c_returns(session):
    assert "from the comparator" in failure(session, """
        ffi.C.qsort(ffi.new("int[9]"), 9, 4, function() error("from the comparator") end)""")


@pytest.mark.parametrize("code, parts", [
    ('ffi.C.qsort(ffi.new("int[1]"), "x", 4, nil)',
     ["bad argument 2 to `qsort`", "expected `size_t`", 'got string "x"']),
    ('ffi.cdef "int fine(void);\\nint broken(intt x);"', ["line 2, column 12", "int broken(intt x);"]),
    ("ffi.C.strlne('')", ["strlne", "did you mean", "strlen"]),
    ("ffi.C.not_in_any_library()", ["not_in_any_library", "the libraries that are loaded"]),
    ('ffi.cast("int *", 0)[0] = 1', ["NULL pointer of type `int *`"]),
])
def test_an_error_says_what_was_declared_and_given(session, code, parts):
    evalue = failure(session, code)
    for part in parts:
        assert part in evalue


@pytest.mark.parametrize("code", ['ffi.cast("int *", 16)[0] = 1', "ffi.C.raise(11)"],
                         ids=["wild pointer", "raise"])
def test_a_crash_in_c_costs_one_cell(kernel, session, code):
    kernel.crashes_expected = True
    kernel.expect_log("worker")
    assert "SIGSEGV" in failure(session, 'print("before") ' + code)
    session.check_alive()
    assert session.run(SETUP + "return ffi.C.abs(-2)").result == "2"


def test_nothing_is_made_before_a_cell_asks_for_it(start_kernel):
    with start_kernel().client() as client:
        assert client.run("return package.loaded.ffi").result in (None, "nil")
        assert client.run("return tostring(tonumber):match('^%a+')").result == '"function"'


def test_cells_can_be_run_again(start_kernel):
    notebook = json.loads((kernels.TOP / "docs" / "notebooks" / "ffi.ipynb").read_text())
    with start_kernel().client() as client:
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                first, second = (client.run("".join(cell["source"])) for _ in range(2))
                assert first.status == second.status == "ok", second
                assert first.result == second.result
                assert re.sub(r"cell \d+", "cell", first.text()) == \
                    re.sub(r"cell \d+", "cell", second.text())


# ---- LuaJIT as the referee ----

def evaluated(command):
    done = subprocess.run([*command, str(CASES / "evaluate.lua"), str(CASES)], capture_output=True,
                          text=True, timeout=60 * limits.SCALE, check=False)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def verdicts():
    """Rows of LuaJIT and of Hilum for the same expressions."""
    luajit = shutil.which("luajit")
    if not luajit:
        pytest.skip("there is no luajit to compare with")
    theirs, ours = evaluated([luajit]), evaluated([str(FFI_LUA)])
    assert [row[0] for row in theirs] == [row[0] for row in ours]
    return list(zip(theirs, ours))


def test_luajit_agrees_with_more_than_a_hundred_expressions(verdicts):
    same = [pair for pair in verdicts if len(pair[0]) == 2]
    assert len(same) > 200
    assert [pair for pair in same if pair[0] != pair[1]] == []


def test_documented_differences_from_luajit_are_just_those(verdicts):
    different = [pair for pair in verdicts if len(pair[0]) == 4]
    assert len(different) >= 18
    for (code, theirs, their_expected, our_expected), (_, ours, *_) in different:
        assert their_expected != our_expected, code
        assert (theirs, ours) == (their_expected, our_expected), code


def test_all_cases_pass_under_valgrind():
    if kernels.is_instrumented():
        pytest.skip("a sanitizer is at work already")
    if not shutil.which("valgrind"):
        pytest.skip("there is no valgrind")
    done = subprocess.run(["valgrind", "-q", "--error-exitcode=9", "--leak-check=full", str(FFI_LUA)],
                          env={**os.environ, "SRCDIR": str(kernels.TOP)}, capture_output=True, text=True,
                          timeout=100 * limits.SCALE, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\nok ") > 380 and "not ok" not in done.stdout
