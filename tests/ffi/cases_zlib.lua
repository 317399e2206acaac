local round_trip = [[
    local text = ('%s'):rep(%d)
    local bound = z.compressBound(#text)
    local packed, size = new('uint8_t[?]', bound), new('uLongf[1]', bound)
    assert(z.compress2(packed, size, text, #text, %d) == C.Z_OK)
    local back, length = new('uint8_t[?]', #text + 1), new('uLongf[1]', #text + 1)
    assert(z.uncompress(back, length, packed, size[0]) == C.Z_OK)
    return str(back, length[0]) == text, size[0] < #text + 20]]
local cases = {
    {"str(z.zlibVersion()):sub(1, 2)", "1."},
    {"z.crc32(0, nil, 0)", "0"},
    {"z.crc32(0, 'hello', 5)", "907060870"},
    {"z.adler32(1, 'hello', 5)", "103547413"},
    {"z.adler32(z.adler32(1, 'hel', 3), 'lo', 2)", "103547413"},
    {"z.crc32_combine(z.crc32(0, 'hel', 3), z.crc32(0, 'lo', 2), 2)", "907060870"},
    {"z.compressBound(1000) > 1000", "true"},
    {"str(z.zError(C.Z_DATA_ERROR))", "data error"},
    {"str(z.zError(C.Z_BUF_ERROR))", "buffer error"},
    {"z.zlibCompileFlags() > 0", "true"},
    {"local d, n = new('uint8_t[64]'), new('uLongf[1]', 64) return z.uncompress(d, n, 'garbage!', 8)", "-3"},
    {"local d, n = new('uint8_t[2]'), new('uLongf[1]', 2) return z.compress(d, n, 'abcdef', 6)", "-5"},
    {"sizeof('z_stream')", "112"},
    {"ffi.offsetof('z_stream', 'opaque'), ffi.offsetof('z_stream', 'adler')", "80, 96"},
    {[[local s, out = new('z_stream'), new('uint8_t[256]')
       local text = ('stream '):rep(20)
       assert(z.deflateInit_(s, 6, z.zlibVersion(), sizeof(s)) == 0)
       s.next_in, s.avail_in, s.next_out, s.avail_out = text, #text, out, 256
       local status = z.deflate(s, C.Z_FINISH)
       local size = s.total_out
       z.deflateEnd(s)
       local i, back = new('z_stream'), new('char[256]')
       assert(z.inflateInit_(i, z.zlibVersion(), sizeof(i)) == 0)
       i.next_in, i.avail_in, i.next_out, i.avail_out = out, size, cast('uint8_t *', back), 256
       local last = z.inflate(i, C.Z_FINISH)
       local total = i.total_out
       z.inflateEnd(i)
       return status, last, total, str(back, total) == text]], "1, 1, 140, true"},
    {"z.inflate(nil, 0)", "-2"},
    {"z.deflateInit_(new('z_stream'), 6, '0.1', sizeof('z_stream'))", "-6"},
    {"z.crc32(0, {1, 2}, 2)", "error: bad argument 2 to `crc32`: expected `const unsigned char *`, got table"},
    {"z.no_such_function", "error: `no_such_function` is not declared"},
    {"z.sin", "error: `sin`"},
}
for level = 0, 9 do
    cases[#cases + 1] = {round_trip:format("abc", 1000, level), "true, true"}
end
for _, count in ipairs {0, 1, 2, 100, 65536} do
    cases[#cases + 1] = {round_trip:format("x", count, 6), "true, true"}
end
return cases
