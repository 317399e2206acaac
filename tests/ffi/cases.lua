-- Cases of the module ffi against libc, libm, zlib and sqlite3, as a table: code and what it gives.
-- The code is an expression, or statements with a return. The values are compared as text; "error: "
-- begins a part of the message that is expected instead. Prints TAP.
local ffi = require "ffi"

ffi.cdef(io.open((os.getenv("SRCDIR") or ".") .. "/tests/ffi/declarations.h"):read("a"))

local names = {"libc", "libm", "zlib", "sqlite3", "types", "callbacks", "errors"}

local environment = setmetatable({
    ffi = ffi, C = ffi.C, m = ffi.load("m"), z = ffi.load("z"), sq = ffi.load("sqlite3"),
    new = ffi.new, cast = ffi.cast, str = ffi.string, sizeof = ffi.sizeof,
}, {__index = _G})

local function texts(...)
    local all = table.pack(...)
    for i = 1, all.n do
        all[i] = tostring(all[i])
    end
    return table.concat(all, ", ")
end

local function evaluate(code)
    local chunk = load("return " .. code, "=case", "t", environment) or
                  assert(load(code, "=case", "t", environment))
    local results = table.pack(pcall(chunk))
    if results[1] then
        return texts(table.unpack(results, 2, results.n))
    end
    return "error: " .. tostring(results[2])
end

local function is_expected(got, expected)
    local part = expected:match("^error: (.*)$")
    if part then
        return got:sub(1, 7) == "error: " and got:find(part, 1, true) ~= nil
    end
    return got == expected
end

local count, failed = 0, 0
for _, name in ipairs(names) do
    local path = (os.getenv("SRCDIR") or ".") .. "/tests/ffi/cases_" .. name .. ".lua"
    for _, case in ipairs(dofile(path)) do
        local expected = tostring(case[2])
        local got = evaluate(case[1])
        local good = is_expected(got, expected)
        count = count + 1
        failed = failed + (good and 0 or 1)
        print(("%sok %d - %s: %s"):format(good and "" or "not ", count, name,
                                          case[1]:gsub("%s+", " "):gsub("#", "")))
        if not good then
            print("# expected: " .. expected:gsub("\n", "\n# "))
            print("# got:      " .. got:gsub("\n", "\n# "))
        end
    end
end
collectgarbage()
print("1.." .. count)
if failed > 0 then
    error(failed .. " cases failed")
end
