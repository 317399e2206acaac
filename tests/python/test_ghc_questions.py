"""What the Haskell session answers about code that does not run: completion, inspection, whether a
cell is complete. Each table is (code with the cursor as a bar, what the answer has)."""
import os

import pytest

from harness import kernel as kernels
from harness.program import Program

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

SESSION = kernels.BUILD / "plugins/ghc/hilum-ghc-session"
if not os.access(SESSION, os.X_OK):
    pytest.skip("the Haskell session program was not built", allow_module_level=True)

BEFORE = [
    "import qualified Data.Map as Map",
    "import Data.Char (isSpace, toUpper)",
    "data Person = Person { firstName :: String, yearBorn :: Int } deriving Show",
    'ada = Person "Ada" 1815',
    "-- | Adds one.\nincrement :: Int -> Int\nincrement = (+ 1)",
    "class Shape a where\n  areaOf :: a -> Double",
    "infixl 6 |+|\na |+| b = a * 10 + b",
]


@pytest.fixture(scope="module")
def session():
    program = Program([str(SESSION)], env={"LC_ALL": "C.UTF-8"})
    for number, code in enumerate(BEFORE, 1):
        assert program.cell(code, number).status == "ok", program.events
    yield program
    program.close()


COMPLETIONS = [
    # names in scope
    ("incr|", ["increment"], "incr"),
    ("fol|", ["foldMap", "foldl", "foldl1", "foldr", "foldr1"], "fol"),
    ("map incr| [1]", ["increment"], "incr"),
    ("isSp|", ["isSpace"], "isSp"),
    ("areaO|", ["areaOf"], "areaO"),
    ("Pers|", ["Person"], "Pers"),
    ("x = Noth|", ["Nothing"], "Noth"),
    ("f :: Eith|", ["Either"], "Eith"),
    ("displ|", ["display", "displayAs"], "displ"),
    ("wher|", ["where"], "wher"),
    # what the cell itself mentions
    ("let xylophone = 1 in xylo|", ["xylophone"], "xylo"),
    # qualified names and modules
    ("Map.insertWithK|", ["Map.insertWithKey", "Map.insertWithKey'"], "Map.insertWithK"),
    ("Data.List.sortO|", ["Data.List.sortOn"], "Data.List.sortO"),
    ("Data.Containers.L|", ["Data.Containers.ListUtils"], "Data.Containers.L"),
    # imports
    ("import Data.Containers.L|", ["Data.Containers.ListUtils"], "Data.Containers.L"),
    ("import qualified Data.Containers.L|", ["Data.Containers.ListUtils"], "Data.Containers.L"),
    ("import Data.List (sortB|", ["sortBy"], "sortB"),
    ("import Data.List (nub, sortB|", ["sortBy"], "sortB"),
    ("import Data.List\n  ( nub\n  , sortB|", ["sortBy"], "sortB"),
    ("import Data.Maybe (Maybe(Ju|", ["Just"], "Ju"),
    ("import Data.List hid|", ["hiding"], "hid"),
    # extensions and flags
    (":set -XLambdaC|", ["-XLambdaCase"], "-XLambdaC"),
    (":set -XNoLambdaC|", ["-XNoLambdaCase"], "-XNoLambdaC"),
    (":ext LambdaC|", ["LambdaCase"], "LambdaC"),
    ("{-# LANGUAGE LambdaC|", ["LambdaCase"], "LambdaC"),
    ("{-# LANGUAGE GADTs, LambdaC|", ["LambdaCase"], "LambdaC"),
    ("{-# LANG|", ["LANGUAGE"], "LANG"),
    ("{-# OPTIONS_GHC -Wname-sha|", ["-Wname-shadowing"], "-Wname-sha"),
    (":set -Wname-sha|", ["-Wname-shadowing"], "-Wname-sha"),
    # directives
    (":ty|", [":type"], ":ty"),
    (":type increm|", ["increment"], "increm"),
    (":module Data.Containers.L|", ["Data.Containers.ListUtils"], "Data.Containers.L"),
    (":module +Data.Containers.L|", ["Data.Containers.ListUtils"], "Data.Containers.L"),
    (":browse Data.Containers.L|", ["Data.Containers.ListUtils"], "Data.Containers.L"),
    (":show bind|", ["bindings"], "bind"),
    # records
    ("Person { firstN|", ["firstName"], "firstN"),
    ("Person { firstName = \"x\", year|", ["yearBorn"], "year"),
    ("ada { year|", ["yearBorn"], "year"),
    # without regard to case when nothing else is there
    ("FOLDMA|", ["foldMap"], "FOLDMA"),
    # nothing
    ("-- fol|", [], ""),
    ("{- fol|", [], ""),
    ("\"fol|", [], "fol"),
    ("noSuchNameAnywhere|", [], "noSuchNameAnywhere"),
]


