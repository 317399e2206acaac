# HILUM_NEED(PREFIX, MODULE, DEBIAN-PACKAGE)
# A library without which there is no Hilum. The error names the package to install.
AC_DEFUN([HILUM_NEED], [
    PKG_CHECK_MODULES([$1], [$2], [], [AC_MSG_ERROR([$2 was not found by pkg-config:
$$1_PKG_ERRORS
On Debian: apt-get install $3])])
])

# HILUM_TRY_CFLAGS(VARIABLE, FLAGS)
# Adds to VARIABLE those of FLAGS that the compiler takes.
AC_DEFUN([HILUM_TRY_CFLAGS], [
    for hilum_flag in $2; do
        AC_MSG_CHECKING([whether $CC takes $hilum_flag])
        hilum_saved_CFLAGS=$CFLAGS
        CFLAGS="-Werror $hilum_flag"
        AC_COMPILE_IFELSE([AC_LANG_SOURCE([[extern int hilum_probe; int hilum_probe;]])],
            [AC_MSG_RESULT([yes]); $1="$$1 $hilum_flag"], [AC_MSG_RESULT([no])])
        CFLAGS=$hilum_saved_CFLAGS
    done
])

# HILUM_TRY_LDFLAGS(VARIABLE, FLAGS)
AC_DEFUN([HILUM_TRY_LDFLAGS], [
    for hilum_flag in $2; do
        AC_MSG_CHECKING([whether the linker takes $hilum_flag])
        hilum_saved_LDFLAGS=$LDFLAGS
        LDFLAGS="$LDFLAGS $hilum_flag"
        AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
            [AC_MSG_RESULT([yes]); $1="$$1 $hilum_flag"], [AC_MSG_RESULT([no])])
        LDFLAGS=$hilum_saved_LDFLAGS
    done
])

# HILUM_NEED_SANITIZERS(FLAGS)
# They were asked for by name, so that doing without is an error.
AC_DEFUN([HILUM_NEED_SANITIZERS], [
    AC_MSG_CHECKING([whether $CC links with $1])
    hilum_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS $1"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])], [
        AC_MSG_RESULT([no])
        AC_MSG_ERROR([--enable-sanitizers: $CC cannot link with $1 (are its libasan and libubsan installed?)])])
    CFLAGS=$hilum_saved_CFLAGS
    FEATURE_CFLAGS="$FEATURE_CFLAGS $1"
    FEATURE_LDFLAGS="$FEATURE_LDFLAGS $1"
])

# HILUM_PYTHON_FOR_TESTS
# Sets PYTHON to an interpreter that can run tests/python, or to nothing. The system's interpreter
# comes first: that is where Debian's packages are seen, whatever else stands in PATH.
AC_DEFUN([HILUM_PYTHON_FOR_TESTS], [
    AC_ARG_VAR([PYTHON], [Python 3 with pytest, pyzmq and jupyter_client, for the protocol tests])
    AC_MSG_CHECKING([for a python3 with pytest, zmq and jupyter_client])
    hilum_candidates=${PYTHON:-/usr/bin/python3 python3}
    PYTHON=
    for hilum_python in $hilum_candidates; do
        AS_IF([PYTHONDONTWRITEBYTECODE=1 $hilum_python -c 'import pytest, zmq, jupyter_client' \
                   >&AS_MESSAGE_LOG_FD 2>&1],
              [PYTHON=$hilum_python; break])
    done
    AS_IF([test -n "$PYTHON"],
        [AC_MSG_RESULT([$PYTHON])
         hilum_python_note="yes, with $PYTHON"],
        [AC_MSG_RESULT([none of: $hilum_candidates])
         hilum_python_note="NO: they will be skipped (Debian: python3-pytest python3-zmq python3-jupyter-client)"])
    AS_IF([test "x$have_cmocka" = xyes],
        [hilum_unit_tests_note=yes],
        [hilum_unit_tests_note="NO: they will be skipped (Debian: libcmocka-dev)"])
])

