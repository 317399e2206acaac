"""The Haskell session program on its own: harness/program.py is its driver. Each case is a session
of its own: cells, and what is expected of the last one."""
import os
import re
import signal
import subprocess
import time

import pytest

from harness import kernel as kernels
from harness import limits
from harness.limits import SCALE
from harness.program import Ended, Program

EVALUATORS = ["lua"]
pytestmark = pytest.mark.hilum

SESSION = kernels.BUILD / "plugins/ghc/hilum-ghc-session"
if not os.access(SESSION, os.X_OK):
    pytest.skip("the Haskell session program was not built", allow_module_level=True)


@pytest.fixture
def start_program():
    programs = []

    def start(settings=None, env=None):
        programs.append(Program([str(SESSION)], settings, env))
        return programs[-1]
    yield start
    for program in programs:
        program.close()


@pytest.fixture
def session(start_program):
    """session(cell, ..., answers=[...]): the Result of the last cell in a session of its own."""
    program = start_program()

    def run(*cells, **options):
        for number, code in enumerate(cells[:-1], 1):
            before = program.cell(code, number)
            assert before.status == "ok", (code, before)
        return program.cell(cells[-1], len(cells), **options)
    run.program = program
    return run


def shown(result):
    """All that the user sees, in order, as text."""
    text = ""
    for kind, content in result.events:
        if kind in ("stdout", "stderr"):
            text += content
        elif kind in ("display_data", "execute_result"):
            text += content["data"]["text/plain"] + "\n"
    return text


# ---- Sessions ----

