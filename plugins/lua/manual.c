#include "manual.h"

#include <lauxlib.h>

#include <string.h>

const struct manual_entry manual_entries[] = {
    {"assert", "assert(v [, message])",
     "Raises an error when v is false or nil; otherwise returns all its arguments."},
    {"collectgarbage", "collectgarbage([option [, arg]])",
     "Controls the garbage collector: \"collect\" (default), \"count\" (KiB in use), "
     "\"stop\", \"restart\", \"step\", \"isrunning\", \"incremental\", \"generational\"."},
    {"display.array", "display.array(t)",
     "Marks a table as a JSON array, also when it is empty, and returns it."},
    {"display.bundle", "display.bundle(representations [, metadata])",
     "Shows what a table has under MIME types: {[\"text/html\"] = \"...\"}."},
    {"display.clear", "display.clear([wait])",
     "Clears the cell's output; with wait, when the next output comes."},
    {"display.html", "display.html(text [, metadata])",
     "Shows HTML. Returns a handle to replace it."},
    {"display.image", "display.image(file_or_bytes [, metadata])",
     "Shows a PNG, JPEG, GIF, WebP or SVG image: display.image(\"plot.png\", {width = 300})"},
    {"display.jpeg", "display.jpeg(file_or_bytes [, metadata])", "Shows a JPEG image."},
    {"display.json", "display.json(value_or_text [, metadata])",
     "Shows a value as JSON. A string is taken for JSON text."},
    {"display.latex", "display.latex(text [, metadata])",
     "Shows LaTeX, with formulas in $...$ or $$...$$."},
    {"display.markdown", "display.markdown(text [, metadata])", "Shows Markdown."},
    {"display.png", "display.png(file_or_bytes [, metadata])", "Shows a PNG image."},
    {"display.svg", "display.svg(text [, metadata])", "Shows the source of an SVG image."},
    {"display.table", "display.table(rows [, options])",
     "Shows a list of records or of lists as a table. Options: columns, a list of names; caption; "
     "limit, the rows to show (1000)."},
    {"display.text", "display.text(value)", "Shows a value as text, as tostring gives it."},
    {"dofile", "dofile([filename])", "Runs a file as a Lua chunk and returns its values."},
    {"error", "error(message [, level])",
     "Raises an error with the given object. Level 1 (default) adds the place of the "
     "caller to a string, 2 that of its caller, 0 none."},
    {"ffi.abi", "ffi.abi(property)",
     "Whether the ABI has a property: \"64bit\", \"le\", \"be\", \"fpu\"."},
    {"ffi.alignof", "ffi.alignof(type)", "The alignment of a C type, in bytes."},
    {"ffi.cast", "ffi.cast(type, value)",
     "C data of a scalar type, converted as a cast in C does."},
    {"ffi.cdef", "ffi.cdef(declarations, ...)",
     "Declares C functions, variables, types and constants, as in a header."},
    {"ffi.copy", "ffi.copy(to, from [, size])",
     "Copies bytes; of a string without a size, all and the final NUL."},
    {"ffi.errno", "ffi.errno([new])",
     "The errno that the last call of C left; sets it for the next."},
    {"ffi.fill", "ffi.fill(to, size [, byte])", "Fills memory with a byte, by default 0."},
    {"ffi.gc", "ffi.gc(object, finalizer)",
     "Calls finalizer(object) when the object is collected; nil takes it away. Returns the object."},
    {"ffi.isnull", "ffi.isnull(pointer)", "Whether it is nil or a NULL pointer."},
    {"ffi.istype", "ffi.istype(type, object)", "Whether the object is C data of the type."},
    {"ffi.load", "ffi.load(name [, global])",
     "Loads a shared library: a name such as \"z\" or a path. Index it with what was declared."},
    {"ffi.metatype", "ffi.metatype(type, metatable)",
     "Gives a struct or union methods and operators. Returns the type."},
    {"ffi.new", "ffi.new(type [, count] [, initial...])",
     "A new object of a C type, zeroed where it is not set."},
    {"ffi.offsetof", "ffi.offsetof(type, member)",
     "The offset of a member; of a bit-field also its first bit and its width."},
    {"ffi.sizeof", "ffi.sizeof(type [, count])", "The size of a C type or object, in bytes."},
    {"ffi.string", "ffi.string(pointer [, size])",
     "A Lua string of C's: up to the NUL, or of a size."},
    {"ffi.typeof", "ffi.typeof(type, ...)", "A C type; called, it makes new objects."},
    {"getmetatable", "getmetatable(object)",
     "Returns the metatable of an object, or its __metatable field when there is one."},
    {"input", "input([prompt [, password]])",
     "Asks the user for a line in the frontend and returns it as a string. With password, "
     "what is typed stays hidden. (Not part of standard Lua.)"},
    {"ipairs", "ipairs(t)",
     "For loops over t[1], t[2], ... up to the first nil: for i, v in ipairs(t) do ... "
     "end"},
    {"load", "load(chunk [, chunkname [, mode [, env]]])",
     "Compiles a string, or what a function returns piece by piece, to a function. On "
     "failure returns nil and a message."},
    {"loadfile", "loadfile([filename [, mode [, env]]])",
     "Compiles a file to a function without running it. On failure returns nil and a "
     "message."},
    {"next", "next(table [, index])",
     "Returns the key and value that follow index in a table, or nil at the end. next(t) "
     "== nil tells that t is empty."},
    {"pairs", "pairs(t)",
     "For loops over all entries of a table, in no particular order: for k, v in pairs(t) "
     "do ... end"},
    {"pcall", "pcall(f [, arg1, ...])",
     "Calls f in protected mode. Returns true and its results, or false and the error "
     "object."},
    {"print", "print(...)",
     "Prints its arguments as tostring shows them, separated by tabs, and a newline."},
    {"rawequal", "rawequal(v1, v2)", "Compares two values without metamethods."},
    {"rawget", "rawget(table, index)", "Reads table[index] without metamethods."},
    {"rawlen", "rawlen(v)", "The length of a table or string without metamethods."},
    {"rawset", "rawset(table, index, value)",
     "Sets table[index] = value without metamethods and returns the table."},
    {"require", "require(modname)",
     "Loads a module once, by way of package.searchers, and returns its value."},
    {"select", "select(n, ...)",
     "Returns the arguments from the n-th on; select(\"#\", ...) returns how many there "
     "are."},
    {"setmetatable", "setmetatable(table, metatable)",
     "Sets the metatable of a table (nil removes it) and returns the table."},
    {"tonumber", "tonumber(e [, base])",
     "Converts to a number, or returns nil. With base (2 to 36), e is a string with an "
     "integer in that base."},
    {"tostring", "tostring(v)",
     "Converts any value to a string. The metamethod __tostring decides when there is "
     "one."},
    {"type", "type(v)",
     "The type of a value as a string: \"nil\", \"number\", \"string\", \"boolean\", "
     "\"table\", \"function\", \"thread\" or \"userdata\"."},
    {"warn", "warn(msg1, ...)",
     "Emits a warning made of its arguments, which are strings. warn(\"@off\") and "
     "warn(\"@on\") switch warnings."},
    {"xpcall", "xpcall(f, msgh [, arg1, ...])",
     "Like pcall, with a message handler that gets the error object before the stack "
     "unwinds."},
    {"coroutine.close", "coroutine.close(co)",
     "Closes a suspended or dead coroutine and its pending to-be-closed variables."},
    {"coroutine.create", "coroutine.create(f)",
     "Makes a coroutine with body f and returns it as a thread."},
    {"coroutine.isyieldable", "coroutine.isyieldable([co])",
     "Tells whether a coroutine, by default the running one, can yield."},
    {"coroutine.resume", "coroutine.resume(co [, val1, ...])",
     "Starts or continues a coroutine. Returns true and the values it yields or returns, "
     "or false and an error."},
    {"coroutine.running", "coroutine.running()",
     "Returns the running coroutine, and true when it is the main one."},
    {"coroutine.status", "coroutine.status(co)",
     "The status of a coroutine: \"running\", \"suspended\", \"normal\" or \"dead\"."},
    {"coroutine.wrap", "coroutine.wrap(f)",
     "Makes a coroutine and returns a function that resumes it at each call. Errors "
     "propagate."},
    {"coroutine.yield", "coroutine.yield(...)",
     "Suspends the running coroutine; its arguments are the results of resume."},
    {"debug.debug", "debug.debug()",
     "Reads and runs lines from standard input; of no use in a notebook."},
    {"debug.gethook", "debug.gethook([thread])",
     "Returns the hook function, mask and count of a thread."},
    {"debug.getinfo", "debug.getinfo([thread,] f [, what])",
     "Returns a table with facts about a function or a level of the call stack."},
    {"debug.getlocal", "debug.getlocal([thread,] f, local)",
     "Returns name and value of a local variable at a stack level, or the name of a "
     "parameter of a function."},
    {"debug.getmetatable", "debug.getmetatable(value)",
     "Returns the metatable of any value, whatever its __metatable field says."},
    {"debug.getregistry", "debug.getregistry()", "Returns the registry table."},
    {"debug.getupvalue", "debug.getupvalue(f, up)",
     "Returns name and value of an upvalue of a function."},
    {"debug.getuservalue", "debug.getuservalue(u, n)",
     "Returns the n-th user value of a userdata, and whether it has one."},
    {"debug.sethook", "debug.sethook([thread,] hook, mask [, count])",
     "Sets a hook for \"c\" calls, \"r\" returns, \"l\" lines or every count "
     "instructions; without arguments removes it."},
    {"debug.setlocal", "debug.setlocal([thread,] level, local, value)",
     "Assigns to a local variable at a stack level and returns its name."},
    {"debug.setmetatable", "debug.setmetatable(value, table)",
     "Sets the metatable of any value and returns the value."},
    {"debug.setupvalue", "debug.setupvalue(f, up, value)",
     "Assigns to an upvalue of a function and returns its name."},
    {"debug.setuservalue", "debug.setuservalue(udata, value, n)",
     "Sets the n-th user value of a userdata."},
    {"debug.traceback", "debug.traceback([thread,] [message [, level]])",
     "Returns the message followed by a traceback of the call stack."},
    {"debug.upvalueid", "debug.upvalueid(f, n)",
     "Returns an identity of an upvalue, which tells whether closures share it."},
    {"debug.upvaluejoin", "debug.upvaluejoin(f1, n1, f2, n2)",
     "Makes an upvalue of f1 refer to an upvalue of f2."},
    {"debug.setcstacklimit", "debug.setcstacklimit(limit)",
     "Has no effect any more; kept for compatibility."},
    {"io.close", "io.close([file])", "Closes a file, or the default output."},
    {"io.flush", "io.flush()", "Writes out what the default output has buffered."},
    {"io.input", "io.input([file])",
     "Returns the default input, after setting it to a file or an opened name when one is "
     "given."},
    {"io.lines", "io.lines([filename, ...])",
     "For loops over the lines of a file, or of the default input: for line in "
     "io.lines(name) do ... end"},
    {"io.open", "io.open(filename [, mode])",
     "Opens a file: \"r\" (default), \"w\", \"a\", \"r+\", \"w+\", \"a+\", with \"b\" for "
     "binary. On failure returns nil, a message and a code."},
    {"io.output", "io.output([file])",
     "Returns the default output, after setting it to a file or an opened name when one "
     "is given."},
    {"io.popen", "io.popen(prog [, mode])",
     "Starts a program and returns a file to read its output (\"r\", default) or to write "
     "its input (\"w\")."},
    {"io.read", "io.read(...)",
     "Reads from the default input by formats: \"l\" line (default), \"L\" line with its "
     "end, \"n\" number, \"a\" all, or a count of bytes."},
    {"io.tmpfile", "io.tmpfile()", "Opens a temporary file that is removed when the program ends."},
    {"io.type", "io.type(obj)", "Returns \"file\", \"closed file\", or nil when obj is no file."},
    {"io.write", "io.write(...)",
     "Writes strings and numbers to the default output, without separators or newline."},
    {"file:close", "file:close()",
     "Closes the file. For a file from io.popen returns what os.execute would."},
    {"file:flush", "file:flush()", "Writes out what the file has buffered."},
    {"file:lines", "file:lines(...)",
     "For loops over the file by formats as of file:read, by default by lines."},
    {"file:read", "file:read(...)",
     "Reads by formats: \"l\" line (default), \"L\" line with its end, \"n\" number, "
     "\"a\" all, or a count of bytes."},
    {"file:seek", "file:seek([whence [, offset]])",
     "Moves to an offset from \"set\", \"cur\" (default) or \"end\" and returns the "
     "position from the start."},
    {"file:setvbuf", "file:setvbuf(mode [, size])",
     "Sets buffering: \"no\", \"full\" or \"line\"."},
    {"file:write", "file:write(...)", "Writes strings and numbers, and returns the file."},
    {"math.abs", "math.abs(x)", "The larger of x and -x."},
    {"math.acos", "math.acos(x)", "The arc cosine, in radians."},
    {"math.asin", "math.asin(x)", "The arc sine, in radians."},
    {"math.atan", "math.atan(y [, x])",
     "The arc tangent of y/x, in radians, in the quadrant that both signs give."},
    {"math.ceil", "math.ceil(x)", "The smallest integer that is not less than x."},
    {"math.cos", "math.cos(x)", "The cosine of x radians."},
    {"math.deg", "math.deg(x)", "Converts radians to degrees."},
    {"math.exp", "math.exp(x)", "e to the power of x."},
    {"math.floor", "math.floor(x)", "The largest integer that is not greater than x."},
    {"math.fmod", "math.fmod(x, y)", "The remainder of x/y that rounds the quotient towards zero."},
    {"math.log", "math.log(x [, base])", "The logarithm of x, natural by default."},
    {"math.max", "math.max(x, ...)", "The greatest of its arguments."},
    {"math.min", "math.min(x, ...)", "The least of its arguments."},
    {"math.modf", "math.modf(x)", "Returns the integral part of x and its fractional part."},
    {"math.rad", "math.rad(x)", "Converts degrees to radians."},
    {"math.random", "math.random([m [, n]])",
     "A random float in [0,1), an integer in [1,m], or an integer in [m,n]. "
     "math.random(0) gives all bits at random."},
    {"math.randomseed", "math.randomseed([x [, y]])",
     "Seeds the generator; without arguments, at random. Returns the two parts of the "
     "seed."},
    {"math.sin", "math.sin(x)", "The sine of x radians."},
    {"math.sqrt", "math.sqrt(x)", "The square root."},
    {"math.tan", "math.tan(x)", "The tangent of x radians."},
    {"math.tointeger", "math.tointeger(x)",
     "Converts to an integer when that is exact; otherwise returns nil."},
    {"math.type", "math.type(x)", "Returns \"integer\", \"float\", or nil when x is no number."},
    {"math.ult", "math.ult(m, n)", "Compares integers as unsigned: is m below n?"},
    {"os.clock", "os.clock()", "CPU time used by the program, in seconds."},
    {"os.date", "os.date([format [, time]])",
     "Date and time as a string by strftime, or as a table for \"*t\". A leading \"!\" "
     "means UTC."},
    {"os.difftime", "os.difftime(t2, t1)", "The seconds from t1 to t2."},
    {"os.execute", "os.execute([command])",
     "Runs a shell command. Returns true or nil, \"exit\" or \"signal\", and the code. "
     "Without a command tells whether there is a shell."},
    {"os.exit", "os.exit([code [, close]])",
     "Raises an error here: the session belongs to all cells."},
    {"os.getenv", "os.getenv(varname)", "The value of an environment variable, or nil."},
    {"os.remove", "os.remove(filename)",
     "Deletes a file or an empty directory. On failure returns nil, a message and a code."},
    {"os.rename", "os.rename(oldname, newname)",
     "Renames a file. On failure returns nil, a message and a code."},
    {"os.setlocale", "os.setlocale(locale [, category])",
     "Sets or queries the locale of the program."},
    {"os.time", "os.time([table])",
     "The current time, or that of a table with year, month, day, hour, min, sec, isdst; "
     "in seconds since the epoch."},
    {"os.tmpname", "os.tmpname()", "Creates a temporary file and returns its name."},
    {"package.loadlib", "package.loadlib(libpath, funcname)",
     "Loads a C library and returns one of its functions as a Lua function; \"*\" only "
     "links it."},
    {"package.searchpath", "package.searchpath(name, path [, sep [, rep]])",
     "Looks for a module's file along a path. On failure returns nil and what was tried."},
    {"string.byte", "string.byte(s [, i [, j]])",
     "The codes of the bytes s[i] to s[j]; i is 1 and j is i by default."},
    {"string.char", "string.char(...)", "The string made of bytes with the given codes."},
    {"string.dump", "string.dump(function [, strip])",
     "A function as a binary chunk that load reads."},
    {"string.find", "string.find(s, pattern [, init [, plain]])",
     "Returns start and end of the first match, and its captures; or nil. With plain, "
     "pattern is plain text."},
    {"string.format", "string.format(formatstring, ...)",
     "Formats as C's printf does: %d %i %u %c %x %X %o %e %g %f %a %s %%, and %q for a "
     "literal that Lua reads back."},
    {"string.gmatch", "string.gmatch(s, pattern [, init])",
     "For loops over the matches: for a, b in s:gmatch(\"(%w+)=(%w+)\") do ... end"},
    {"string.gsub", "string.gsub(s, pattern, repl [, n])",
     "Replaces matches by a string (%1 is a capture), a table's entry or a function's "
     "result. Returns the new string and the number of matches."},
    {"string.len", "string.len(s)", "The length in bytes."},
    {"string.lower", "string.lower(s)", "The string with upper case letters made lower case."},
    {"string.match", "string.match(s, pattern [, init])",
     "The captures of the first match, or the whole match; nil when there is none."},
    {"string.pack", "string.pack(fmt, v1, v2, ...)",
     "Packs values into a binary string by a format."},
    {"string.packsize", "string.packsize(fmt)",
     "The size of what string.pack makes of a format without variable parts."},
    {"string.rep", "string.rep(s, n [, sep])", "n copies of s, with sep in between."},
    {"string.reverse", "string.reverse(s)", "The bytes of s in reverse order."},
    {"string.sub", "string.sub(s, i [, j])",
     "The bytes from i to j; negative positions count from the end."},
    {"string.unpack", "string.unpack(fmt, s [, pos])",
     "Reads values from a binary string. The last result is the position behind them."},
    {"string.upper", "string.upper(s)", "The string with lower case letters made upper case."},
    {"table.concat", "table.concat(list [, sep [, i [, j]]])",
     "Joins the strings and numbers list[i] to list[j] with sep in between."},
    {"table.insert", "table.insert(list, [pos,] value)",
     "Inserts at a position, by default at the end, moving up what follows."},
    {"table.move", "table.move(a1, f, e, t [, a2])",
     "Copies a1[f..e] to position t of a2, by default of a1, and returns that table."},
    {"table.pack", "table.pack(...)",
     "A table of the arguments, with field n for how many there are."},
    {"table.remove", "table.remove(list [, pos])",
     "Removes and returns the element at a position, by default the last, moving down "
     "what follows."},
    {"table.sort", "table.sort(list [, comp])",
     "Sorts in place, by < or by comp(a, b), which tells whether a comes first. Not "
     "stable."},
    {"table.unpack", "table.unpack(list [, i [, j]])",
     "Returns list[i] to list[j], by default all elements."},
    {"utf8.char", "utf8.char(...)", "The UTF-8 string made of the given code points."},
    {"utf8.codepoint", "utf8.codepoint(s [, i [, j [, lax]]])",
     "The code points of the characters that start between bytes i and j."},
    {"utf8.codes", "utf8.codes(s [, lax])",
     "For loops over the characters: for position, code in utf8.codes(s) do ... end"},
    {"utf8.len", "utf8.len(s [, i [, j [, lax]]])",
     "The number of characters, or nil and the position of the first invalid byte."},
    {"utf8.offset", "utf8.offset(s, n [, i])",
     "The byte position at which the n-th character starts, counted from position i."},
    {NULL, NULL, NULL},
};

/* Pushes the table that the entry's name is looked up in. */
static int push_owner(lua_State *L, const char *name, size_t size)
{
    if (size == 4 && memcmp(name, "file", 4) == 0) {
        if (luaL_getmetatable(L, LUA_FILEHANDLE) != LUA_TTABLE)
            return LUA_TNIL;
        return lua_getfield(L, -1, "__index");
    }
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushlstring(L, size ? name : LUA_GNAME, size ? size : strlen(LUA_GNAME));
    return lua_rawget(L, -2);
}

bool manual_push(lua_State *L, const struct manual_entry *entry)
{
    int top = lua_gettop(L);
    size_t owner = strcspn(entry->name, ".:");
    bool global = entry->name[owner] == '\0';
    bool found = push_owner(L, entry->name, global ? 0 : owner) == LUA_TTABLE;
    if (found) {
        lua_pushstring(L, global ? entry->name : entry->name + owner + 1);
        found = lua_rawget(L, -2) != LUA_TNIL;
    }
    if (found)
        lua_replace(L, top + 1);
    lua_settop(L, found ? top + 1 : top);
    return found;
}
