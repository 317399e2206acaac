"""complete, inspect and is_complete for Lua. Cursors count code points, in and out, whatever the
evaluator counts."""
import os
from pathlib import Path

import pytest

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

ASTRAL = "\U0001d11e\U0001f600"


def complete(client, code, cursor=None):
    """Completes at the mark | or at the cursor given."""
    if cursor is None:
        cursor = code.index("|")
        code = code[:cursor] + code[cursor + 1:]
    return client.ask("complete_request", {"code": code, "cursor_pos": cursor}).content


def inspect(client, code, level=0):
    cursor = code.index("|")
    code = code[:cursor] + code[cursor + 1:]
    return client.ask("inspect_request", {"code": code, "cursor_pos": cursor,
                                          "detail_level": level}).content


def is_complete(client, code):
    return client.ask("is_complete_request", {"code": code}).content


@pytest.mark.parametrize("code, match", [
    ("pri|", "print"), ("x = pri|", "print"), ("whi|", "while"), ("string.re|", "string.rep"),
    ("string.|", "string.format"), ("io.stderr:wri|", "io.stderr:write"), ("('x'):up|", "upper"),
    ("my_global_na|", "my_global_name"), ("my_table.in|", "my_table.inner"),
    ("my_table.inner.le|", "my_table.inner.leaf"), ("print(my_glo|)", "my_global_name"),
    ("for i = 1, 2 do my_glo| end", "my_global_name"), ("my_table:me|", "my_table:method"),
    ("local s = 'a' .. tostr|", "tostring"), ("_G.pri|", "_G.print"),
])
def test_completion_finds(client, code, match):
    client.run("my_global_name = 1; my_table = {inner = {leaf = 1}, method = function() end}")
    content = complete(client, code)
    at = code.index("|")
    plain = code.replace("|", "")
    assert content["status"] == "ok"
    start, end = content["cursor_start"], content["cursor_end"]
    assert 0 <= start <= at <= end <= len(plain) or start <= end <= at
    # A match may replace the last name only or the whole path: what counts is what comes out.
    whole = [plain[:start] + text + plain[end:] for text in content["matches"]]
    expected = plain[:at - len(_last_name(plain[:at]))] + _last_name(match)
    assert any(line.startswith(expected) for line in whole), (content, expected)


def _last_name(text):
    for at in range(len(text), 0, -1):
        if not (text[at - 1].isalnum() or text[at - 1] == "_"):
            return text[at:]
    return text


def test_completion_counts_code_points_in_both_directions(client):
    code = f'local s = "{ASTRAL}"; pri'
    content = complete(client, code, len(code))
    assert "print" in content["matches"]
    assert code[content["cursor_start"]:content["cursor_end"]] == "pri"
    assert content["cursor_end"] == len(code)


def test_completion_before_astral_characters(client):
    content = complete(client, f'pri| -- {ASTRAL}')
    assert (content["cursor_start"], content["cursor_end"]) == (0, 3)
    assert "print" in content["matches"]


@pytest.mark.parametrize("cursor", [0, 1, 2, 3])
def test_completion_at_each_place_of_an_astral_text(client, cursor):
    content = complete(client, f"{ASTRAL}x", cursor)
    assert 0 <= content["cursor_start"] <= content["cursor_end"] <= 3


def test_completion_at_the_start_offers_globals(client):
    content = complete(client, "", 0)
    assert (content["cursor_start"], content["cursor_end"]) == (0, 0)
    assert "print" in content["matches"]


@pytest.mark.parametrize("cursor", [4, 5, 1000, 2**31, 2**63, -1])
def test_completion_past_the_end_is_at_the_end(client, cursor):
    content = complete(client, f"{ASTRAL[0]}; pri"[1:], cursor)
    assert content["status"] in ("ok", "error")
    if content["status"] == "ok":
        assert 0 <= content["cursor_start"] <= content["cursor_end"] <= 5


def test_completion_finds_nothing_politely(client):
    content = complete(client, "no_such_name_anywhere|")
    assert content["status"] == "ok"
    assert content["matches"] == []


@pytest.mark.parametrize("code", ["'pri|", "-- pri|", "[[pri|", '"' + ASTRAL + "|", "x.|", ".|", ":|",
                                  "x..|", "a.b.c.d.|", "((((|", "]]|", "\0|", "1.|", "'\\|"], ids=ascii)
def test_completion_in_odd_places_is_valid(client, code):
    content = complete(client, code)
    assert content["status"] == "ok"
    assert 0 <= content["cursor_start"] <= content["cursor_end"] <= len(code) - 1


def test_completion_calls_no_user_code(client):
    """An __index that prints or hangs must not do so while somebody types."""
    client.run("trap = setmetatable({}, {__index = function() while true do end end})")
    assert complete(client, "trap.x.|")["status"] in ("ok", "error")
    client.check_alive()


def test_completion_has_types_for_its_matches(client):
    content = complete(client, "pri|")
    types = content["metadata"].get("_jupyter_types_experimental", [])
    assert {"text": "print", "type": "function"}.items() <= next(
        t for t in types if t["text"] == "print").items()


