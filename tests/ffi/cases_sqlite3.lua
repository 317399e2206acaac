-- Runs a part with `db` open on an empty database in memory.
local function with(code, setup)
    return ([[
    local handle = new('sqlite3 *[1]')
    assert(sq.sqlite3_open(':memory:', handle) == C.SQLITE_OK)
    local db = handle[0]
    local function exec(sql) return sq.sqlite3_exec(db, sql, nil, nil, nil) end
    local function prepare(sql)
        local out = new('sqlite3_stmt *[1]')
        assert(sq.sqlite3_prepare_v2(db, sql, -1, out, nil) == 0, str(sq.sqlite3_errmsg(db)))
        return out[0]
    end
    local function one(sql, get)
        local s = prepare(sql)
        assert(sq.sqlite3_step(s) == C.SQLITE_ROW)
        local value = get(s, 0)
        sq.sqlite3_finalize(s)
        return value
    end
    local function run() %s end
    local results = table.pack(pcall(run))
    local status = sq.sqlite3_close(db)
    assert(results[1], results[2])
    assert(status == 0, 'close')
    return table.unpack(results, 2, results.n)]]):format(code)
end
local cases = {
    {"str(sq.sqlite3_libversion()):sub(1, 2)", "3."},
    {"sq.sqlite3_libversion_number() > 3000000", "true"},
    {"sq.sqlite3_complete('select 1;'), sq.sqlite3_complete('select')", "1, 0"},
    {"local p = sq.sqlite3_mprintf('%d-%s', new('int', 7), 'x') local s = str(p) sq.sqlite3_free(p) return s", "7-x"},
    {with "return true", "true"},
    {with "return exec('create table t(a)')", "0"},
    {with "return exec('nonsense'), str(sq.sqlite3_errmsg(db))", "1, near \"nonsense\": syntax error"},
    {with "return (one('select 40 + 2', sq.sqlite3_column_int))", "42"},
    {with "return (one('select 9223372036854775807', sq.sqlite3_column_int64))", "9223372036854775807"},
    {with "return (one('select -9223372036854775808', sq.sqlite3_column_int64))", "-9223372036854775808"},
    {with "return (one('select 0.25', sq.sqlite3_column_double))", "0.25"},
    {with "return (one('select 1e300', sq.sqlite3_column_double))", "1e+300"},
    {with [[return (one("select 'te' || 'xt'", function(s) return str(sq.sqlite3_column_text(s, 0)) end))]], "text"},
    {with [[return (one("select x'00ff00'", function(s)
        local n = sq.sqlite3_column_bytes(s, 0)
        return str(sq.sqlite3_column_blob(s, 0), n):byte(1, -1) end))]], "0"},
    {with "return (one('select null', sq.sqlite3_column_text))", "nil"},
    {with "return (one('select null', sq.sqlite3_column_type))", "5"},
    {with "return (one('select 1', sq.sqlite3_column_type))", "1"},
    {with "return (one('select 1.5', sq.sqlite3_column_type)) == C.SQLITE_FLOAT", "true"},
    {with [[return (one("select ''", sq.sqlite3_column_type)) == C.SQLITE_TEXT]], "true"},
    {with [[exec('create table t(a, b)') local n = 0
        for i = 1, 10 do exec('insert into t values(' .. i .. ', ' .. i * i .. ')') end
        local s, sum = prepare('select a, b from t'), 0
        while sq.sqlite3_step(s) == C.SQLITE_ROW do sum = sum + sq.sqlite3_column_int(s, 1) n = n + 1 end
        sq.sqlite3_finalize(s) return n, sum]], "10, 385"},
    {with [[exec('create table t(a)') exec('insert into t values(1),(2),(3)')
        return sq.sqlite3_changes(db), sq.sqlite3_last_insert_rowid(db)]], "3, 3"},
    {with [[local s = prepare('select ? + ?') sq.sqlite3_bind_int64(s, 1, 2^40 | 0) sq.sqlite3_bind_int64(s, 2, 1)
        sq.sqlite3_step(s) local v = sq.sqlite3_column_int64(s, 0) sq.sqlite3_finalize(s) return v]], "1099511627777"},
    {with [[local s = prepare('select ? * 2') sq.sqlite3_bind_double(s, 1, 1.25)
        sq.sqlite3_step(s) local v = sq.sqlite3_column_double(s, 0) sq.sqlite3_finalize(s) return v]], "2.5"},
    {with [[local s = prepare('select upper(?)')
        sq.sqlite3_bind_text(s, 1, 'lower', -1, cast('void (*)(void *)', -1))
        sq.sqlite3_step(s) local v = str(sq.sqlite3_column_text(s, 0)) sq.sqlite3_finalize(s) return v]], "LOWER"},
    {with [[local s = prepare('select 1 as first, 2 as second')
        local n = sq.sqlite3_column_count(s)
        local names = str(sq.sqlite3_column_name(s, 0)) .. ' ' .. str(sq.sqlite3_column_name(s, 1))
        sq.sqlite3_finalize(s) return n, names]], "2, first second"},
    {with [[local s, all = prepare('select ?'), {}
        for i = 1, 3 do sq.sqlite3_bind_int64(s, 1, i * 10) sq.sqlite3_step(s)
            all[i] = sq.sqlite3_column_int(s, 0) sq.sqlite3_reset(s) end
        sq.sqlite3_finalize(s) return table.unpack(all)]], "10, 20, 30"},
    {with [[local rows = {}
        local cb = cast('int (*)(void *, int, char **, char **)', function(_, n, values, names)
            rows[#rows + 1] = str(names[0]) .. '=' .. str(values[0]) return 0 end)
        sq.sqlite3_exec(db, 'select 1 as a union select 2', cb, nil, nil)
        cb:free() return table.concat(rows, ' ')]], "a=1 a=2"},
    {with [[local n = 0
        local cb = cast('int (*)(void *, int, char **, char **)', function() n = n + 1 return n == 2 and 1 or 0 end)
        local status = sq.sqlite3_exec(db, 'select 1 union select 2 union select 3', cb, nil, nil)
        cb:free() return n, status == C.SQLITE_ABORT]], "2, true"},
    {with [[local cb = cast('int (*)(void *, int, char **, char **)', function() error('from Lua', 0) end)
        local ok, message = pcall(sq.sqlite3_exec, db, 'select 1', cb, nil, nil)
        cb:free() return ok, message]], "false, from Lua"},
    {with [[local twice = cast('void (*)(sqlite3_context *, int, sqlite3_value **)', function(c, n, v)
            sq.sqlite3_result_int64(c, 2 * sq.sqlite3_value_int64(v[0])) end)
        sq.sqlite3_create_function(db, 'twice', 1, C.SQLITE_UTF8, nil, twice, nil, nil)
        local v = one('select twice(21)', sq.sqlite3_column_int)
        twice:free() return v]], "42"},
    {with [[local message = new('char *[1]')
        local status = sq.sqlite3_exec(db, 'select * from nowhere', nil, nil, message)
        local text = str(message[0]) sq.sqlite3_free(message[0]) return status, text]], "1, no such table: nowhere"},
    {with [[exec('create table t(a unique)') exec('insert into t values(1)')
        return exec('insert into t values(1)'), str(sq.sqlite3_errmsg(db))]], "19, UNIQUE constraint failed: t.a"},
    {with "exec('begin') exec('create table t(a)') exec('rollback') return exec('select * from t')", "1"},
    {"sq.sqlite3_step(nil)", "21"},
    {"sq.sqlite3_open(5, nil)", "error: bad argument 1 to `sqlite3_open`: expected `const char *`, got number 5"},
    {"sq.sqlite3_close(new('int[1]'))", "error: bad argument 1 to `sqlite3_close`: expected `struct sqlite3 *`, got `int [1]`"},
    {"new('sqlite3')", "error: the size of `struct sqlite3` is not known"},
    {with "return db.x", "error: is only announced"},
}
return cases
