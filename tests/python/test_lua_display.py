"""Lua's module display, and __display: what is shown in which forms, and what is refused."""
import base64
import json
import re

import pytest

from harness import kernel as kernels
from harness import limits

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

PNG = kernels.TOP / "plugins" / "lua" / "logo-32x32.png"
SVG = kernels.TOP / "plugins" / "lua" / "logo-svg.svg"


def shown(run):
    """The one display_data of a cell that has no other output."""
    assert run.status == "ok", run
    assert [m.type for m in run.outputs] == ["display_data"], run
    return run.of_type("display_data")[0]


def result(run):
    assert run.status == "ok", run
    assert [m.type for m in run.outputs] == ["execute_result"], run
    return run.of_type("execute_result")[0]


def error(run):
    assert run.status == "error", run
    assert len(run.errors) == 1
    return run.content["evalue"]


# ---- forms ----

@pytest.mark.parametrize("code, data", [
    ('display.html("<b>x</b>")', {"text/html": "<b>x</b>", "text/plain": "<text/html, 8 bytes>"}),
    ('display.markdown("*x*")', {"text/markdown": "*x*", "text/plain": "*x*"}),
    ('display.latex("$x^2$")', {"text/latex": "$x^2$", "text/plain": "$x^2$"}),
    ('display.svg("<svg/>")', {"image/svg+xml": "<svg/>",
                               "text/plain": "<image/svg+xml, 6 bytes>"}),
    ('display.text("a\\nb")', {"text/plain": "a\nb"}),
    ("display.text(1.5)", {"text/plain": "1.5"}),
    ("display.html(5)", {"text/html": "5", "text/plain": "<text/html, 1 bytes>"}),
    ("display({1, 2})", {"text/plain": "{1, 2}"}),
    ('display("text")', {"text/plain": '"text"'}),
    ("display(nil)", {"text/plain": "nil"}),
    ("display(false)", {"text/plain": "false"}),
    ('require("display").text("required")', {"text/plain": "required"}),
    ('display.bundle{["text/html"] = "<i>", ["x/y"] = "z"}',
     {"text/html": "<i>", "x/y": "z", "text/plain": "<text/html> <x/y>"}),
    ('display.bundle{["text/plain"] = "own"}', {"text/plain": "own"}),
    ('display.bundle{["application/vnd.vega.v5+json"] = {mark = {"bar"}}, ["text/plain"] = ""}',
     {"application/vnd.vega.v5+json": {"mark": ["bar"]}, "text/plain": ""}),
    ('display.bundle{["application/json"] = "[1, null]", ["text/plain"] = ""}',
     {"application/json": [1, None], "text/plain": ""}),
    ('display.html("a\\xffb")', {"text/html": "a\ufffdb", "text/plain": "<text/html, 3 bytes>"}),
], ids=ascii)
def test_a_form_is_shown_at_once_and_is_no_result(client, code, data):
    content = shown(client.run(code))
    assert content["data"] == data
    assert content["metadata"] == {}
    assert content["transient"]["display_id"]


def test_display_shows_each_value_by_itself(client):
    run = client.run('display(1, "b", {})')
    assert [c["data"]["text/plain"] for c in run.of_type("display_data")] == ["1", '"b"', "{}"]
    assert len(run.outputs) == 3


def test_what_was_shown_is_not_shown_again_by_display(client):
    assert shown(client.run('display(display.html("x"))'))["data"]["text/html"] == "x"


def test_displays_and_prints_keep_their_order(client):
    run = client.run('print(1) display.text(2) io.write(3) display.text(4) print(5)\n'
                     'io.stdout:setvbuf("full") print(6) display.text(7) print(8)\n'
                     'io.stdout:setvbuf("no") 9')
    said = [m.content["text"] if m.type == "stream" else m.content["data"]["text/plain"]
            for m in run.outputs]
    assert "".join(said).replace("\n", "") == "123456789"


