"""string.rep of the Lua evaluator, which has its own for long strings."""
import json

import pytest

EVALUATORS = ["lua"]


@pytest.mark.parametrize("text, count, separator", [
    ("0123456789abcdef", 200_003, None), ("x", 1 << 20, ""), ("x", 3_000_001, ", "),
    ("", 1_500_000, "ab"),
    ("abc" * 100_000, 7, None), ("abc" * 400_000, 2, "-" * 200_000), (12, 700_000, 3),
])
def test_a_long_repetition_is_what_it_should_be(client, text, count, separator):
    between = "" if separator is None else str(separator)
    arguments = [json.dumps(text), str(count)]
    if separator is not None:
        arguments.append(json.dumps(separator))
    unit = len(str(text)) + len(between)
    run = client.run(f"""local s = string.rep({", ".join(arguments)})
        local t = {{}}
        for i = 1, {count} do t[i] = {arguments[0]} end
        return s == table.concat(t, "{between}") and #s""")
    assert run.result == str(unit * count - len(between))


@pytest.mark.parametrize("code, complaint", [
    ('("x"):rep(1 << 62, "yy")', "resulting string too large"),
    ('string.rep({}, 3)', "bad argument #1 to 'rep'"),
    ('string.rep("x")', "bad argument #2 to 'rep'"),
    ('string.rep("x", 3, {})', "bad argument #3 to 'rep'"),
])
def test_a_repetition_that_cannot_be_is_complained_about(client, code, complaint):
    error, = client.run(f"return {code}").errors
    assert complaint in error["evalue"]