@pytest.mark.parametrize("marked, matches, replaced", COMPLETIONS, ids=lambda v: v if isinstance(v, str) else "")
def test_completion(session, marked, matches, replaced):
    before, _, after = marked.partition("|")
    answer = session.request("complete_request", {"code": before + after, "cursor_pos": len(before)})
    assert answer["status"] == "ok"
    assert answer["matches"] == matches
    assert before[answer["cursor_start"]:answer["cursor_end"]] == replaced
    kinds = answer["metadata"]["_jupyter_types_experimental"]
    assert [entry["text"] for entry in kinds] == matches


def test_fields_come_first_in_a_record(session):
    code = "Person { "
    matches = session.request("complete_request", {"code": code, "cursor_pos": len(code)})["matches"]
    assert matches[:2] == ["firstName", "yearBorn"]


def test_names_of_the_session_come_before_those_of_libraries(session):
    matches = session.request("complete_request", {"code": "i", "cursor_pos": 1})["matches"]
    assert matches[0] == "increment" and "isSpace" in matches


def test_names_that_ghc_makes_for_itself_are_not_offered(session):
    matches = session.request("complete_request", {"code": "", "cursor_pos": 0})["matches"]
    assert "increment" in matches and not [name for name in matches if name.startswith("$t")]


def test_the_cursor_counts_code_points(session):
    code = 'putStrLn "\U0001d706\u03bb" >> incr'
    answer = session.request("complete_request", {"code": code, "cursor_pos": len(code)})
    assert answer["matches"] == ["increment"]
    assert code[answer["cursor_start"]:answer["cursor_end"]] == "incr"


def test_file_names_in_strings(session, tmp_path):
    (tmp_path / "numbers.csv").write_text("1")
    (tmp_path / "names").mkdir()
    code = f'readFile "{tmp_path}/n'
    answer = session.request("complete_request", {"code": code, "cursor_pos": len(code)})
    assert answer["matches"] == ["names/", "numbers.csv"]
    assert code[answer["cursor_start"]:] == "n"
    code = f":load {tmp_path}/nu"
    answer = session.request("complete_request", {"code": code, "cursor_pos": len(code)})
    assert answer["matches"] == ["numbers.csv"]


INSPECTIONS = [
    ("increm|ent 1", ["increment :: Int -> Int", "cell 5:3:1"]),
    ("increment |", ["increment :: Int -> Int"]),
    ("increment (|", ["increment :: Int -> Int"]),
    ("map|", ["map :: (a -> b) -> [a] -> [b]", "GHC.Base"]),
    ("Map.insert|", ["Map.insert :: Ord k => k -> a -> Map.Map k a -> Map.Map k a", "Data.Map.Internal"]),
    ("map . Map.insert|", ["Map.insert :: Ord k"]),
    ("Person|", ["Person :: String -> Int -> Person", "data Person", "cell 3"]),
    ("firstName|", ["firstName :: Person -> String"]),
    ("areaOf|", ["areaOf :: Shape a => a -> Double", "class Shape a"]),
    ("Shape|", ["class Shape a where", "cell 6"]),
    ("1 |+||", ["(|+|) :: ", "infixl 6 |+|"]),
    ("1 +| 2", ["(+) :: Num a => a -> a -> a", "infixl 6 +"]),
    ("Maybe|", ["data Maybe a = Nothing | Just a"]),
    ("import Data.Map|", ["module Data.Map", "containers"]),
    ("display|", ["display :: Display a => a -> IO ()", "Shows a value"]),
]