def test_metadata_is_stored_under_the_mime_type(client):
    content = shown(client.run('display.html("x", {isolated = true})'))
    assert content["metadata"] == {"text/html": {"isolated": True}}
    content = shown(client.run(f'display.image("{PNG}", {{width = 10, height = 20}})'))
    assert content["metadata"] == {"image/png": {"width": 10, "height": 20}}
    content = shown(client.run('display.bundle({["a/b"] = "x"}, {["a/b"] = {c = 1}})'))
    assert content["metadata"] == {"a/b": {"c": 1}}


# ---- images ----

@pytest.mark.parametrize("code", ['display.png("{}")', 'display.image("{}")',
                                  'local f <close> = io.open("{}", "rb") display.png(f:read("a"))',
                                  'local f <close> = io.open("{}", "rb") display.image(f:read("a"))',
                                  'local f <close> = io.open("{}", "rb")\n'
                                  'display.bundle{{["image/png"] = f:read("a")}}'])
def test_a_png_arrives_as_it_is_in_the_file(client, code):
    data = shown(client.run(code.format(PNG)))["data"]
    assert base64.b64decode(data["image/png"], validate=True) == PNG.read_bytes()


def test_an_image_is_recognized_by_its_first_bytes(client, kernel):
    for mime_type, start in (("image/jpeg", b"\xff\xd8\xff\xe0"), ("image/gif", b"GIF89a"),
                             ("image/webp", b"RIFF\0\0\0\0WEBPVP8 ")):
        path = kernel.folder / "picture"
        path.write_bytes(start + b"rest")
        data = shown(client.run(f'display.image("{path}")'))["data"]
        assert base64.b64decode(data[mime_type]) == start + b"rest"
    assert shown(client.run(f'display.image("{SVG}")'))["data"]["image/svg+xml"] == SVG.read_text()
    data = shown(client.run('display.jpeg("\\xff\\xd8\\xff")'))["data"]
    assert data == {"image/jpeg": "/9j/", "text/plain": "<image/jpeg, 3 bytes>"}


@pytest.mark.parametrize("code, sentence", [
    ('display.png("/nowhere/x.png")', "cannot read /nowhere/x.png: No such file or directory"),
    ('display.image("/")', "cannot read /: Is a directory"),
    ('display.image("/dev/null")', "/dev/null is not an image of a kind that notebooks show"),
    ('display.image("/dev/zero")', "/dev/zero is too large to be shown: more than 64 MiB"),
    (f'display.jpeg("{PNG}")', f"{PNG} is not image/jpeg but image/png"),
    ('display.png("\\0")', "bad argument #1 to 'png' (neither an image nor the name of a file)"),
    ("display.png({})", "bad argument #1 to 'png' (string expected, got table)"),
])
def test_what_is_no_image_is_refused(client, code, sentence):
    assert error(client.run(code)) == sentence


# ---- replacing and clearing ----

def test_a_handle_replaces_what_was_shown(client):
    run = client.run('h = display.html("1") h:update("2") h:update("3", {isolated = true})')
    assert [m.type for m in run.outputs] == ["display_data"] + 2 * ["update_display_data"]
    assert [m.content["data"]["text/html"] for m in run.outputs] == ["1", "2", "3"]
    assert len({m.content["transient"]["display_id"] for m in run.outputs}) == 1
    assert run.outputs[2].content["metadata"] == {"text/html": {"isolated": True}}
    first = run.outputs[0].content["transient"]
    run = client.run('h:markdown("*4*")')
    assert [m.type for m in run.outputs] == ["update_display_data"]
    assert run.outputs[0].content["transient"] == first
    assert run.outputs[0].content["data"]["text/markdown"] == "*4*"


def test_update_takes_the_form_that_was_shown_first(client):
    run = client.run('local h = display({1}) h:update({2}) h:table({{3}}) h:update({4})')
    plain = [m.content["data"]["text/plain"] for m in run.outputs]
    assert plain == ["{1}", "{2}", "3", "{4}"]
    run = client.run('local t = display.table({{a = 1}}) t:update({{a = 2}})')
    assert "<td" in run.of_type("update_display_data")[0]["data"]["text/html"]


