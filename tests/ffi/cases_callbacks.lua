local sort = [[local a = new('int[5]', {5, 2, 9, 1, 7})
    %s
    return a[0], a[1], a[2], a[3], a[4] ]]
return {
    {sort:format [[C.qsort(a, 5, 4, function(x, y)
        return cast('const int *', x)[0] - cast('const int *', y)[0] end)]], "1, 2, 5, 7, 9"},
    {sort:format [[local cb = cast('int (*)(const int *, const int *)', function(x, y) return y[0] - x[0] end)
        C.qsort(a, 5, 4, cast('int (*)(const void *, const void *)', cb)) cb:free()]], "9, 7, 5, 2, 1"},
    {[[local a, key = new('int[4]', 1, 3, 5, 7), new('int[1]', 5)
       local found = C.bsearch(key, a, 4, 4, function(x, y)
           return cast('const int *', x)[0] - cast('const int *', y)[0] end)
       return cast('int *', found) - a]], "2"},
    {"local cb = cast('binary', function(a, b) return a * b end) local v = cb(6, 7) cb:free() return v", "42"},
    {"local cb = cast('binary', function() return 1 end) cb:set(function(a) return a end) local v = cb(9, 0) cb:free() return v", "9"},
    {"local cb = cast('binary', function() return 1 end) cb:free() return cb(1, 2)", "error: NULL pointer"},
    {"local cb = cast('binary', function() return 1 end) cb:free() cb:free()", "error: no callback, or one that has been freed"},
    {"local cb = cast('binary', function() error('inside', 0) end) local ok, m = pcall(cb, 1, 2) cb:free() return ok, m", "false, inside"},
    {"local cb = cast('binary', function() error({code = 7}) end) local ok, e = pcall(cb, 1, 2) cb:free() return ok, e.code", "false, 7"},
    {"local cb = cast('binary', function() return 'x' end) local ok, m = pcall(cb, 1, 2) cb:free() return m:match('bad result.*')",
     "bad result of a callback: expected `int`, got string \"x\""},
    {[[local n = 0
       local ok, m = pcall(C.qsort, new('int[8]', {8, 7, 6, 5, 4, 3, 2, 1}), 8, 4, function()
           n = n + 1 error('first', 0) end)
       return ok, m, n]], "false, first, 1"},
    {"local cb = cast('double (*)(double, float)', function(a, b) return a + b end) local v = cb(1.5, 2.5) cb:free() return v", "4.0"},
    {"local cb = cast('bool (*)(bool)', function(b) return not b end) local v = cb(false) cb:free() return v", "true"},
    {"local cb = cast('uint64_t (*)(uint64_t)', function(v) return v end) local v = cb(new('uint64_t', -2)) cb:free() return v",
     "18446744073709551614ULL"},
    {"local cb = cast('int8_t (*)(uint8_t)', function(v) return v end) local v = cb(200) cb:free() return v", "-56"},
    {"local cb = cast('const char *(*)(const char *)', function(s) return s end) local v = str(cb('through')) cb:free() return v", "through"},
    {"local cb = cast('struct point (*)(struct point)', function(p) return {x = p.y, y = p.x} end) local p = cb({1, 2}) cb:free() return p.x, p.y", "2, 1"},
    {"local cb = cast('struct rect (*)(struct rect)', function(r) r.a.x = 9 return r end) local r = cb({{1, 2}, {3, 4}}) cb:free() return r.a.x, r.b.y", "9, 4"},
    {"local cb = cast('void (*)(int)', function() end) local n = select('#', cb(1)) cb:free() return n", "0"},
    {[[local outer, inner
       inner = cast('binary', function(a, b) return a + b end)
       outer = cast('binary', function(a, b) return inner(a, b) * 2 end)
       local v = outer(3, 4) inner:free() outer:free() return v]], "14"},
    {"local cb cb = cast('binary', function() cb:free() return 5 end) return cb(1, 2)", "5"},
    {"cast('int (*)(int, ...)', function() end)", "error: a callback cannot be variadic"},
    {"cast('int (*)(int)', C.abs)(-4)", "4"},
    {"local f = new('binary[1]') f[0] = function(a, b) return a - b end return f[0](9, 4)", "5"},
    {"local co = coroutine.wrap(function() return C.abs(-3) end) return co()", "3"},
    {[[local all = {}
       for i = 1, 200 do
           local cb = cast('binary', function(a) return a + i end)
           all[i] = cb(1, 0) cb:free()
       end
       return all[200] ]], "201"},
    {[[local cb = cast('int (*)(int, int, int, int, int, int, int, int, double)',
           function(a, b, c, d, e, f, g, h, i) return a + b + c + d + e + f + g + h + i end)
       local v = cb(1, 2, 3, 4, 5, 6, 7, 8, 9.0) cb:free() return v]], "45"},
    {"C.abs:free()", "error: "},
    -- What registers and the stack carry: each function is called by one way and received by another.
    {"local cb = cast('float (*)(float, float, float)', function(a, b, c) return a * 100 + b * 10 + c end) local v = cb(1.5, 2.5, 3.5) cb:free() return v", "178.5"},
    {"local cb = cast('double (*)(int, double, char, float, long, double)', function(a, b, c, d, e, f) return a + b * 10 + c * 100 + d * 1000 + e * 1e4 + f * 1e5 end) local v = cb(1, 2, 3, 4, 5, 6) cb:free() return v", "654321.0"},
    {"local cb = cast('int64_t (*)(int, int, int, int, int, int, int)', function(a, b, c, d, e, f, g) return a + b * 10 + c * 100 + d * 1000 + e * 10000 + f * 100000 + g * 1000000 end) local v = cb(1, 2, 3, 4, 5, 6, 7) cb:free() return v", "7654321"},
    {"local cb = cast('double (*)(double, double, double, double, double, double, double, double, double)', function(...) return select(9, ...) * 10 + (...) end) local v = cb(1, 2, 3, 4, 5, 6, 7, 8, 9) cb:free() return v", "91.0"},
    {"local cb = cast('int (*)(int8_t, uint8_t, int16_t, uint16_t)', function(a, b, c, d) return a + b * 10 + c * 100 + d * 1000 end) local v = cb(-1, 255, -2, 65535) cb:free() return v", "65537349"},
    {"local cb = cast('uint8_t (*)(int)', function(a) return a end) local v = cb(511) cb:free() return v", "255"},
    {"local cb = cast('int16_t (*)(int)', function(a) return a end) local v = cb(40000) cb:free() return v", "-25536"},
    {"local cb = cast('uint32_t (*)(int)', function(a) return a end) local v = cb(-1) cb:free() return v", "4294967295"},
    {"local cb = cast('bool (*)(int8_t, bool)', function(a, b) return b and a == -5 end) local v = cb(-5, true) cb:free() return v", "true"},
    {"local cb = cast('enum color (*)(enum color)', function(c) return c + 1 end) local v = cb('GREEN') cb:free() return v", "6"},
    {"local cb = cast('void *(*)(void *, int)', function(p) return p end) local v = cb(cast('void *', 4096), 1) cb:free() return v", "cdata<void *>: 0x1000"},
    {"local cb = cast('void *(*)(void *)', function(p) return p end) local v = cb(nil) cb:free() return v", "nil"},
    {"local T = ffi.typeof('struct { double x, y; }') local cb = cast(ffi.typeof('$ (*)(int, $)', T, T), function(_, r) return r end) local r = cb(1, {1, 2}) cb:free() return r.x * 10 + r.y", "12.0"},
    {"local T = ffi.typeof('struct { double d; int i; }') local cb = cast(ffi.typeof('$ (*)(int, $)', T, T), function(_, r) return r end) local r = cb(1, {1.5, 7}) cb:free() return r.d * 10 + r.i", "22.0"},
    {"local T = ffi.typeof('struct { float a, b, c; }') local cb = cast(ffi.typeof('$ (*)(int, $)', T, T), function(_, r) return r end) local r = cb(1, {1, 2, 3}) cb:free() return r.a * 100 + r.b * 10 + r.c", "123.0"},
    {"local T = ffi.typeof('struct { char text[24]; }') local cb = cast(ffi.typeof('$ (*)(int, $)', T, T), function(_, r) return r end) local r = cb(1, {text = 'carried on the stack'}) cb:free() return str(r.text)", "carried on the stack"},
    {"local T = ffi.typeof('struct { uint8_t a, b, c; }') local cb = cast(ffi.typeof('$ (*)(int, $)', T, T), function(_, r) return r end) local r = cb(1, {1, 2, 3}) cb:free() return r.a * 100 + r.b * 10 + r.c", "123"},
    {"local T = ffi.typeof('struct { short s; float f; long l; }') local cb = cast(ffi.typeof('$ (*)(int, $)', T, T), function(_, r) return r end) local r = cb(1, {1, 2, 3}) cb:free() return r.s + r.f * 10 + r.l * 100", "321.0"},
    {"local T = ffi.typeof('union { int i; double d; }') local cb = cast(ffi.typeof('$ (*)(int, $)', T, T), function(_, r) return r end) local r = cb(1, {d = 2.5}) cb:free() return r.d", "2.5"},
}