# ---- in strings ----

def becomes(client, code):
    """What the code may become."""
    content = complete(client, code)
    plain = code.replace("|", "")
    return [plain[:content["cursor_start"]] + match + plain[content["cursor_end"]:]
            for match in content["matches"]]


@pytest.fixture
def folder(kernel, client):
    """A client of a kernel whose folder has some files."""
    for name in ["data.csv", "deep/inner.txt", "deep/.hidden", "mine.lua", "pack/init.lua", "pack/part.lua",
                 "bare/x.txt", 'quo"te.txt', "d\u00e4ta.txt"]:
        path = Path(kernel.folder) / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    link = Path(kernel.folder) / "link"
    if not link.is_symlink():
        link.symlink_to("deep")
    return client


@pytest.mark.parametrize("typed, names", [
    ("da", ["data.csv"]), ("de", ["deep/"]), ("deep/", ["deep/inner.txt"]), ("deep/.", ["deep/.hidden"]),
    ("./deep/i", ["./deep/inner.txt"]), ("no/such/", []), ("quo", []), ("d\u00e4", ["d\u00e4ta.txt"]),
    ("lin", ["link/"]), ("./link/i", ["./link/inner.txt"]),
    ("/proc/self/stat", ["/proc/self/stat", "/proc/self/statm", "/proc/self/status"]),
])
def test_a_string_is_completed_to_the_names_of_files(folder, typed, names):
    assert becomes(folder, f'x = "{ASTRAL}"; io.open("{typed}|') == \
        [f'x = "{ASTRAL}"; io.open("{name}' for name in names]


def test_a_name_is_found_in_a_folder_of_very_many(start_kernel):
    kernel = start_kernel()
    many = Path(kernel.folder) / "many"
    many.mkdir()
    for number in range(9000):
        (many / f"{number:0200}.lua").write_text("")
    with kernel.client() as client:
        client.run("package.path = './?.lua'; package.cpath = ''")
        for number in (0, 4500, 8999):
            name = f"many/{number:0200}.lua"
            assert becomes(client, f"'{name[:-1]}|") == ["'" + name]
            module = f"require 'many.{number:0200}"
            assert becomes(client, f"{module[:-1]}|").count(module) == 1


@pytest.mark.parametrize("call", ["io.open('bytes/", "require 'bytes.", "t['"])
def test_names_that_are_no_text_are_not_offered(folder, call):
    inside = Path(folder.kernel.folder) / "bytes"
    inside.mkdir(exist_ok=True)
    for name in (b"caf\xe9.lua", b"\xed\xa0\x80.lua", b"f\xc3\xbcr.lua"):
        Path(os.fsdecode(os.fsencode(inside) + b"/" + name)).write_text("")
    folder.run("package.path = './?.lua'; package.cpath = ''\n"
               "t = {['caf\\xe9.lua'] = 1, ['\\xed\\xa0\\x80.lua'] = 1, ['f\\xc3\\xbcr.lua'] = 1}")
    end = "" if "require" in call else ".lua"
    assert becomes(folder, call + "|") == [call + "f\u00fcr" + end]


@pytest.mark.parametrize("typed, names", [
    ("mi", ["mine"]), ("pac", ["pack", "package"]), ("pack.", ["pack.init", "pack.part"]), ("ba", []), ("str", ["string"]),
    ("preloa", ["preloaded.one"]),
])
@pytest.mark.parametrize("call", ["require '", 'require("', "local x = require '"])
def test_require_is_completed_to_the_names_of_modules(folder, call, typed, names):
    folder.run("package.path = './?.lua;./?/init.lua'; package.cpath = './?.so'\n"
               "package.preload['preloaded.one'] = print")
    found = becomes(folder, f"{call}{typed}|")
    assert [text for text in found if text.count(".") == typed.count(".") or "preload" in text] == \
        [call + name for name in names]


def test_a_path_that_is_no_text_and_a_template_that_is_none_are_survived(folder):
    folder.run("package.path = ';;?;x?;' .. ('/a'):rep(5000) .. '/?.lua'; package.cpath = nil")
    assert becomes(folder, "require 'strin|") == ["require 'string"]
    folder.run("setmetatable(package, {__index = error}); package.path = nil")
    assert becomes(folder, "require 'strin|") == ["require 'string"]


def test_no_code_of_the_users_runs_for_the_names_of_modules(start_kernel):
    with start_kernel().client() as client:
        client.run("asked = {}; package.loaded.package = nil\n"
                   "setmetatable(package.loaded, {__index = function(_, key) asked[#asked + 1] = key end})")
        assert becomes(client, "require 'strin|") == ["require 'string"]
        assert client.run("return #asked").result == "0"


@pytest.mark.parametrize("value", ["nil", "5", "'text'"])
def test_completion_survives_a_registry_that_was_made_odd(start_kernel, value):
    with start_kernel().client() as client:
        client.run(f"local registry = debug.getregistry(); registry._LOADED, registry._PRELOAD = {value}, {value}")
        assert becomes(client, "require 'strin|") == []
        assert "string.format" in becomes(client, "string.f|")
        assert "string" in becomes(client, "strin|")