def test_display_ids_are_not_used_twice(client):
    run = client.run("for i = 1, 100 do display(i) end")
    ids = [c["transient"]["display_id"] for c in run.of_type("display_data")]
    assert len(set(ids)) == 100


def test_handles_beside_other_values_are_shown(client):
    run = client.run('return 1, display.text("x")')
    assert re.fullmatch(r"1\tdisplay: [0-9a-f]{32}", run.result)
    assert client.run('return display.text("x"), display.text("y")').result is None
    assert re.fullmatch(r"\{display: [0-9a-f]{32}\}", client.run('{display.text("x")}').result)


def test_clear_clears_at_once_or_with_the_next_output(client):
    run = client.run("print(1) display.clear() display.clear(true) print(2)")
    assert [m.type for m in run.outputs] == ["stream", "clear_output", "clear_output", "stream"]
    assert [c["wait"] for c in run.of_type("clear_output")] == [False, True]


# ---- __display ----

POINT = """
Point = {}
Point.__index = Point
Point.__display = function(self)
    return {["text/html"] = "<b>" .. self.x .. "</b>"}, {["text/html"] = {isolated = true}}
end
Full = {__display = function() return {["text/html"] = "h", ["text/plain"] = "p"} end}
Shy = {__display = function() end}
Named = {__display = Full.__display, __tostring = function() return "named" end,
         __name = "Named"}
"""


def test_display_is_honoured_for_results_and_by_display(client):
    client.run(POINT)
    for run, content in ((run, get(run)) for run, get in (
            (client.run("setmetatable({x = 5}, Point)"), result),
            (client.run("display(setmetatable({x = 5}, Point))"), shown))):
        assert content["data"] == {"text/html": "<b>5</b>", "text/plain": "{x = 5}"}, run
        assert content["metadata"] == {"text/html": {"isolated": True}}
    assert result(client.run("setmetatable({}, Full)"))["data"] == \
        {"text/html": "h", "text/plain": "p"}


def test_plain_tables_stay_text(client):
    assert result(client.run('{["text/html"] = "x"}'))["data"] == \
        {"text/plain": '{["text/html"] = "x"}'}


def test_display_may_decline(client):
    client.run(POINT)
    assert result(client.run("setmetatable({1}, Shy)"))["data"] == {"text/plain": "{1}"}


def test_several_results_are_text(client):
    client.run(POINT)
    data = result(client.run("1, setmetatable({x = 2}, Point)"))["data"]
    assert data == {"text/plain": "1\t{x = 2}"}


def test_update_honours_display(client):
    client.run(POINT)
    run = client.run("local h = display(1) h:update(setmetatable({x = 7}, Point))")
    assert run.of_type("update_display_data")[0]["data"]["text/html"] == "<b>7</b>"


def test_user_expressions_honour_display(client):
    client.run(POINT)
    run = client.run("p = setmetatable({x = 6}, Point)",
                     user_expressions={"p": "p", "bad": "setmetatable({}, {__display = error})"})
    values = run.content["user_expressions"]
    assert values["p"]["data"] == {"text/html": "<b>6</b>", "text/plain": "{x = 6}"}
    assert values["p"]["metadata"] == {"text/html": {"isolated": True}}
    assert values["bad"]["status"] == "error"


def test_a_binary_form_by_display_is_base64(client):
    run = client.run('setmetatable({}, {__display = function()\n'
                     'return {["image/png"] = "\\0\\xff", ["text/plain"] = ""} end})')
    assert result(run)["data"]["image/png"] == base64.b64encode(b"\0\xff").decode()


