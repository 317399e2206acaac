local s = 'abc'
return string.rep()