local function f(n)
    if n > 0 then
        return n
end
