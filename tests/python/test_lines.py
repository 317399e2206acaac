"""Questions of frontends about the lines for the kernel at the start of a cell: the kernel answers them."""
import pytest

EVALUATORS = ["echo", "lua"]
pytestmark = pytest.mark.hilum

NAMES = ["%%time", "%limit", "%status", "%undo"]
LIMITS = ["wall=", "cpu=", "memory=", "processes=", "files=", "output="]


def ask(client, kind, code):
    """Asks at the mark |."""
    cursor = code.index("|")
    code = code[:cursor] + code[cursor + 1:]
    return client.ask(kind, {"code": code, "cursor_pos": cursor, "detail_level": 0}).content


def complete(client, code):
    """What the code may become."""
    content = ask(client, "complete_request", code)
    plain = code.replace("|", "")
    types = content["metadata"].get("_jupyter_types_experimental", [])
    assert [entry["text"] for entry in types] == content["matches"]
    return [plain[:content["cursor_start"]] + match + plain[content["cursor_end"]:]
            for match in content["matches"]]


@pytest.mark.parametrize("typed, names", [
    ("%", NAMES), ("%%", ["%%time"]), ("%t", ["%%time"]), ("%%ti", ["%%time"]), ("%l", ["%limit"]),
    ("%un", ["%undo"]), ("%status", ["%status"]),
])
def test_a_name_is_completed(client, typed, names):
    assert complete(client, f"{typed}|") == names
    assert complete(client, f"\n%undo\n{typed}|\nreturn '\U0001d11e'") == \
        [f"\n%undo\n{name}\nreturn '\U0001d11e'" for name in names]


@pytest.mark.parametrize("typed, words", [
    ("", LIMITS), ("w", ["wall="]), ("wall=5s me", ["memory="]), ("wall=5s ", LIMITS),
])
def test_the_words_of_a_limit_are_completed(client, typed, words):
    rest = typed[:typed.rindex(" ") + 1] if " " in typed else ""
    assert complete(client, f"%limit {typed}|") == [f"%limit {rest}{word}" for word in words]


@pytest.mark.parametrize("code", ["%x|", "%time |", "%status w|", "return 1\n%|", " %|", "5 %|", "%limit wall=|" "%limit x|"])
def test_what_is_no_such_line_is_a_question_about_the_language(client, code):
    assert not set(ask(client, "complete_request", code)["matches"]) & {*NAMES, *LIMITS}


@pytest.mark.parametrize("code, usage", [
    ("%li|mit wall=5s", "%limit NAME=VALUE ..."), ("%undo\n%%time|\nx", "%%time"),
    ("|%status", None), ("%undo 1|", "%undo [COUNT]"), ("%x|", None), ("%undo\n|", None),
])
def test_a_line_is_explained(client, code, usage):
    content = ask(client, "inspect_request", code)
    assert content["status"] == "ok" and content["found"] == (usage is not None)
    if usage:
        first, blank, *text = content["data"]["text/plain"].split("\n")
        assert (first, blank) == (usage, "") and text[0].endswith((".", "MB."))


def test_each_line_that_can_be_completed_can_be_explained(client):
    for name in complete(client, "%|"):
        assert ask(client, "inspect_request", name + "|")["found"]


def test_a_cursor_that_is_missing_or_wrong_is_at_the_end(client):
    for content in ({"code": "%un"}, {"code": "%un", "cursor_pos": 99}, {"code": "%un", "cursor_pos": "1"}):
        assert client.ask("complete_request", content).content["matches"] == ["%undo"]


def test_a_cursor_before_the_start_is_at_the_start(client):
    content = client.ask("complete_request", {"code": "%un", "cursor_pos": -1}).content
    assert content["cursor_end"] == 0 and "%undo" not in content["matches"]