@pytest.mark.parametrize("body, sentence", [
    ('error("wrong")', "wrong"),
    ('return "<b>"', "__display returned a string, expected a table of representations"),
    ('return display.html("x")', "__display returned a userdata"),
    ('return {html = "x"}', 'a MIME type such as "text/html", not html'),
    ('return {"x"}', "stored under MIME types, not in a list"),
    ('return {[true] = "x"}', "not true"),
    ('return {["text/html"] = {}}', "text/html must be a string, not a table"),
    ('return {["application/json"] = "{"}', "application/json: a string must be JSON text"),
    ('return {["application/json"] = {f = print}}', "a function has no JSON form (value.f)"),
    ('return {["text/html"] = ""}, 5', "metadata must be a table, not a number"),
    ('return {["text/html"] = ""}, {1}', "metadata must have string keys"),
    ("return display(self)", "C stack overflow"),
], ids=ascii)
def test_a_fault_in_display_is_an_error_of_the_cell(client, body, sentence):
    object_ = f"setmetatable({{}}, {{__display = function(self) {body} end}})"
    for code in (object_, f"display({object_})"):
        assert sentence in error(client.run(code))
    client.check_alive()


def test_an_error_in_display_has_its_traceback(client):
    client.run("Bad = {__display = function(self)\n  return nil .. self.x\nend}")
    run = client.run("local bad = setmetatable({}, Bad)\nbad")
    text = "\n".join(run.content["traceback"])
    assert "return nil .. self.x" in text
    assert "[C]: in ?" not in text


@pytest.mark.parametrize("code", [
    "setmetatable({}, {__display = function() print('started') while true do end end})",
    "print('started') while true do pcall(display, 1) end",
    "print('started') local h = display(1) while true do h:update(2) end",
    "t = {} for i = 1, 1000 do t[i] = {} end print('started')\n"
    "while true do display.json(t) end",
])
def test_showing_can_be_interrupted(client, code):
    running = client.start(code)
    client.interrupt()
    assert client.finish(running, timeout=3 * limits.EVENT).status == "aborted"
    client.check_alive()


def test_a_pipe_that_nobody_writes_to_can_be_interrupted(client, kernel):
    path = kernel.folder / "fifo"
    running = client.start(f'os.execute("mkfifo {path}") print("started") display.png("{path}")')
    client.interrupt()
    assert client.finish(running).status == "aborted"
    client.check_alive()


# ---- JSON ----

@pytest.mark.parametrize("code, value", [
    ("{}", {}), ("display.array{}", []), ("display.array({1})", [1]), ("{1, 2, {3}}", [1, 2, [3]]),
    ("{1, nil, 3}", [1, None, 3]), ("{a = {b = {}}}", {"a": {"b": {}}}),
    ("{display.null, {x = display.null}}", [None, {"x": None}]), ("nil", None), ("true", True),
    ("{math.mininteger, math.maxinteger, 1.5, 1e300, 0.1, 2^53, -0.0}",
     [-2**63, 2**63 - 1, 1.5, 1e300, 0.1, 2**53, -0.0]),
    ('{"\\"\\\\\\n\\0\\x7f/"}', ['"\\\n\0\x7f/']), ('{["k\\"\\n"] = 1}', {'k"\n': 1}),
    ('{"\\u{1F600}\\xff\\xed\\xa0\\x80"}', ["\U0001f600" + 4 * "\ufffd"]),
    ('"{\\"a\\": [1, 2.5e-3, \\"\\\\u00e9\\"]}"', {"a": [1, 2.5e-3, "\u00e9"]}),
    ('" 17 "', 17), ('"\\"text\\""', "text"),
], ids=ascii)
def test_json(client, code, value):
    assert shown(client.run(f"display.json({code})"))["data"]["application/json"] == value


def test_json_comes_with_text(client):
    assert shown(client.run("display.json{1, display.null}"))["data"]["text/plain"] == "{1, null}"
    assert shown(client.run("display.json('[1]')"))["data"]["text/plain"] == "[1]"


def test_keys_of_objects_are_sorted(client):
    client.run("t = {} for i = 99, 10, -1 do t['k' .. i] = i end")
    data = shown(client.run("display.json(t)"))["data"]["application/json"]
    assert list(data) == [f"k{i}" for i in range(10, 100)]


def test_the_same_table_twice_is_no_cycle(client):
    data = shown(client.run("local t = {1} display.json{t, {t}}"))["data"]
    assert data["application/json"] == [[1], [[1]]]


