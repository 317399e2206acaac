-- Evaluates the expressions of referee.lua, under LuaJIT or as `ffi_lua evaluate.lua FOLDER`: prints
-- expression, result, and what is expected of LuaJIT and of Hilum where they differ.
local ffi = require "ffi"
local folder = ...
local lists = dofile(folder .. "/referee.lua")

ffi.cdef(io.open(folder .. "/referee.h"):read("*a"))
pcall(ffi.load, "m", true)
local V
V = ffi.metatype("struct vec", {
    __add = function(a, b) return a.x + b.x + a.y + b.y end,
    __eq = function(a, b) return a.x == b.x and a.y == b.y end,
    __lt = function(a, b) return a.x < b.x end,
    __len = function() return 2 end,
    __unm = function(a) return -a.x end,
    __call = function(a, k) return a.x * k end,
    __index = {norm = function(a) return (a.x * a.x + a.y * a.y) ^ 0.5 end},
})
local environment = setmetatable({ffi = ffi, C = ffi.C, V = V}, {__index = _G})

-- Lua 5.4 writes 1.0 where LuaJIT writes 1: numbers are compared as numbers.
local function text(value)
    return type(value) == "number" and ("%.14g"):format(value) or tostring(value)
end

local function evaluate(code)
    local chunk, message = (loadstring or load)("return " .. code, "=e")
    if not chunk then
        return "syntax: " .. message
    end
    if setfenv then
        setfenv(chunk, environment)
    else
        debug.setupvalue(chunk, 1, environment)
    end
    local done, value = pcall(chunk)
    return done and text(value) or "error"
end

for _, code in ipairs(lists.same) do
    print(code .. "\t" .. evaluate(code))
end
for _, case in ipairs(lists.different) do
    print(case[1] .. "\t" .. evaluate(case[1]) .. "\t" .. case[2] .. "\t" .. case[3])
end