@pytest.mark.parametrize("marked, expected", INSPECTIONS, ids=lambda v: v if isinstance(v, str) else "")
def test_inspection(session, marked, expected):
    at = marked.index("|") if marked.count("|") == 1 else marked.rindex("|")
    code = marked[:at] + marked[at + 1:]
    answer = session.request("inspect_request", {"code": code, "cursor_pos": at, "detail_level": 0})
    assert answer["status"] == "ok" and answer["found"], answer
    for part in expected:
        assert part in answer["data"]["text/plain"]
        assert part in answer["data"]["text/markdown"]


@pytest.mark.parametrize("code", ["noSuchName", "123", "", "   ", ")", '"text"', "-- comment"])
def test_nothing_to_inspect(session, code):
    answer = session.request(
        "inspect_request", {"code": code, "cursor_pos": len(code), "detail_level": 0})
    assert answer == {"status": "ok", "found": False, "data": {}, "metadata": {}}


def test_more_detail_tells_instances(session):
    answers = [session.request("inspect_request", {"code": "Maybe", "cursor_pos": 5, "detail_level": level})
               ["data"]["text/plain"] for level in (0, 1)]
    assert "instance Functor Maybe" not in answers[0]
    assert "instance Functor Maybe" in answers[1]


COMPLETE = "complete"
INVALID = "invalid"
CASES = [
    ("", COMPLETE),
    ("1 + 1", COMPLETE),
    ("f x = x", COMPLETE),
    ("let x = 5", COMPLETE),
    ("x <- getLine", COMPLETE),
    ("data A = A", COMPLETE),
    ("f 0 = 1\nf n = n * f (n - 1)", COMPLETE),
    ("import Data.List", COMPLETE),
    (":type 1", COMPLETE),
    (":{\nlet x = 1\n:}", COMPLETE),
    ("{-# LANGUAGE LambdaCase #-}", COMPLETE),
    ("-- a comment", COMPLETE),
    ("increment :: Int", COMPLETE),
    ("main = do\n  print 1\n", COMPLETE),
    ("data A = A\n  | B\n", COMPLETE),
    ("module M where\nx = 1\n", COMPLETE),
    ("if True then 1 else 2", COMPLETE),
    # more to come: the indentation of the next line
    ("f x =", 2),
    ("newName :: Int -> Int", 0),
    ("let", 2),
    ("do", 2),
    ("main = do", 2),
    ("main = do\n  print 1", 2),
    ("main = do\n  forM_ [1 .. 3] $ \\x -> do", 4),
    ("if True then 1", 2),
    ("case x of", 2),
    ("case x of\n  1 -> 2", 2),
    ("f x\n  | x > 0 = 1", 2),
    ("[1, 2", 2),
    ("f (1 +", 2),
    ("1 +", 2),
    ("1 +\n", 2),
    ("let x = 1 in", 2),
    ("\\x ->", 2),
    ("x <-", 2),
    ("{- comment", 0),
    ("{-# LANGUAGE", 0),
    (":{", 0),
    (":{\nlet x = 1", 0),
    ("class Foo a where", 2),
    ("instance Show Foo where", 2),
    ("import Data.List (sort,", 2),
    ("data A = A\n  | B", 2),
    ("module M where", 0),
    # never
    ("x = )", INVALID),
    ("let in in", INVALID),
    ("f x = = 1", INVALID),
    ('"abc', INVALID),
    ("f (1 +\n  2\n", INVALID),
]


@pytest.mark.parametrize("code, expected", CASES, ids=lambda v: repr(v))
def test_is_a_cell_complete(session, code, expected):
    answer = session.request("is_complete_request", {"code": code})
    if isinstance(expected, int):
        assert answer == {"status": "incomplete", "indent": " " * expected}
    else:
        assert answer == {"status": expected}


def test_extensions_count_for_whether_a_cell_is_complete(session):
    session.cell(":set -XLambdaCase")
    answer = session.request("is_complete_request", {"code": "f = \\case"})
    assert answer["status"] == "incomplete"


def test_a_question_leaves_the_session_as_it_is(session):
    session.cell("21 * 2")
    for kind in ("complete_request", "inspect_request", "is_complete_request"):
        session.request(kind, {"code": "let it = 7", "cursor_pos": 6, "detail_level": 1})
    assert session.cell("it").value == "42"
