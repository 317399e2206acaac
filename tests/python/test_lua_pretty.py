"""The text of results in Lua: tables with limits on depth, length and cycles, and metamethods."""
import json
import re

import pytest

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

OWN = 'setmetatable({1}, {__tostring = function() return %s end})'

SHOWN = {
    "{}": "{}",
    '{1, 2.5, "a", true}': '{1, 2.5, "a", true}',
    "{nil, 2, nil, 4}": "{nil, 2, nil, 4}",
    '{1, 2, b = 3, a = 1, ["x y"] = 2, [10] = 5, [true] = 1}':
        '{1, 2, [10] = 5, a = 1, b = 3, ["x y"] = 2, [true] = 1}',
    '{["end"] = 1, ["\u00e9"] = 2}': '{["end"] = 1, ["\u00e9"] = 2}',
    "{{1}, {a = {}}}": "{{1}, {a = {}}}",
    # Cycles
    "t = {} t.me = t return t": "{me = {<cycle>}}",
    "a = {} b = {a = a} a.b = b return a": "{b = {a = {<cycle>}}}",
    "t = {} t[1] = {t, t} return t": "{{{<cycle>}, {<cycle>}}}",
    "s = {1} return {s, s}": "{{1}, {1}}",
    # Metamethods
    OWN % '"own"': "own",
    "{" + OWN % '"own"' + "}": "{own}",
    OWN % 'error("bad", 0)': "<error in __tostring: bad>",
    OWN % "{}": "<__tostring gave a table>",
    'setmetatable({x = 1}, {__name = "Point"})': "Point {x = 1}",
    'setmetatable({1}, {__name = 5})': "{1}",
    'setmetatable({1}, {__metatable = "locked"})': "{1}",
    'setmetatable({1}, {__index = error, __len = error, __pairs = error, __eq = error})': "{1}",
    # Values that no table holds
    '"a\\n\\0\\255\\"\u00e9"': '"a\\n\\0\\255\\"\u00e9"',
    "-0.0": "-0.0",
    "math.mininteger": "-9223372036854775808",
    "print": "function: print (builtin)",
    "string.rep": "function: string.rep (builtin)",
    "function f(a, ...) end return {f}": re.compile(r"\{function\(a, \.\.\.\) \(cell \d+:1\)\}"),
    "coroutine.create(print)": re.compile(r"thread: 0x\w+ \(suspended\)"),
    "{[{}] = 1}": re.compile(r"\{\[table: 0x\w+\] = 1\}"),
}


@pytest.mark.parametrize("code", SHOWN, ids=ascii)
def test_a_value_is_shown(client, code):
    run = client.run(code)
    assert run.status == "ok", run
    expected = SHOWN[code]
    if isinstance(expected, str):
        assert run.result == expected
    else:
        assert expected.fullmatch(run.result)


def nested(levels):
    return f"t = {{}} for i = 1, {levels} do t = {{t}} end return t"


def test_a_deep_table_is_cut(client):
    assert client.run(nested(5)).result == "{" * 6 + "}" * 6
    assert client.run(nested(6)).result == "{" * 7 + "}" * 7
    assert client.run(nested(7)).result == "{" * 7 + "..." + "}" * 7
    assert client.run(nested(100_000)).result == "{" * 7 + "..." + "}" * 7


def test_a_long_list_is_cut_and_says_how_much_is_missing(client):
    shown = client.run("t = {} for i = 1, 1000 do t[i] = i end return t").result
    numbers = [int(number) for number in re.findall(r"\d+(?=,|$)", shown, re.M)]
    assert numbers == list(range(1, 101))
    assert shown.endswith("... 900 more\n}")
    assert max(map(len, shown.splitlines())) <= 80


def test_many_keys_are_cut(client):
    shown = client.run("t = {} for i = 1, 1000 do t['k' .. i] = i end return t").result
    assert len(re.findall(r"k\d+ = \d+", shown)) == 100
    assert "..." in shown.splitlines()[-2]


def test_tables_that_share_tables_do_not_explode(client):
    """Two to the power of thirty paths lead through it."""
    shown = client.run("t = {} for i = 1, 30 do t = {t, t} end return t").result
    assert len(shown) < 50_000


def test_long_texts_in_a_table_are_cut(client):
    shown = client.run("return {('x'):rep(300)}").result
    assert shown.count("x") == 200
    assert "(300 bytes)" in shown


def test_wide_tables_take_a_line_for_each_key(client):
    shown = client.run("return {a = ('x'):rep(50), b = ('y'):rep(50), c = {1, 2}}").result
    assert shown.splitlines() == ["{", f'  a = "{"x" * 50}",', f'  b = "{"y" * 50}",',
                                  "  c = {1, 2}", "}"]


def test_the_options_set_the_limits(start_kernel, tmp_path):
    config = tmp_path / "hilum.json"
    config.write_text(json.dumps({"evaluators": {"lua": {"options": {
        "pretty_depth": 2, "pretty_items": 3}}}}))
    with start_kernel(env={"HILUM_CONFIG": str(config)}).client() as client:
        assert client.run("{{1}}").result == "{{1}}"
        assert client.run("{{{}}}").result == "{{{}}}"
        assert client.run("{{{1}}}").result == "{{{...}}}"
        assert client.run("{1, 2, 3, 4, 5}").result == "{1, 2, 3, ... 2 more}"
