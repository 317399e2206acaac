local function check(n)
    if n < 0 then
        error('n is negative')
    end
end
check(-1)