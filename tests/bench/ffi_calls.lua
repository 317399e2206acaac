-- Times calls of C: `ffi_lua ffi_calls.lua` also the same through Lua's own API, `luajit -joff
-- ffi_calls.lua` what LuaJIT's interpreter does. Prints "name nanoseconds", of each the best of five
-- rounds less the empty loop.
local ffi = require "ffi"
ffi.cdef [[
    int abs(int);
    double fabs(double);
    size_t strlen(const char *);
    typedef struct { int quot, rem; } div_t;
    div_t div(int, int);
    struct point { double x, y; };
]]
local COUNT, ROUNDS = 2000000, 5
local C, abs, fabs, strlen = ffi.C, ffi.C.abs, ffi.C.fabs, ffi.C.strlen
local point = ffi.new "struct point"
local numbers = ffi.new("int[16]")

local loops = {
    {"ffi.C.abs(-1)", function(n) for _ = 1, n do C.abs(-1) end end},
    {"abs(-1)", function(n) for _ = 1, n do abs(-1) end end},
    {"fabs(-1.5)", function(n) for _ = 1, n do fabs(-1.5) end end},
    {"strlen('hello')", function(n) for _ = 1, n do strlen("hello") end end},
    {"ffi.C.div(7, 2)", function(n) for _ = 1, n do C.div(7, 2) end end},
    {"point.x", function(n) for _ = 1, n do local _ = point.x end end},
    {"point.x = 1.5", function(n) for _ = 1, n do point.x = 1.5 end end},
    {"numbers[3]", function(n) for _ = 1, n do local _ = numbers[3] end end},
}
if plain_abs then
    local plain_table = {abs = plain_abs}
    table.insert(loops, 1, {"plain.abs(-1)", function(n) for _ = 1, n do plain_table.abs(-1) end end})
end

local function best(loop)
    local least = math.huge
    for _ = 1, ROUNDS do
        local start = os.clock()
        loop(COUNT)
        least = math.min(least, os.clock() - start)
    end
    return least / COUNT * 1e9
end

local empty = best(function(n) for _ = 1, n do end end)
for _, case in ipairs(loops) do
    print(("%s\t%.1f"):format(case[1], best(case[2]) - empty))
end