# HILUM_FUZZING
# Sets FUZZ_CC to a clang that has libFuzzer and the sanitizers, or to nothing.
AC_DEFUN([HILUM_FUZZING], [
    AC_ARG_VAR([FUZZ_CC], [clang with libFuzzer, for `make fuzz`])
    AC_MSG_CHECKING([for a clang with libFuzzer])
    hilum_candidates=${FUZZ_CC:-clang clang-19 clang-16 clang-14}
    hilum_saved_CC=$CC
    hilum_saved_CFLAGS=$CFLAGS
    CFLAGS="-fsanitize=fuzzer,address,undefined"
    FUZZ_CC=
    for CC in $hilum_candidates; do
        AC_LINK_IFELSE([AC_LANG_SOURCE([[
                int LLVMFuzzerTestOneInput(const unsigned char *, unsigned long);
                int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n)
                { return n && d[0] == 1; }]])],
            [FUZZ_CC=$CC; break])
    done
    CC=$hilum_saved_CC
    CFLAGS=$hilum_saved_CFLAGS
    AS_IF([test -n "$FUZZ_CC"],
        [AC_MSG_RESULT([$FUZZ_CC])
         hilum_fuzzing_note="yes, with $FUZZ_CC"],
        [AC_MSG_RESULT([none of: $hilum_candidates])
         hilum_fuzzing_note="NO: \`make fuzz\` will be skipped (Debian: clang libclang-rt-dev)"])
])

# HILUM_GHC(PACKAGES, DEBIAN-PACKAGES)
# --enable-ghc: sets GHC to a Haskell compiler of version 9 that has the Haskell PACKAGES, GHC_VERSION
# and GHC_LIBDIR to what it says of itself, and have_ghc to yes or no.
AC_DEFUN([HILUM_GHC], [
    AC_ARG_VAR([GHC], [the Haskell compiler, for the Haskell evaluator])
    AC_ARG_ENABLE([ghc],
        [AS_HELP_STRING([--enable-ghc=yes|no|auto], [build the Haskell evaluator [auto: if GHC 9 and its library are there]])],
        [], [enable_ghc=auto])
    have_ghc=no
    hilum_ghc_problem=
    GHC_VERSION=
    GHC_LIBDIR=
    AS_IF([test "x$enable_ghc" != xno], [
        AC_PATH_PROG([GHC], [ghc])
        AS_IF([test -z "$GHC"], [hilum_ghc_problem="ghc was not found"], [
            AC_MSG_CHECKING([for the version of $GHC])
            GHC_VERSION=`$GHC --numeric-version 2>&AS_MESSAGE_LOG_FD`
            GHC_LIBDIR=`$GHC --print-libdir 2>&AS_MESSAGE_LOG_FD`
            AC_MSG_RESULT([$GHC_VERSION])
            AS_CASE([$GHC_VERSION], [9.*], [],
                    [hilum_ghc_problem="$GHC is not GHC 9 (it says: $GHC_VERSION)"])
        ])
        AS_IF([test -z "$hilum_ghc_problem"], [
            AC_MSG_CHECKING([for the Haskell packages $1])
            printf 'main :: IO ()\nmain = return ()\n' >conftest.hs
            hilum_ghc_flags=
            for hilum_package in $1; do
                hilum_ghc_flags="$hilum_ghc_flags -package $hilum_package"
            done
            AS_IF([$GHC -v0 -fno-code $hilum_ghc_flags conftest.hs >&AS_MESSAGE_LOG_FD 2>&1],
                  [AC_MSG_RESULT([yes]); have_ghc=yes],
                  [AC_MSG_RESULT([no]); hilum_ghc_problem="$GHC lacks one of the packages $1"])
            rm -f conftest.hs conftest.hi conftest.o
        ])
        AS_IF([test "x$have_ghc" = xyes], [],
              [test "x$enable_ghc" = xyes],
              [AC_MSG_ERROR([$hilum_ghc_problem. On Debian: apt-get install $2
(or configure with --disable-ghc)])],
              [AC_MSG_WARN([$hilum_ghc_problem: the Haskell evaluator will not be built. On Debian: apt-get install $2])])
    ])
    AC_SUBST([GHC_VERSION])
    AC_SUBST([GHC_LIBDIR])
    AM_CONDITIONAL([ENABLE_GHC], [test "x$have_ghc" = xyes])
])