# ---- inspect ----

def test_inspect_shows_signature_and_source_of_a_function(client):
    client.run("function my_function(first, second)\n  return first + second\nend")
    content = inspect(client, "my_func|tion(1, 2)")
    assert content["status"] == "ok"
    assert content["found"] is True
    assert "my_function" in content["data"]["text/plain"]
    assert "first" in content["data"]["text/plain"]
    long = inspect(client, "my_func|tion(1, 2)", level=1)
    assert "return first + second" in long["data"]["text/plain"]


@pytest.mark.parametrize("code", ["print|", "pr|int", "|print", "string.re|p", "print(|", "print(1, |"])
def test_inspect_finds_what_is_at_or_around_the_cursor(client, code):
    content = inspect(client, code)
    assert content["status"] == "ok"
    assert content["found"] is True


def test_inspect_counts_code_points(client):
    content = inspect(client, f'local s = "{ASTRAL}{ASTRAL}" print| ')
    assert content["found"] is True
    assert "print" in content["data"]["text/plain"]


def test_inspect_of_a_value_shows_it(client):
    client.run("answer = 42")
    assert "42" in inspect(client, "answer|")["data"]["text/plain"]


@pytest.mark.hilum
def test_detail_level_1_says_more(client):
    client.run("function described(a, b)\n  return a + b\nend")
    short, long = (client.ask("inspect_request", {
        "code": "described", "cursor_pos": 3, "detail_level": level}).content["data"]["text/plain"]
        for level in (0, 1))
    assert "described" in short and "described" in long
    assert "return a + b" in long
    assert len(long) > len(short)


@pytest.mark.parametrize("code", ["no_such_name|", "|", "   |", "'text|'", ASTRAL + "|"], ids=ascii)
def test_inspect_finds_nothing_politely(client, code):
    content = inspect(client, code)
    assert content["status"] == "ok"
    assert content["found"] is False
    assert content["data"] == {}


@pytest.mark.parametrize("cursor", [-1, 6, 2**31, 2**63])
def test_inspect_with_a_cursor_outside_is_survived(client, cursor):
    content = client.ask("inspect_request", {"code": "print", "cursor_pos": cursor,
                                             "detail_level": 0}).content
    assert content["status"] in ("ok", "error")


# ---- is_complete ----

@pytest.mark.parametrize("code, status", [
    ("1+1", "complete"), ("print('x')", "complete"), ("", "complete"), ("x = 1", "complete"),
    ("for i = 1, 3 do print(i) end", "complete"), ("-- comment", "complete"),
    (f'print("{ASTRAL}")', "complete"), ("return", "complete"), ("goto x ::x::", "complete"),
    ("for i = 1, 3 do", "incomplete"), ("function f(", "incomplete"), ("x = {", "incomplete"),
    ("x =", "incomplete"), ("print(", "incomplete"), ("[[long", "incomplete"),
    ("--[[ comment", "incomplete"), ("if x then", "incomplete"), ("repeat", "incomplete"),
    ("local function f() return 1", "incomplete"), (f"x = '{ASTRAL}' ..", "incomplete"),
    ("x = = 1", "invalid"), ("end", "invalid"), (")", "invalid"), ("for for", "invalid"),
    ("'open", "invalid"), (ASTRAL, "invalid"), ("x = 1 )", "invalid"),
], ids=ascii)
def test_is_complete_tells(client, code, status):
    assert is_complete(client, code)["status"] == status


def test_is_complete_suggests_an_indent(client):
    content = is_complete(client, "for i = 1, 3 do")
    assert content["indent"].strip() == ""
    assert content["indent"]
    assert "indent" not in is_complete(client, "1+1")


def test_is_complete_runs_nothing(client):
    client.run("marker = 0")
    is_complete(client, "marker = 1")
    assert client.run("marker").result == "0"


# ---- while a cell runs, and around it ----

@pytest.mark.parametrize("msg_type, content", [
    ("complete_request", {"code": "pri", "cursor_pos": 3}),
    ("inspect_request", {"code": "print", "cursor_pos": 3, "detail_level": 0}),
    ("is_complete_request", {"code": "1+1"}),
])
def test_a_request_sent_during_a_cell_is_answered_at_the_latest_after_it(client, snippet, msg_type,
                                                                         content):
    running = client.start(snippet("spin"))
    request = client.send("shell", msg_type, content)
    client.let_arrive()
    client.interrupt()
    client.finish(running)
    assert client.reply(request).content["status"] in ("ok", "complete")
    client.until_idle(request)


def test_an_interrupted_completion_is_answered_and_no_failure(client):
    for _ in range(30):
        request = client.send("shell", "complete_request", {"code": "io.open('/", "cursor_pos": 10})
        client.interrupt()
        assert client.reply(request).content["status"] == "ok"
        client.until_idle(request)


def test_requests_do_not_change_the_execution_count(client, snippet):
    before = client.run("1").count
    complete(client, "pri|")
    inspect(client, "print|")
    is_complete(client, "1")
    assert client.run("1").count == before + 1
