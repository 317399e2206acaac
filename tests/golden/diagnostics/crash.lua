local ffi = require 'ffi'
ffi.cdef 'int raise(int);'
ffi.C.raise(11)