SESSIONS = {
    "expression": ["1 + 1", "2\n"],
    "several values": ["1\n\"two\"\n[3]", "1\n\"two\"\n[3]\n"],
    "values between prints": ["1\nputStrLn \"two\"\n3\nprint 4", "1\ntwo\n3\n4\n"],
    "unit": ["()", "()\n"],
    "value of an action": ["return 5 :: IO Int", "5\n"],
    "action without a value": ["return () :: IO ()", ""],
    "let": ["let x = 5\nx", "5\n"],
    "let block": ["let x = 5\n    y = 6\nx * y", "30\n"],
    "binding": ["x <- return 5\nx + 1", "6\n"],
    "binding of a pattern": ["(a, b) <- return (1, 2)\nb", "2\n"],
    "definition": ["x = 5\nx", "5\n"],
    "lazy binding": ["let xs = 1 : map (* 2) xs\ntake 5 xs", "[1,2,4,8,16]\n"],
    "it": ["20 + 1", "it * 2", "42\n"],
    "function of several equations": ["f 0 = 1\nf n = n * f (n - 1)", "f 5", "120\n"],
    "signature": ["f :: Int -> Int\nf x = x + 1", "f 1", "2\n"],
    "signature far from its function": [
        "f :: Int -> Int\ng :: Int -> Int\nf x = g x\ng x = x + 1\nf 1", "2\n"],
    "mutual recursion": [
        "ev 0 = True\nev n = od (n - 1)\nod 0 = False\nod n = ev (n - 1)\nev 10", "True\n"],
    "guards": ["f x\n  | x > 0 = \"pos\"\n  | otherwise = \"neg\"\nf 1", "\"pos\"\n"],
    "where": ["f x = y\n  where\n    y = x + 1\nf 1", "2\n"],
    "operator with fixity": [
        "infixl 6 |+|\n(|+|) :: Int -> Int -> Int\na |+| b = a + b", "1 |+| 2 * 3", "7\n"],
    "data": ["data C = R | G deriving (Show, Eq, Ord, Enum, Bounded)", "[minBound .. maxBound :: C]",
             "[R,G]\n"],
    "record": ["data P = P { px :: Int, py :: Int } deriving Show", "P { px = 1, py = 2 }",
               "P {px = 1, py = 2}\n"],
    "newtype": ["newtype N = N { un :: Int } deriving Show\nun (N 3)", "3\n"],
    "type synonym": ["type I = Int\nx :: I\nx = 3\nx", "3\n"],
    "class and instance": [
        "class Shape a where\n  area :: a -> Double\ndata Sq = Sq Double\n"
        "instance Shape Sq where\n  area (Sq a) = a * a\narea (Sq 3)", "9.0\n"],
    "instance in a later cell": [
        "data T = T", "instance Show T where\n  show _ = \"a T\"", "T", "a T\n"],
    "import": ["import Data.List (sort)\nsort [3, 1, 2]", "[1,2,3]\n"],
    "qualified import": ["import qualified Data.Map as M", "M.toList (M.fromList [(1, 'a')])",
                         "[(1,'a')]\n"],
    "import in the middle": ["x = 1\nimport Data.Char\ntoUpper 'a'", "'A'\n"],
    "name with its module": ["Data.List.sort [2, 1]", "[1,2]\n"],
    "pragma": ["{-# LANGUAGE LambdaCase #-}\nmap (\\case { 0 -> 'z'; _ -> 'n' }) [0, 1]", "\"zn\"\n"],
    "pragma holds in later cells": ["{-# LANGUAGE TupleSections #-}", "map (,1) [2]", "[(2,1)]\n"],
    "several pragmas": [
        "{-# LANGUAGE GADTs, KindSignatures #-}\n{-# LANGUAGE RankNTypes #-}\n"
        "data E a where { I :: Int -> E Int }\nf :: (forall a. a -> a) -> Int\nf g = g 1\nf id", "1\n"],
    "Template Haskell splice": [
        "{-# LANGUAGE TemplateHaskell #-}\nimport Language.Haskell.TH\n$(litE (integerL 5))", "5\n"],
    "declaration splice": [
        "{-# LANGUAGE TemplateHaskell #-}\nimport Language.Haskell.TH",
        "$(pure [ValD (VarP (mkName \"zz\")) (NormalB (LitE (IntegerL 7))) []])\nzz", "7\n"],
    "declaration splice without the dollar": [
        "{-# LANGUAGE TemplateHaskell #-}\nimport Language.Haskell.TH",
        "define :: String -> Q [Dec]\n"
        "define n = pure [ValD (VarP (mkName n)) (NormalB (LitE (IntegerL 8))) []]",
        "define \"zz\"\nzz", "8\n"],
    "quotation": ["{-# LANGUAGE TemplateHaskell #-}\nimport Language.Haskell.TH\n"
                  "$([| 1 + 2 |])", "3\n"],
    "do": ["do\n  let x = 1\n  print x\n  print (x + 1)", "1\n2\n"],
    "do over several lines after the first": ["mapM_ print $ do\n  x <- [1, 2]\n  pure (x * 10)",
                                              "10\n20\n"],
    "if then else at the margin": ["if True\nthen 1\nelse 2", "1\n"],
    "closing bracket at the margin": ["sum [\n  1,\n  2\n]", "3\n"],
    "case": ["case Just 1 of\n  Just x -> x\n  Nothing -> 0", "1\n"],
    "braces that close at the margin": [
        "f x = case x of {\n1 -> 'a';\n_ -> 'b'\n}\nlet {\ny = 2;\nz = 3\n}\ndo {\nprint (f 1)\n; print (y + z) }",
        "'a'\n5\n"],
    "comments": ["-- a comment\n1 {- two -} + 1 -- three\n{- a\nblock -}\n", "2\n"],
    "comment alone": ["-- nothing", ""],
    "nothing": ["", ""],
    "blank": ["  \n\n", ""],
    "indented cell": ["  let a = 1\n  a + 1", "2\n"],
    "braces of GHCi": [":{\nlet f 0 = 0\n    f n = n\n:}\nf 3", "3\n"],
    "declarations in braces": [":{\nf :: Int -> Int\nf 0 = 100\nf n = n\n:}\nf 0", "100\n"],
    "redefinition of a function": ["f = 1", "f = 2", "f", "2\n"],
    "what used the old one keeps it": ["x = 1\ny = x + 1", "x = 10", "(x, y)", "(10,2)\n"],
    "redefinition of a type": ["data T = A deriving Show\nold = A", "data T = B deriving Show", "B",
                               "B\n"],
    "redefinition within a cell": ["x <- pure 1\nx <- pure (x + 1)\nx", "2\n"],
    "statement that uses a later binding's value": [
        "import Data.IORef\nr <- newIORef 1", "modifyIORef r (+ 1)\nreadIORef r", "2\n"],
    "polymorphic definition": ["pair x = (x, x)", "(pair 1, pair 'c')", "((1,1),('c','c'))\n"],
    "defaulting": ["2 ^ 70", "1180591620717411303424\n"],
    "extended defaulting": ["mempty", "()\n"],
    "unicode": ["putStrLn \"grüße 🙂\"\n\"é\"", "grüße 🙂\n\"\\233\"\n"],
    "tab": ["f x = case x of\n\t1 -> 'a'\n\t_ -> 'b'\nf 1", "'a'\n"],
    "carriage returns": ["x = 1\r\nx\r\n", "1\n"],
    "show of a custom instance": ["newtype W = W Int\ninstance Show W where\n  show (W n) = "
                                  "replicate n 'w'\nW 3", "www\n"],
    "type family": ["{-# LANGUAGE TypeFamilies #-}\ntype family F a where\n  F Int = Bool\n"
                    "x :: F Int\nx = True\nx", "True\n"],
    "deriving by strategy": [
        "{-# LANGUAGE DerivingStrategies, GeneralizedNewtypeDeriving #-}\n"
        "newtype M = M Int\n  deriving newtype (Num, Show)\nM 1 + 2", "3\n"],
    "standalone deriving": ["data T = T", "{-# LANGUAGE StandaloneDeriving #-}\n"
                            "deriving instance Show T", "T", "T\n"],
    "where the value is a function of the cell": ["let go n = if n > 3 then n else go (n + 1)\ngo 0",
                                                  "4\n"],
    "whole module": ["module Geometry (area) where\n\narea :: Double -> Double\narea r = r * r * k\n"
                     "k :: Double\nk = 3", "area 2", "12.0\n"],
    "whole module used by another": ["module Base.A where\na = 1", "module Base.B where\nimport Base.A\n"
                                     "b = a + 1", "b", "2\n"],
    "whole module again": ["module V where\nv = 1", "module V where\nv = 2", "v", "2\n"],
    "main of a module": ["module Main where\nmain :: IO ()\nmain = putStrLn \"hi\"", "main", "hi\n"],
    "interleaved directives": [":t 'a'\n1\n:t True", "'a' :: Char\n1\nTrue :: Bool\n"],
    "text is not a String": ["{-# LANGUAGE OverloadedStrings #-}\nimport qualified Data.Text as T\n"
                             "T.length \"abc\"", "3\n"],
    "trace goes to stderr": ["import Debug.Trace\ntrace \"traced\" 1", "traced\n1\n"],
    "types of what is new": [":set +t\ny <- pure 5\ng a = a\n\"s\"", "y :: Integer\ng :: p -> p\n\"s\"\n"
                             "it :: String\n"],
    "types of what a definition brings": [
        ":set +t\ndata T = A { n :: Int }\nclass C a where c :: a\n(y, x) = ('y', 'x')",
        "type C :: * -> Constraint\nclass C a\n  ...\ntype T :: *\ndata T = ...\nn :: T -> Int\n"
        "x :: Char\ny :: Char\n"],
    "types no longer": [":set +t", ":unset +t\ny <- pure 5", ""],
    "arguments": [":set args a \"b c\"\n:set prog me\nimport System.Environment",
                  "getArgs\ngetProgName", "[\"a\",\"b c\"]\n\"me\"\n"],
    "no arguments": ["import System.Environment\ngetArgs\ngetProgName", "[]\n\"<interactive>\"\n"],
    "an infinite list is cut": ["length (show (take 3 [1 ..]))", "7\n"],
}


@pytest.mark.parametrize("name", SESSIONS)
def test_a_session_shows(session, name):
    *cells, expected = SESSIONS[name]
    result = session(*cells)
    assert result.status == "ok", result
    assert shown(result) == expected


def test_statistics_of_each_statement(session):
    result = session(":set +s", "length [1 .. 100000]")
    assert result.value == "100000"
    assert re.fullmatch(r"\(\d+\.\d\d secs, \d{1,3}(,\d{3})+ bytes\)\n", result.stdout)


def test_warnings_of_what_is_compiled_later(session):
    result = session(":set -Wunused-matches\n:cd /\nf :: Int -> Int\nf x = 1\nf 2")
    assert [d["code"] for d in result.diagnostics] == ["-Wunused-matches"]
    assert result.diagnostics[0]["span"]["line"] == 4 and result.value == "1"


def test_only_the_last_value_is_the_result(session):
    result = session("1\n2\n3")
    assert [(kind, content["data"]["text/plain"]) for kind, content in result.events] == [
        ("display_data", "1"), ("display_data", "2"), ("execute_result", "3")]


