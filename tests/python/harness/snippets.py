"""The same small programs in each language that the tests speak. A language that cannot do a thing
leaves it out, and tests that need it skip."""

LUA = {
    "value": ("1+1", "2"),
    "print": 'print("hello")',  # prints hello and a line end
    "print_error": 'io.stderr:write("oops\\n")',
    "nothing": "local unused = 1",
    "assign": "remembered = 41",
    "recall": ("remembered + 1", "42"),
    "fail": 'error("boom")',
    "bad_syntax": "x = = 1",
    # Print "started", then go on for ever in different ways.
    "spin": 'print("started"); while true do end',
    "sleep": 'print("started"); os.execute("sleep 100")',
    # Print "started", wait until the file {} exists, then fail.
    "fail_when": 'print("started"); while not os.rename("{0}", "{0}") do end; error("boom")',
    "expression": ("40 + 2", "42"),
    "bad_expression": 'error("wrong")',
    "astral": ('print("\U0001d11e\U0001f600")', "\U0001d11e\U0001f600\n"),
    "comment": "-- {}",
    "length_of": '#"{}"',
    "read_line": 'local line = io.read("l"); print("got " .. tostring(line))',
}

PYTHON = {
    "value": ("1+1", "2"),
    "print": 'print("hello")',
    "print_error": 'import sys; sys.stderr.write("oops\\n"); None',
    "nothing": "unused = 1",
    "assign": "remembered = 41",
    "recall": ("remembered + 1", "42"),
    "fail": 'raise ValueError("boom")',
    "bad_syntax": "x = = 1",
    "spin": 'print("started", flush=True)\nwhile True: pass',
    "sleep": 'import time; print("started", flush=True); time.sleep(100)',
    "fail_when": 'import os, time; print("started", flush=True)\n'
                 'while not os.path.exists("{0}"): time.sleep(0.01)\nraise ValueError("boom")',
    "expression": ("40 + 2", "42"),
    "bad_expression": "1/0",
    "astral": ('print("\U0001d11e\U0001f600")', "\U0001d11e\U0001f600\n"),
    "comment": "# {}",
    "length_of": 'len("{}")',
    "read_line": 'line = input(); print("got " + line)',
}

ECHO = {
    "value": ("hello", "hello"),
    "print": "print hello",
    "print_error": "warn oops",
    "fail": "error boom",
}

HASKELL = {
    "value": ("1+1", "2"),
    "print": 'putStrLn "hello"',
    "print_error": 'import System.IO\nhPutStrLn stderr "oops"',
    "nothing": "unused = 1",
    "assign": "remembered = 41",
    "recall": ("remembered + 1", "42"),
    "fail": 'error "boom"',
    "bad_syntax": "x = = 1",
    "spin": 'putStrLn "started" >> print (length [1 ..])',
    "sleep": 'import Control.Concurrent\nputStrLn "started" >> threadDelay 100000000',
    "expression": ("40 + 2", "42"),
    "bad_expression": 'error "wrong" :: Int',
    "astral": ('putStrLn "\U0001d11e\U0001f600"', "\U0001d11e\U0001f600\n"),
    "comment": "-- {}",
    "length_of": 'length "{}"',
    "read_line": 'getLine >>= \\line -> putStrLn ("got " ++ line)',
}

LANGUAGES = {"lua": LUA, "python": PYTHON, "echo": ECHO, "ghc": HASKELL}