def test_a_long_list_is_complete(client):
    client.run("t = {} for i = 1, 300000 do t[i] = i end")
    data = shown(client.run("display.json(t)", timeout=3 * limits.EVENT))["data"]
    assert data["application/json"] == list(range(1, 300001))
    client.run("t = {} for i = 1, 30000 do t['k' .. i] = i end")
    assert len(shown(client.run("display.json(t)"))["data"]["application/json"]) == 30000


@pytest.mark.parametrize("code, sentence", [
    ("local t = {} t.a = {t} display.json(t)",
     "a table that contains itself has no JSON form (value.a[1])"),
    ("local t = {} for i = 1, 500 do t = {t} end display.json(t)", "nested too deeply for JSON"),
    ("display.json({x = {1, print}})", "a function has no JSON form (value.x[2])"),
    ("display.json({io.stdout})", "a userdata has no JSON form (value[1])"),
    ("display.json({0/0})", "nan and inf have no JSON form, use display.null (value[1])"),
    ("display.json({1, a = 2})", "a table with a list and other keys has no JSON form (value)"),
    ("display.json({x = {[5] = 1}})", "a table with a key 5 that is neither"),
    ("display.json()", "bad argument #1 to 'json' (value expected)"),
    ('display.json("")', "at byte 1: expected a value"),
    ('display.json("{\\"a\\":1,}")', "at byte 8: expected a string"),
    ('display.json("[1 2]")', "at byte 4: expected ',' or the closing bracket"),
    ('display.json("01")', "at byte 2: text after the value"),
    ('display.json("\\"\\n\\"")', "at byte 2: control character in a string"),
    ('display.json("\\"\\xff\\"")', "at byte 2: invalid UTF-8"),
    ('display.json("\\"\\\\x\\"")', "at byte 3: unknown escape"),
    ('display.json("nul")', "expected a value"), ('display.json("-")', "expected a digit"),
    ('display.json(("["):rep(1000))', "nested too deeply"),
    ("display.array(1)", "table expected"),
], ids=ascii)
def test_what_is_no_json_is_refused(client, code, sentence):
    assert sentence in error(client.run(code))


# ---- tables ----

def rows_of(html):
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S)
            for row in re.findall(r"<tr>(.*?)</tr>", html, re.S)]


@pytest.mark.parametrize("arguments, rows", [
    ("{{a = 1, b = 'x'}, {b = 'y', c = true}}",
     [["a", "b", "c"], ["1", "x", ""], ["", "y", "true"]]),
    ("{{1, 2}, {3, 4, 5}}", [["1", "2", ""], ["3", "4", "5"]]),
    ("{{1, 2}, {3, 4}}, {columns = {'p', 'q'}}", [["p", "q"], ["1", "2"], ["3", "4"]]),
    ("{{a = 1, b = 2}}, {columns = {'b'}}", [["b"], ["2"]]),
    ("{{a = 1, b = 2}}, {columns = {'b', 'z', 'a'}}", [["b", "z", "a"], ["2", "", "1"]]),
    ("{{'l', k = 'v'}}", [["1", "k"], ["l", "v"]]),
    ("{}", []), ("{{}}", [[]]),
    ("{{a = {1, 2}}}", [["a"], ["{1, 2}"]]),
    ("{setmetatable({}, {__index = {a = 9}})}, {columns = {'a'}}", [["a"], ["9"]]),
    ("{{a = setmetatable({}, {__tostring = function() return 'own' end})}}", [["a"], ["own"]]),
], ids=ascii)
def test_a_table_has_a_row_for_each_entry(client, arguments, rows):
    data = shown(client.run(f"display.table({arguments})"))["data"]
    assert set(data) == {"text/html", "text/markdown", "text/plain"}
    assert rows_of(data["text/html"]) == rows


def test_what_is_in_a_table_is_escaped(client):
    evil = "<script>alert(1)</script> & \\\"|*_`"
    run = client.run(f'display.table({{{{["{evil}"] = "{evil}"}}}}, {{caption = "{evil}"}})')
    data = shown(run)["data"]
    assert "<script" not in data["text/html"]
    assert data["text/html"].count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;|*_`") == 3
    assert "<script" not in data["text/markdown"]
    assert "\\|\\*\\_\\`" in data["text/markdown"]
    assert "<script>" in data["text/plain"]