def test_a_value_before_an_action_is_no_result(session):
    result = session("1\nputStrLn \"x\"")
    assert [kind for kind, _ in result.events] == ["display_data", "stdout"]


def test_a_value_before_a_definition_is_the_result(session):
    result = session("1\ny = 2")
    assert [kind for kind, _ in result.events] == ["execute_result"]


def test_a_long_value_is_cut(session):
    result = session("[1 ..]")
    assert result.status == "ok"
    assert result.value.startswith("[1,2,3,4,5,6,7,8,9,10,11,")
    assert 1000 < len(result.value) < 200_000


# ---- Directives ----

def test_imports_stay_when_packages_change(session):
    assert shown(session("import Data.List", "x = 3", ":set -package containers\nsort [2, 1]")) == "[1,2]\n"
    assert shown(session.program.cell(":show imports", 4)).endswith("import Data.List\n")


def test_packages_that_do_not_exist_change_nothing(session):
    result = session("x = 3", "print x\n:set -XLambdaCase -package nope")
    assert result.status == "error" and "nope" in result.error["message"], result
    assert shown(session.program.cell("x", 3)) == "3\n"
    assert session.program.cell("(\\case { _ -> x }) x", 4).status == "error"


def test_what_a_change_of_packages_unloads_is_not_in_scope(session):
    """Also when what comes after it in the cell does not compile."""
    assert session("x = 3", ":set -package containers\nnope").error["message"].startswith("Variable not in")
    assert "not in scope: x" in session.program.cell("x", 3).error["message"]


def test_the_prelude_is_in_scope_once(session):
    assert shown(session(":load", ":reload", ":module Data.List", ":show imports")).count("import Prelude") == 1


def test_a_file_is_found_by_a_quoted_name_and_in_the_home_folder(start_program, tmp_path):
    (tmp_path / "of two words.hs").write_text("x = 5\n")
    program = start_program(env={"HOME": str(tmp_path)})
    assert program.cell(":load \"~/of two words.hs\"").status == "ok"
    assert shown(program.cell("x")) == "5\n"


def test_loading_a_file_compiles_it_again(session, tmp_path):
    """A reload does not, when the file is as it was."""
    (tmp_path / "M.hs").write_text("module M where\nx = 5\n")
    load = f":load {tmp_path}/M.hs"
    again = session(load, f":set -Wall\n{load}")
    assert [d["severity"] for d in again.diagnostics] == ["warning"] * 2, again
    assert session.program.cell(":reload", 3).diagnostics == []


def test_a_module_of_object_code_is_in_scope_with_its_exports(session, tmp_path):
    (tmp_path / "M.hs").write_text("module M (x) where\nx = y\ny = 5\n")
    assert shown(session(f":cd {tmp_path}\n:load M", ":set -fobject-code\n:load M\nx")).endswith("\n5\n")
    assert "not in scope: y" in session.program.cell("y", 3).error["message"]
    (tmp_path / "M.hs").write_text("module M (x) where\nx = y\ny = 6\n")
    assert shown(session.program.cell(":reload\nx", 4)).endswith("\n6\n")


def test_a_module_in_a_cell_imports_what_is_loaded(session, tmp_path):
    (tmp_path / "M.hs").write_text("module M where\nx = 5\n")
    program, code = session.program, "module N where\nimport M\ny = x"
    assert program.cell(f":cd {tmp_path}").status == "ok"
    for number in range(2):
        assert ":load M" in program.cell(code, number).error["message"]
    assert shown(session(":load M", code, "y")) == "5\n"


def test_a_library_that_is_named_is_loaded(session, tmp_path):
    (tmp_path / "twice.c").write_text("int twice(int x) { return 2 * x; }\n")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", tmp_path / "libtwice.so", tmp_path / "twice.c"], check=True)
    code = "foreign import ccall \"twice\" twice :: Int -> Int\ntwice 4"
    assert shown(session(f":set -L{tmp_path} -ltwice", code)) == "8\n"
    assert "libnosuch" in session.program.cell(":set -lnosuch", 3).error["message"]
    assert shown(session.program.cell("twice 5", 4)) == "10\n"


def test_bindings_are_what_the_user_made(session):
    """With instances, and without the names that GHC makes for itself."""
    assert shown(session("data T = A { n :: Int } deriving Show\nclass C a where { cm :: a; cm = cm }",
                         ":show bindings")).split("\n") == [
        "type T :: *", "data T = ...", "type C :: * -> Constraint", "class C a", "  ...", "n :: T -> Int = _",
        "instance [safe] Show T", ""]


def test_a_module_is_shown_with_constructors_and_methods(session):
    assert shown(session("module M where\ndata T = A | B { n :: Int }\nclass C a where m :: a", ":browse M")) == (
        "type C :: * -> Constraint\nclass C a where\n  m :: a\n  {-# MINIMAL m #-}\n"
        "type T :: *\ndata T = A | B {n :: Int}\n")


# ---- Compile versus run ----

ERRORS = {
    # name: (cells, line, column, length, part of the message)
    "unknown name": (["1 + frob"], 1, 5, 4, "Variable not in scope: frob"),
    "in a later line": (["x = 1\ny = x + True\nz = 3"], 2, 7, 1, "Bool"),
    "after prints": (["print 1\nprint 2\n'a' && True"], 3, 1, 3, "Couldn't match"),
    "in a function's equation": (["f :: Int -> Int\nf 0 = 'c'\nf n = n"], 2, 7, 3, "Char"),
    "parse error": (["let x = "], 0, 0, 0, "parse error"),
    "parse error in the middle": (["x = (1 +\ny = 2"], None, None, None, "parse error"),
    "unknown module": (["import Data.Lisst"], 1, 8, 10, "Data.Lisst"),
    "unknown name in an import": (["import Data.List (sortt)"], 1, None, None, "sortt"),
    "unknown type": (["f :: Foo -> Int\nf _ = 1"], 1, 6, 3, "Foo"),
    "unknown extension": (["{-# LANGUAGE LambdaCaze #-}\n1"], 1, None, None, "LambdaCaze"),
    "missing instance": (["id\n"], 1, 1, 2, "No instance for (Show"),
    "hole": (["length _xs"], 1, 8, 3, "Found hole"),
    "after wide letters": (["let s = \"日本🙂\" ++ frob"], 1, 18, 4, "frob"),
    "after a tab": (["f x =\n\tfrob x"], 2, 2, 4, "frob"),
    "in an indented cell": (["  1 + frob"], 1, 7, 4, "frob"),
    "unknown directive": ([":frobnicate"], 1, 1, None, "unknown command"),
    "in a directive": ([":type frob"], 1, 7, 4, "frob"),
    "in braces": ([":{\nf 0 = 1\nf n = frob\n:}"], 3, 7, 4, "frob"),
    "in a module": (["module M where\nx :: Int\nx = 'c'"], 3, 5, 3, "Char"),
    "in a class": (["class C a where\n  c :: a -> Nope"], 2, 13, 4, "Nope"),
    "duplicate": (["f = 1\ng = 2\nf = 3"], None, None, None, "Multiple declarations"),
    "ambiguous": (["read \"1\" + length \"a\" + 'c'"], None, None, None, "Char"),
    "splice that fails": (["{-# LANGUAGE TemplateHaskell #-}\n$(fail \"no splice\")"], 2, None, None,
                          "no splice"),
}


