"""What real clients type and expect, for each evaluator. A new evaluator gets an entry in both tables
here, one in snippets.py, and its name into EVALUATORS in kernel.py."""

CLIENTS = {
    "lua": {
        # A block that the console does not run before it is complete.
        "block": ["for i = 1, 3 do", 'io.write("n", i, ";")', "end"],
        "block_prints": "n1;n2;n3;",
        "completes": ("tostri", "tostring"),
        # Code, prompt, answer, and what is printed then.
        "asks": ('print("got " .. input("name? "))', "name? ", "Zoe", "got Zoe"),
        # Accepts comms to the target "echo" and sends everything back.
        "echo_target": """
            comm.register_target("echo", function(c)
                c:on_msg(function(m) c:send(m.data, m.buffers, m.metadata) end)
            end)""",
    },
    "ghc": {
        "block": [":{", 'mapM_ (\\n -> putStr ("n" ++ show n ++ ";")) [1, 2, 3 :: Int]', ":}"],
        "block_prints": "n1;n2;n3;",
        "completes": ("putSt", "putStrLn"),
# What is printed before is no prompt of the frontend's.
        "asks": ('getLine >>= \\x -> putStrLn ("got " ++ x)', "", "Zoe", "got Zoe"),
    },
}

HISTORY = ("tail", "range", "search")

KERNEL_TESTS = {
    "lua": {
        "language_name": "lua",
        "file_extension": ".lua",
        "code_hello_world": 'print("hello, world")',
        "code_stderr": 'io.stderr:write("test\\n")',
        "completion_samples": [
            {"text": "tostr", "matches": {"tostring"}},
            {"text": "string.rev", "matches": {"reverse"}},
        ],
        "complete_code_samples": ["1", 'print("hello")', "for i = 1, 3 do print(i) end", "x = {}"],
        "incomplete_code_samples": ["for i = 1, 3 do", "print(", "x = {", "function f()"],
        "invalid_code_samples": ["x = = 1", "end", "for for"],
        "code_generate_error": 'error("this is an error")',
        "code_execute_result": [{"code": "6 * 7", "result": "42"},
                                {"code": "return 1 + 1", "result": "2"}],
        "code_display_data": [{"code": 'display.html("<b>x</b>")', "mime": "text/html"},
                              {"code": "display.json({a = 1})", "mime": "application/json"}],
        "code_history_pattern": "6 [*]*",
        "supported_history_operations": HISTORY,
        "code_inspect_sample": "print",
        "code_clear_output": "display.clear()",
    },
    "ghc": {
        "language_name": "haskell",
        "file_extension": ".hs",
        "code_hello_world": 'putStrLn "hello, world"',
        "code_stderr": 'import System.IO\nhPutStrLn stderr "test"',
        "completion_samples": [
            {"text": "mapM", "matches": {"mapM", "mapM_"}},
            {"text": "import Data.Containers.L", "matches": {"Data.Containers.ListUtils"}},
            {"text": ":ty", "matches": {":type"}},
        ],
        "complete_code_samples": ["1", 'putStrLn "hello"', "f x = x", "data A = A", ":type 1"],
        "incomplete_code_samples": ["f x =", "main = do", "case x of", "(1 +", ":{"],
        "invalid_code_samples": ["x = )", "f = = 1"],
        "code_generate_error": 'error "this is an error"',
        "code_execute_result": [{"code": "6 * 7", "result": "42"},
                                {"code": "[1 .. 3]", "result": "[1,2,3]"}],
        "code_display_data": [{"code": 'display (html "<b>bold</b>")', "mime": "text/html"},
                              {"code": 'display (svg "<svg/>")', "mime": "image/svg+xml"}],
        "code_history_pattern": "6 [*]*",
        "supported_history_operations": HISTORY,
        "code_inspect_sample": "map",
        "code_clear_output": "clear",
    },
    "echo": {
        "language_name": "echo",
        "file_extension": ".txt",
        "code_hello_world": "print hello, world",
        "code_stderr": "warn test",
        "completion_samples": [{"text": "pri", "matches": {"print"}}],
        "complete_code_samples": ["hello", "print x"],
        "incomplete_code_samples": ["hello \\"],
        "code_generate_error": "error this is an error",
        "code_execute_result": [{"code": "hello", "result": "hello"},
                                {"code": "two words", "result": "two words"}],
        "code_display_data": [{"code": "display x", "mime": "text/plain"}],
        "code_history_pattern": "hel*",
        "supported_history_operations": HISTORY,
        "code_inspect_sample": "print",
    },
}