def test_the_text_forms_of_a_table(client):
    client.run('rows = {{name = "Earth", radius = 6371}, {name = "V\u00e9nus", radius = 6051.8}}')
    data = shown(client.run('display.table(rows, {caption = "Planets"})'))["data"]
    assert data["text/plain"] == ("Planets\nname   radius\n-----  ------\n"
                                  "Earth    6371\nV\u00e9nus  6051.8")
    assert data["text/markdown"] == ("**Planets**\n\n| name | radius |\n| --- | ---: |\n"
                                     "| Earth | 6371 |\n| V\u00e9nus | 6051.8 |\n")
    assert "<caption>Planets</caption>" in data["text/html"]
    assert '<td style="text-align: right">6371</td>' in data["text/html"]
    assert '<td style="text-align: left">Earth</td>' in data["text/html"]
    data = shown(client.run('display.table({{"two\\nlines", "b"}})'))["data"]
    assert data["text/plain"] == "two lines  b"
    assert "two<br>\nlines" in data["text/html"]
    assert "two<br>lines" in data["text/markdown"]


def test_a_long_table_says_what_it_leaves_out(client):
    client.run("rows = {} for i = 1, 1234 do rows[i] = {i} end")
    data = shown(client.run("display.table(rows)"))["data"]
    assert len(rows_of(data["text/html"])) == 1000
    for text in data.values():
        assert "... 234 more rows" in text
    data = shown(client.run("display.table(rows, {limit = 2000})"))["data"]
    assert len(rows_of(data["text/html"])) == 1234
    assert "more" not in data["text/html"]
    data = shown(client.run("display.table({{1}}, {limit = 0})"))["data"]
    assert "... 1 more row<" in data["text/html"]


@pytest.mark.parametrize("code, sentence", [
    ("display.table(1)", "bad argument #1 to 'table' (table expected, got number)"),
    ("display.table({1})", "row 1 is a number, expected a table"),
    ("display.table({a = {}})", "shows a list of rows"),
    ("display.table({{}}, {colums = {}})", "no option 'colums'"),
    ("display.table({{}}, {columns = 'a'})", "must be a list of names"),
    ("display.table({{}}, {limit = -1})", "must be a count of rows"),
    ("local r = {} for i = 1, 1001 do r['c' .. i] = i end display.table({r})",
     "more than 1000 columns"),
    ("display(1):table(1)", "table expected, got number"),
    ("display.table({setmetatable({}, {__index = function() error('deep') end})},"
     " {columns = {'a'}})", "deep"),
], ids=ascii)
def test_what_is_no_table_is_refused(client, code, sentence):
    assert sentence in error(client.run(code))


# ---- wrong use, and bounds ----

@pytest.mark.parametrize("code, sentence", [
    ("display()", "display needs a value"),
    ("display.html()", "bad argument #1 to 'html' (value expected)"),
    ("display.html({})", "bad argument #1 to 'html' (string expected, got table)"),
    ('display.html("x"):update()', "bad argument #1 to 'update' (value expected)"),
    ('display.html("x"):html(nil)', "bad argument #1 to 'html' (string expected, got nil)"),
    ('display(1):update(display.html("x"))', "has been shown by itself"),
    ('display.html("x", 5)', "metadata must be a table, not a number"),
    ("display.bundle{x = 1}", 'a MIME type such as "text/html", not x'),
    ("display.bundle(5)", "table expected"),
    ("local b = {} for i = 1, 33 do b['a/' .. i] = '' end display.bundle(b)",
     "32 representations, not more"),
    ("display(1).update()", "display expected, got no value"),
], ids=ascii)
def test_wrong_use_is_an_error_that_says_so(client, code, sentence):
    assert sentence in error(client.run(code))


TOO_LARGE = "the value is too large to be shown: more than 64 MiB"