NOT_ALLOWED = {
    # What a missing extension is told of: name: (cell, column)
    "bang in a function": ("f !x = x", 3),
    "bang in a definition": ("!x = 3", 1),
    "bang in a let": ("let (!x) = 3", 6),
    "signature before a semicolon": ("f :: forall a. a -> a; f x = x", 6),
}


@pytest.mark.parametrize("name", NOT_ALLOWED)
def test_a_missing_extension_is_all_that_is_wrong(session, name):
    """Not what else the text could have been."""
    code, column = NOT_ALLOWED[name]
    errors = session(code).diagnostics
    assert [(d["message"].split()[0], d["span"]["column"]) for d in errors] == [("Illegal", column)], errors


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_has_its_place(session, name):
    cells, line, column, length, message = ERRORS[name]
    result = session(*cells)
    assert result.status == "error"
    assert not result.of("stdout", "execute_result", "display_data"), "nothing may run"
    assert message in result.error["message"]
    span = result.error["span"]
    for member, wanted in (("line", line), ("column", column), ("length", length)):
        if wanted:
            assert span[member] == wanted, result.error
    assert message in "\n".join(result.error["traceback"])


def test_an_error_names_the_cell(session):
    error = session("1", "2", "frob").error
    assert error["traceback"][0].startswith("cell 3, line 1, column 1: error")
    assert error["traceback"][-1].strip("| ") == "^^^^"


def test_compiling_changes_nothing(session):
    program = session.program
    session("x = 1")
    assert program.compile("x = 2\ndata T = T\nimport Data.Char\nwriteFile \"/nonexistent/y\" \"\"", 2) == "ok"
    program.send("discard_request")
    result = program.cell("x", 3)
    assert shown(result) == "1\n"
    assert program.cell("T", 4).status == "error"
    assert program.cell("toUpper 'a'", 5).status == "error"


def test_a_failed_cell_defines_nothing(session):
    session("x = 1")
    assert session.program.cell("x = 2\ny = frob", 2).status == "error"
    assert shown(session.program.cell("x", 3)) == "1\n"


def test_what_ran_before_an_exception_stays(session):
    result = session("x = 1\ny <- pure 2\nerror \"stop\"\nz = 3")
    assert result.status == "error"
    assert shown(session.program.cell("x + y", 2)) == "3\n"
    assert session.program.cell("z", 3).status == "error"


def test_a_hole_has_fits(session):
    error = session("f :: String -> [String]\nf = _").error
    assert "Found hole: _ :: String -> [String]" in error["message"]
    assert "Valid hole fits include" in error["message"] and "words ::" in error["message"]


def test_warnings_when_asked_for(session):
    result = session(":set -Wall", "f :: Int -> Int\nf x = 1")
    assert result.status == "ok"
    warning, = [d for d in result.diagnostics if d["code"] == "-Wunused-matches"]
    assert (warning["severity"], warning["span"]) == ("warning", {"line": 2, "column": 3, "length": 1})
    assert session.program.cell(":set -Wno-unused-matches\ng :: Int -> Int\ng x = 1", 3).diagnostics == []


def test_missing_cases_are_warned_about(session):
    result = session(":set -Wincomplete-patterns", "f :: Bool -> Int\nf True = 1")
    assert [d["code"] for d in result.diagnostics] == ["-Wincomplete-patterns"]
    assert "False" in result.diagnostics[0]["message"]


def test_no_warnings_by_default(session):
    assert session("f x = 1\nimport Data.List\nx <- pure 1").diagnostics == []


def test_deferred_type_errors(session):
    result = session(":set -fdefer-type-errors", "f :: Int -> Int\nf 0 = 'c'\nf n = n")
    assert result.status == "ok"
    warning, = result.diagnostics
    assert (warning["severity"], warning["code"]) == ("warning", "-Wdeferred-type-errors")
    assert warning["span"] == {"line": 2, "column": 7, "length": 3}
    assert shown(session.program.cell("1", 3)) == "1\n"
    error = session.program.cell("f 0", 4).error
    assert error["name"] == "TypeError" and "Couldn't match" in error["message"]


def test_flags_of_the_config_file(start_program):
    program = start_program({"flags": ["-Wunused-matches"], "extensions": ["LambdaCase"]})
    result = program.cell("(\\case x -> 1) 2")
    assert result.status == "ok" and [d["code"] for d in result.diagnostics] == ["-Wunused-matches"]


def test_a_wrong_flag_in_the_config_file(start_program):
    reply = start_program({"flags": ["-fno-such-flag"]}).load_reply
    assert reply["status"] == "error" and "-fno-such-flag" in reply["evalue"]


# ---- Exceptions ----

EXCEPTIONS = {
    "error": (["error \"boom\""], "ErrorCall", "boom"),
    "error over two lines": (["error \"one\\ntwo\""], "ErrorCall", "one\ntwo"),
    "head": (["head []"], "ErrorCall", "Prelude.head: empty list"),
    "division": (["1 `div` 0"], "ArithException", "divide by zero"),
    "pattern": (["f :: Int -> Int\nf 1 = 1\nf 2"], "PatternMatchFail", "Non-exhaustive patterns"),
    "undefined": (["undefined"], "ErrorCall", "Prelude.undefined"),
    "in a value shown": (["[1, 2, error \"late\"]"], "ErrorCall", "late"),
    "file": (["readFile \"/nonexistent\""], "IOException", "/nonexistent"),
    "user error": (["ioError (userError \"mine\")"], "IOException", "mine"),
    "fail": (["fail \"failed\" :: IO ()"], "IOException", "failed"),
    "custom": (["import Control.Exception\ndata Mine = Mine Int deriving Show\n"
                "instance Exception Mine", "throwIO (Mine 3)"], "Mine", "Mine 3"),
    "exit": (["import System.Exit\nexitWith (ExitFailure 3)"], "ExitCode", "3"),
    "assertion": (["import Control.Exception\nassert False 1"], "AssertionFailed", "Assertion failed"),
    "array": (["import Data.Array\nlistArray (0, 1) \"ab\" ! 5"], None, ""),
    "Map": (["import qualified Data.Map as M\nM.fromList [(1, 2)] M.! 3"], "ErrorCall", "Map.!"),
    "stack of a signal to itself": (["import Control.Exception\nthrowIO StackOverflow"],
                                    "AsyncException", "stack overflow"),
    "in its own message": (["error (\"a\" ++ error \"b\")"], "ErrorCall", "b"),
    "in its own message for ever": (
        ["import Control.Exception\ndata E = E\ninstance Show E where show = throw\ninstance Exception E",
         "throwIO E"], "E", "cannot be shown"),
    "endless message": (["error (cycle \"ab\")"], "ErrorCall", "... cut"),
    "deadlock": (["import Control.Concurrent.MVar\nnewEmptyMVar >>= \\m -> takeMVar (m :: MVar ())"],
                 "BlockedIndefinitelyOnMVar", "blocked indefinitely"),
}


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_exception_is_reported(session, name):
    cells, kind, message = EXCEPTIONS[name]
    result = session(*cells)
    assert result.status == "error"
    if kind:
        assert result.error["name"] == kind
    assert message in result.error["message"]
    assert shown(session.program.cell("1 + 1", 9)) == "2\n"


def test_an_interrupt_while_a_message_is_made(session):
    assert session("import Control.Exception").status == "ok"
    session.program.start("print 1\nthrowIO (ErrorCall (let text = text in text))")
    deadline = time.monotonic() + 20 * SCALE
    while ("stdout", "1\n") not in session.program.events:
        assert time.monotonic() < deadline
        session.program.drain()
    session.program.interrupt()
    assert session.program.finish().status in ("error", "aborted")
    assert shown(session.program.cell("1 + 1", 9)) == "2\n"


def test_a_call_stack_has_places_in_cells(session):
    result = session(
        "import GHC.Stack",
        "\nlookUp :: HasCallStack => Int -> Int\nlookUp _ = error \"no entry\"",
        "x = 1\nlookUp x")
    error = result.error
    assert error["message"] == "no entry"
    stack = "\n".join(error["traceback"])
    assert "error, called at cell 2, line 3, column 12" in stack
    assert "lookUp, called at cell 3, line 2, column 1" in stack
    assert (error["span"]["line"], error["span"]["column"]) == (2, 1)


def test_what_was_shown_before_the_exception_is_seen(session):
    result = session("[1, 2, error \"late\"]")
    assert shown(result) == "[1,2,"


def test_exit_success_goes_on(session):
    session("import System.Exit\nx = 7")
    assert "exit" in session.program.cell("exitSuccess", 2).error["message"]
    assert shown(session.program.cell("x", 3)) == "7\n"


def test_an_exception_in_another_thread(session):
    result = session("import Control.Concurrent\n_ <- forkIO (error \"elsewhere\")\nthreadDelay 50000")
    assert result.status == "ok" and "elsewhere" in result.stderr


def test_a_failed_pattern_has_its_place(session):
    error = session("1\nlet Just y = Nothing :: Maybe Int\ny").error
    assert "cell 1, line 2, column 5" in "\n".join(error["traceback"])
    assert error["span"]["line"] == 2


# ---- Output ----

OUTPUT = {
    "no line end": ("putStr \"abc\"", [("stdout", "abc")]),
    "order of both": ("import System.IO\nputStr \"a\"\nhPutStr stderr \"b\"\nputStr \"c\"", None),
    "stdout then value": ("putStr \"a\"\n1", [("stdout", "a"), ("execute_result", "1")]),
    "value then stdout": ("1\nputStr \"a\"", [("display_data", "1"), ("stdout", "a")]),
    "child process": (":! echo hello", [("stdout", "hello\n")]),
    "child between prints": ("putStr \"a\"\n:! echo b\nputStr \"c\"", [("stdout", "ab\nc")]),
    "C code": ("import Foreign.C.String\nforeign import ccall \"puts\" c_puts :: CString -> IO Int\n"
               "putStrLn \"a\"\nx <- withCString \"from C\" c_puts\nputStrLn \"b\"",
               [("stdout", "a\nfrom C\nb\n")]),
    "C code without line end": (
        "import Foreign.C.String\nforeign import ccall \"printf\" c_printf :: CString -> IO Int\n"
        "x <- withCString \"from C\" c_printf\n1", [("stdout", "from C"), ("execute_result", "1")]),
    "system": ("import System.Process\ncallCommand \"printf x >&2\"", [("stderr", "x")]),
    "closed stdout": ("import System.IO\nhClose stdout", []),
    "much": ("mapM_ print [1 .. 20000]", [("stdout", "".join(f"{n}\n" for n in range(1, 20001)))]),
    "binary encoding": ("import System.IO\nhSetEncoding stdout latin1\nputStrLn \"x\"", [("stdout", "x\n")]),
}


@pytest.mark.parametrize("name", OUTPUT)
def test_output_comes_as_printed(session, name):
    code, expected = OUTPUT[name]
    result = session(code)
    assert result.status == "ok", result
    events = [(kind, content if isinstance(content, str) else content["data"]["text/plain"])
              for kind, content in result.events]
    if expected is not None:
        assert events == expected
    assert shown(session.program.cell("putStrLn \"fine\"", 2)) == "fine\n"


def test_lines_come_while_the_cell_runs(session):
    session("import Control.Concurrent")
    program = session.program
    program.start("putStrLn \"first\"\nthreadDelay 1000000000\nputStrLn \"second\"", 2)

    def said():
        program.drain()
        return program.events
    assert limits.poll_until(said, limits.EVENT, "a line") == [("stdout", "first\n")]
    program.interrupt()
    assert program.finish().status == "aborted"