@pytest.mark.parametrize("code", [
    'display.html(("x"):rep(65 << 20))',
    'display.html(("\\1"):rep(11 << 20))',
    'display.png("\\x89PNG\\r\\n\\x1a\\n" .. ("x"):rep(49 << 20))',
    'local s = ("x"):rep(1 << 20) local t = {} for i = 1, 65 do t[i] = s end display.json(t)',
    'local s = ("x"):rep(1 << 20) local t = {} for i = 1, 40 do t[i] = {s} end display.table(t)',
    'setmetatable({}, {__display = function()\n'
    'return {["text/html"] = ("x"):rep(40 << 20), ["a/b"] = ("y"):rep(40 << 20)} end})',
], ids=range(6))
@pytest.mark.time_limit(120)
def test_too_much_is_refused(client, code):
    assert error(client.run(code, timeout=5 * limits.EVENT)).endswith(TOO_LARGE)
    client.check_alive()


def test_megabytes_are_shown(client):
    run = client.run('display.html(("x"):rep(8 << 20))', timeout=5 * limits.EVENT)
    assert len(shown(run)["data"]["text/html"]) == 8 << 20


def test_many_displays_take_no_memory(client):
    """What a display was made of is freed at once: Lua would not know that it is large."""
    run = client.run("local t = {} for i = 1, 20000 do t[i] = i end\n"
                     "local function size()\n"
                     "  for line in io.lines('/proc/self/status') do\n"
                     "    local kib = line:match('VmRSS:%s+(%d+)')\n"
                     "    if kib then return tonumber(kib) end end end\n"
                     "local h = display.json(t) local before = size()\n"
                     "collectgarbage('stop') for i = 1, 100 do h:update(t) end\n"
                     "collectgarbage('restart') return (size() - before) // 1024",
                     timeout=3 * limits.EVENT)
    if not kernels.is_instrumented():
        assert int(run.result) < 500


def test_the_text_of_a_result_is_cut_visibly(client):
    text = client.run("local t = {} for i = 1, 30 do t[i] = ('x'):rep(20000) end\n"
                      "return table.unpack(t)").result
    assert len(text) < 257 * 1024
    assert text.endswith("...")


def test_the_init_file_can_prepare_but_not_show(start_kernel, tmp_path):
    init, config = tmp_path / "init.lua", tmp_path / "hilum.json"
    init.write_text('ok, sentence = pcall(display.text, "early") cleared = pcall(display.clear)\n'
                    "Named = {__display = function() return {['text/html'] = 'n'} end}")
    config.write_text(json.dumps({"evaluators": {"lua": {"options": {"init": str(init)}}}}))
    with start_kernel(env={"HILUM_CONFIG": str(config)}).client() as client:
        assert client.run("return ok, cleared, sentence").result == \
            'false\tfalse\t"nothing can be displayed while no cell runs"'
        assert result(client.run("setmetatable({}, Named)"))["data"]["text/html"] == "n"


def test_inspection_shows_nothing(client):
    client.run("o = setmetatable({}, {__tostring = function() display(1) return 'o' end})")
    reply = client.ask("inspect_request", {"code": "o", "cursor_pos": 1, "detail_level": 0})
    assert "while no cell runs" in reply.content["data"]["text/plain"]
    client.check_alive()


# ---- help ----

def test_display_completes_and_has_documentation(client):
    matches = client.ask("complete_request", {"code": "display.", "cursor_pos": 8}).content["matches"]
    assert {"html", "table", "clear", "array", "null"} <= set(matches)
    reply = client.ask("inspect_request", {"code": "display.table(", "cursor_pos": 14,
                                           "detail_level": 0})
    assert "display.table(rows [, options])" in reply.content["data"]["text/plain"]


def test_json_of_the_wire_is_what_was_meant(client):
    """Not only for our own parser: the frame's text itself."""
    run = client.run("display.json{b = 1, a = display.array{}}")
    frame = next(m for m in run.messages if m.type == "display_data").frames[-1]
    assert b'"application/json":{"a":[],"b":1}' in frame
    assert json.loads(frame)