def test_buffering_is_back_after_a_cell(session):
    session("import System.IO\nhSetBuffering stdout NoBuffering\nhSetBuffering stdout (BlockBuffering Nothing)")
    assert shown(session.program.cell("hGetBuffering stdout", 2)) == "LineBuffering\n"


# ---- Input ----

INPUT = {
    "getLine": ("getLine", ["abc"], "\"abc\"\n"),
    "two lines": ("a <- getLine\nb <- getLine\nputStrLn (b ++ a)", ["x", "y"], "yx\n"),
    "empty line": ("s <- getLine\nnull s", [""], "True\n"),
    "wide letters": ("getLine >>= putStrLn", ["grüße 🙂"], "grüße 🙂\n"),
    "readLn": ("n <- readLn :: IO Int\nn + 1", ["41"], "42\n"),
    "getChar": ("a <- getChar\nb <- getChar\nc <- getChar\n[a, b, c]", ["ab"], "\"ab\\n\"\n"),
    "getContents": ("s <- getContents\nputStr s", ["a", "b", {"status": "eof"}], "a\nb\n"),
    "interact": ("interact (unlines . map reverse . lines)", ["abc", "de", {"status": "eof"}],
                 "cba\ned\n"),
    "lazy interact": ("interact (\\s -> head (lines s) ++ \"!\")", ["abc"], "abc!"),
    "isEOF": ("import System.IO\nisEOF", [{"status": "eof"}], "True\n"),
    "not the end": ("import System.IO\ne <- isEOF\nl <- getLine\n(e, l)", ["x"], "(False,\"x\")\n"),
    "hGetLine stdin": ("import System.IO\nhGetLine stdin", ["q"], "\"q\"\n"),
    "hIsEOF": ("import System.IO\nhIsEOF stdin", [{"status": "eof"}], "True\n"),
    "prompt": ("putStr \"Name? \"\nn <- getLine\nputStrLn (\"Hello \" ++ n)", ["Ada"], None),
    "a loop": ("import Control.Monad\nreplicateM 3 readLn :: IO [Int]", ["1", "2", "3"], "[1,2,3]\n"),
}


@pytest.mark.parametrize("name", INPUT)
def test_input_is_asked_for(session, name):
    code, answers, expected = INPUT[name]
    result = session(code, answers=answers)
    assert result.status == "ok", result
    assert len(result.of("input_request")) == len(answers)
    if expected is not None:
        assert shown(result) == expected


def test_a_prompt_without_line_end_is_seen_before_the_question(session):
    result = session("putStr \"Name? \"\nn <- getLine\nputStrLn n", answers=["Ada"])
    assert [kind for kind, _ in result.events] == ["stdout", "input_request", "stdout"]


def test_input_is_asked_for_again_in_the_next_cell(session):
    session("s <- getContents\nputStr s", answers=[])
    assert shown(session.program.cell("getLine", 2, answers=["x"])) == "\"x\"\n"


def test_what_a_cell_did_not_read_is_not_the_next_cell_s(session):
    session.program.cell("getChar", 1, answers=["abc"])
    assert shown(session.program.cell("getLine", 2, answers=["new"])) == "\"new\"\n"


def test_without_echo_it_is_a_password(session):
    result = session("import System.IO\nhSetEcho stdin False\np <- getLine\nhSetEcho stdin True\n"
                     "q <- getLine\n(p, q)", answers=["secret", "open"])
    assert [ask["password"] for ask in result.of("input_request")] == [True, False]
    assert shown(result) == "(\"secret\",\"open\")\n"


def test_echo_is_back_in_the_next_cell(session):
    session("import System.IO\nhSetEcho stdin False")
    result = session.program.cell("getLine", 2, answers=["x"])
    assert [ask["password"] for ask in result.of("input_request")] == [False]


def test_no_input_without_a_frontend_that_allows_it(session):
    result = session("getLine", allow_stdin=False)
    assert result.status == "error" and result.error["name"] == "IOException"
    assert "does not allow" in result.error["message"]
    assert result.of("input_request") == []


def test_the_end_of_input_is_an_exception_of_getline(session):
    error = session("getLine", answers=[{"status": "eof"}]).error
    assert error["name"] == "IOException" and "end of file" in error["message"]


def test_an_interrupt_at_the_question(session):
    result = session("getLine", answers=[{"status": "interrupted"}])
    assert result.status == "aborted"
    assert shown(session.program.cell("1", 2)) == "1\n"


def test_a_thread_that_waits_for_input_is_left_alone(session):
    program = session.program
    program.answers = []
    session("import Control.Concurrent\nm <- newEmptyMVar :: IO (MVar String)\nt <- forkIO (getLine >>= putMVar m)\n"
            "threadDelay 50000", answers=["late"])
    assert shown(program.cell("takeMVar m", 2)) == "\"late\"\n"


def test_child_processes_have_no_input(session):
    assert shown(session(":! cat")) == ""


# ---- Interrupts ----

ENDLESS = {
    "length [1 ..]": "print (length [1 ..])",
    "threadDelay": "import Control.Concurrent\nthreadDelay 100000000",
    "forever": "import Control.Monad\nforever (return ())",
    "takeMVar": "import Control.Concurrent\nm <- newEmptyMVar :: IO (MVar ())\n_ <- forkIO (threadDelay "
                "100000000 >> putMVar m ())\ntakeMVar m",
    "a value that is shown": "length [1 ..]",
    "a pure loop": "let f x = f (x + 1) :: Int\nf 0",
    "a pure loop without allocation": "import Data.Function\nfix id :: Int",
    "printing": "mapM_ print [1 ..]",
    "handler that catches all": "import Control.Exception\n(threadDelay' `catch` \\e -> "
                                "putStrLn (\"caught \" ++ show (e :: ArithException)))\n"
                                "  where threadDelay' = Control.Concurrent.threadDelay 100000000",
    "child process": ":! sleep 100",
    "process from System.Process": "import System.Process\ncallCommand \"sleep 100\"",
    "huge power": "length (show (product [1 .. 10000000 :: Integer]))",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_an_interrupt_stops(session, name):
    code = ENDLESS[name]
    session("x = 5")
    if "where" in code:
        code = ("import Control.Concurrent\nimport Control.Exception\nthreadDelay 100000000 `catch` "
                "\\e -> putStrLn (\"caught \" ++ show (e :: ArithException))")
    session.program.start(code, 2)
    time.sleep(0.1)
    started = time.monotonic()
    session.program.interrupt()
    result = session.program.finish(20)
    took = time.monotonic() - started
    assert result.status == "aborted"
    assert took < 1 * SCALE
    assert shown(session.program.cell("x", 3)) == "5\n"


def test_an_interrupt_while_compiling(session):
    program = session.program
    program.events = []
    program.next_id += 1
    program.send("compile_request", {
        "code": "{-# LANGUAGE TemplateHaskell #-}\nimport Language.Haskell.TH\n"
                "$(runIO (mapM_ print [1 ..]) >> [| 1 |])",
        "name": "cell 1", "execution_count": 1, "kind": "cell"})
    time.sleep(0.3)
    program.interrupt()
    assert program.wait("compile_reply", 20)["status"] == "aborted"
    assert shown(program.cell("1", 2)) == "1\n"


def test_an_interrupt_for_a_request_that_is_over_does_nothing(session):
    session("1")
    session.program.interrupt()
    assert shown(session.program.cell("2", 2)) == "2\n"


def test_sigint_alone_does_nothing(session):
    session.program.start("Control.Concurrent.threadDelay 300000\nputStrLn \"done\"")
    time.sleep(0.1)
    session.program.process.send_signal(signal.SIGINT)
    assert shown(session.program.finish()) == "done\n"


def test_threads_of_a_cell_go_on(session):
    session("import Control.Concurrent\nimport Data.IORef\nr <- newIORef 0\n"
            "t <- forkIO (mapM_ (\\n -> threadDelay 10000 >> writeIORef r n) [1 ..])")
    limits.poll_until(lambda: shown(session.program.cell("n <- readIORef r\nn > 3", 2)) == "True\n",
                      limits.EVENT, "a thread that counts")


# ---- Limits ----

def test_a_heap_limit_is_an_error_of_the_cell(start_program):
    program = start_program({"heap_limit": "300m"})
    assert program.cell("x = 5").status == "ok"
    result = program.cell("let xs = [1 ..] :: [Integer]\nlength xs + length xs", 2)
    assert result.status == "error", result
    assert result.error["name"] == "AsyncException" and "heap overflow" in result.error["message"]
    assert shown(program.cell("x", 3)) == "5\n"
    assert program.cell("let ys = [1 ..] :: [Integer]\nsum ys + length ys", 4).status == "error"
    assert shown(program.cell("x", 5)) == "5\n"


# ---- Actions ----

ACTIONS = [
    "print x", "putStrLn $ show x", "mapM_ print [x, 2^3]", "greet \"a\"", "greet =<< getLine",
    "print x >> greet \"b\"", "do { y <- pure x; print y; greet (show y) }", "generic", "returns",
    "when (x > 3) $ print x", "if x > 3 then greet \"c\" else print x", "return ()", "nothing", "Just ()",
    "print []", "print Nothing", "mapM_ print []", "print (toEnum 0)", "print mempty",
    "readIO \"()\"", "return undefined :: IO ()", "fails", "unknown", "x + 1", "greet", "print", "\"a\" <$ print x",
    # What does not compile says so once, in GHC's words for an expression.
    "print y", "greet 5", "putStrLn x", "print x x", "print id", "generic x", "nothing x", "greet _",
    "mapM_ greet [x]", "print x >> x", "print (fix (\\f -> f))", "let in print (",
]


@pytest.fixture
def acting(start_program):
    program = start_program()
    result = program.cell("import Control.Monad\nimport Control.Monad.IO.Class\nx = 5 :: Int\n"
                          "type Greeting = String -> IO ()\n"
                          "greet :: Greeting\ngreet = putStrLn . (\"hello \" ++)\n"
                          "generic :: MonadIO m => m ()\ngeneric = liftIO (print x)\n"
                          "returns :: IO Int\nreturns = pure 1\nnothing = Nothing :: Maybe ()\n"
                          "fails = ioError (userError \"d\") :: IO ()\n"
                          "unknown = return undefined :: IO ()")
    assert result.status == "ok", result
    return program


@pytest.mark.parametrize("flags", ["", "-Wtype-defaults", "-fno-it", "-XStrict", "-fdefer-type-errors",
                                   "-fprint-bind-result"])
def test_an_action_is_what_it_is_when_ghc_types_it_as_an_expression_first(acting, flags):
    """With warnings of shadowed names nothing is read as `it <- action`."""
    for code in ACTIONS:
        outcomes = []
        for shadowing in ("-Wno-name-shadowing", "-Wname-shadowing"):
            assert acting.cell(f"it = 'z'\n:set {shadowing} {flags}").status == "ok"
            done = acting.cell(code, answers=["e"])
            outcomes.append((done.status, done.events, acting.cell("it").events))
        assert outcomes[0] == outcomes[1], code


def test_the_value_of_an_action_is_the_unit(acting):
    assert shown(acting.cell("it <- pure 'z'\ngreet \"f\"\nit")) == "hello f\n()\n"


def test_a_warning_about_an_action_is_told_once(acting):
    events = acting.cell(":set -Wtype-defaults\nprint (2^3)\n:set -Wno-type-defaults").events
    assert [kind for kind, _ in events].count("diagnostic") == 2, events


# ---- Checkpoints ----

def is_there(pid):
    return os.path.exists(f"/proc/{pid}")


def await_end(pid):
    deadline = time.monotonic() + 5 * SCALE
    while is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_there(pid)


PRINTING = [
    "print (x + 1)", "putStrLn $ show x ++ \"!\"", "(print x)", "print x >> print x *> return ()",
    "mapM_ print [x, x]", "mapM_ (putStrLn . show) [x]", "forM_ [x] $ \\i -> print i",
    "do { print x; putStr \"a\" }", "if x > 3 then print x else pure ()", "when (x > 3) $ print x",
    "hPutStrLn stderr \"a\"", "sequence_ [print x, print x]", "System.IO.print x",
    "print x\nprint x", ":type x", ":info Bool\nprint x", "",
]
CHANGING = [
    "x + 1", "y <- pure 1", "let y = 1", "y = 1", "writeIORef r 2", "print x >> writeIORef r 2",
    "mapM_ (writeIORef r) [1]", "forM_ [writeIORef r 2] $ \\print -> print", "readIORef r >>= print",
    "shadow x", "hPutStrLn handle \"a\"", "if x > 3 then print x else writeIORef r 2",
    "return undefined :: IO ()", ":set -XLambdaCase", ":!true", "import Data.List",
    "print x\ny = 2", "print (1 `div` (0 :: Int))", "do { let {print = writeIORef r}; print x }",
]


@pytest.fixture
def printing(session):
    """A session whose last value is that of something that printed."""
    session("import Control.Monad\nimport Data.IORef\nimport qualified System.IO\n"
            "import System.IO (hPutStrLn, stderr, stdout)\n"
            "x = 5 :: Int\nr <- newIORef (1 :: Int)\nhandle = stderr\n"
            "print' = writeIORef r\nshadow = print'\nprint ()")
    return session.program


def says_unchanged(program, code):
    compiled = program.request("compile_request", {"code": code, "name": "cell 2",
                                                   "execution_count": 2, "kind": "cell"})
    assert compiled["status"] == "ok", program.events
    return program.request("run_request", {"allow_stdin": True}).get("unchanged", False)


@pytest.mark.parametrize("code", PRINTING)
def test_a_cell_that_only_prints_says_that_nothing_changed(printing, code):
    assert says_unchanged(printing, code)


@pytest.mark.parametrize("code", CHANGING)
def test_whatever_may_change_something_does_not_say_so(printing, code):
    assert not says_unchanged(printing, code)


def test_the_value_of_a_print_is_a_change_after_another_value(printing):
    assert not says_unchanged(printing, "x + 1")
    assert not says_unchanged(printing, "print x")
    assert says_unchanged(printing, "print x")


def test_printing_is_a_change_when_it_means_something_else(printing):
    says_unchanged(printing, "print = writeIORef r")
    assert not says_unchanged(printing, "print x")


@pytest.mark.parametrize("extension", ["TemplateHaskell", "QuasiQuotes", "RebindableSyntax"])
def test_extensions_that_can_do_more_make_every_cell_a_change(printing, extension):
    says_unchanged(printing, f":set -X{extension} -XImplicitPrelude\nprint ()")
    assert not says_unchanged(printing, "print x")


def test_printing_what_is_read_as_it_is_used_is_a_change(printing, tmp_path):
    (tmp_path / "text").write_text("text")
    says_unchanged(printing, f'text <- readFile "{tmp_path}/text"\nprint ()')
    assert not says_unchanged(printing, "putStr text")
    assert says_unchanged(printing, "print x")


def test_printing_what_is_typed_in_is_a_change(printing):
    says_unchanged(printing, "text <- getContents\nprint ()")
    assert not says_unchanged(printing, "putStr text")


def test_printing_while_threads_of_cells_run_is_a_change(printing):
    says_unchanged(printing, "import Control.Concurrent\ngo <- newEmptyMVar :: IO (MVar ())\n"
                             "forkIO (takeMVar go)\nprint ()")
    assert not says_unchanged(printing, "print x")
    says_unchanged(printing, "putMVar go ()\nyield\nthreadDelay 1000\nprint ()")
    assert says_unchanged(printing, "print x")


def test_a_checkpoint_goes_on_in_place_of_a_dead_session(session):
    session("import Data.IORef\nx = 5\ndata T = T deriving Show\nr <- newIORef 1")
    program = session.program
    copy = program.checkpoint()
    assert os.getpgid(copy.pid) == copy.pid
    assert program.cell("x = 6\nwriteIORef r 2", 2).status == "ok"
    program.process.kill()
    program.process.wait()
    assert copy.request("resume_request", {"group": os.getpgid(0)}) == {"pid": copy.pid}
    assert os.getpgid(copy.pid) == os.getpgid(0)
    assert shown(copy.cell("v <- readIORef r\n(x, T, v)", 3)) == "(5,T,1)\n"
    assert shown(copy.cell("y = x + 1\nprint y\ngetLine", 4, answers=["a"])) == "6\n\"a\"\n"
    copy.close()


def test_a_resumed_checkpoint_is_a_whole_session(session):
    program = session.program
    session("x = 5")
    copy = program.checkpoint()
    program.process.kill()
    copy.request("resume_request", {"group": os.getpgid(0)})
    copy.start("print (length [1 ..])", 2)
    time.sleep(0.1)
    copy.interrupt()
    assert copy.finish(20).status == "aborted"
    assert copy.cell("import Control.Concurrent.MVar\nnewEmptyMVar >>= \\m -> takeMVar (m :: MVar ())",
                     3).error["name"] == "BlockedIndefinitelyOnMVar"
    os.kill(copy.pid, signal.SIGINT)
    second = copy.checkpoint()
    os.kill(copy.pid, signal.SIGKILL)
    second.request("resume_request", {"group": os.getpgid(0)})
    result = second.cell("x", 4)
    assert shown(result) == "5\n", result
    copy.close()
    second.close()


def test_a_checkpoint_ends_with_its_link_and_is_reaped(session):
    session("x = 5")
    copy = session.program.checkpoint()
    assert is_there(copy.pid)
    copy.close()
    await_end(copy.pid)
    assert shown(session.program.cell("x", 2)) == "5\n"


def test_many_checkpoints(session):
    session("x = 0")
    last = None
    for number in range(1, 21):
        copy = session.program.checkpoint()
        if last:
            last.close()
        last = copy
        assert session.program.cell(f"x = {number}", number).status == "ok"
    session.program.process.kill()
    last.request("resume_request", {"group": os.getpgid(0)})
    assert shown(last.cell("x", 30)) == "19\n"
    last.close()


def test_a_checkpoint_while_threads_of_cells_print(session):
    session("import Control.Concurrent\nimport Control.Monad\n"
            "t <- forkIO (forever (mapM_ print [1 .. 50] >> threadDelay 1000))")
    for _ in range(5):
        copy = session.program.checkpoint()
        assert copy.cell("1 + 1", 2).value == "2"
        copy.close()
    assert session.program.cell("killThread t", 2).status == "ok"


# ---- The program itself ----

def test_hello_comes_before_ghc(start_program):
    hello = start_program().hello
    assert hello["protocol"] == 1 and hello["language_info"]["name"] == "haskell"
    assert {"compile", "interrupt", "checkpoint"} <= set(hello["capabilities"])


def test_the_end_of_the_link_ends_the_program_whatever_it_does(start_program):
    program = start_program()
    program.start("let f x = f (x + 1) :: Int\nf 0")
    time.sleep(0.1)
    program.link.close()
    assert program.process.wait(5 * SCALE) == 0


def test_shutdown_request(start_program):
    program = start_program()
    program.send("shutdown_request", {})
    with pytest.raises(Ended):
        program.receive()
    assert program.process.wait(5 * SCALE) == 0
