"""Fixtures of the integration tests.

Environment:
HILUM_BUILD_DIR           where `hilum` was built; default: the top of the checkout
HILUM_TEST_COMMAND        the kernel's command line, with {connection_file}, {evaluator}, {hilum};
                          without {evaluator} it is another project's kernel, for comparison
HILUM_TEST_LANGUAGE       the language of that other kernel; default: python
HILUM_TEST_WRAPPER        put in front of the command; {reports} is a folder whose files must stay
                          empty: "valgrind -q --trace-children=yes
                          --trace-children-skip=/bin/*,/usr/bin/* --leak-check=full
                          --show-leak-kinds=definite --errors-for-leak-kinds=definite
                          --error-exitcode=99 --log-file={reports}/valgrind.%p"
HILUM_TEST_TIMEOUT_SCALE  factor for all time limits
"""
import os
import signal

import pytest

from harness import kernel as kernels
from harness import limits


def pytest_configure(config):
    for mark in ("time_limit(seconds): for the whole test instead of the default",
                 "hilum: tests a decision of this project, not of the specification"):
        config.addinivalue_line("markers", mark)


def pytest_sessionstart(session):
    # Whoever ends the run early, such as timeout(1), shall not leave kernels behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not kernels.FOREIGN and "{hilum}" in kernels.COMMAND and not os.access(kernels.HILUM, os.X_OK):
        raise pytest.UsageError(
            "no executable `hilum` in the build tree: run make, or set HILUM_BUILD_DIR")


def pytest_generate_tests(metafunc):
    """A module lists in EVALUATORS what its tests can talk to; they run with each of these that
    the kernel under test has."""
    if "evaluator" in metafunc.fixturenames:
        wanted = getattr(metafunc.module, "EVALUATORS", ["lua", "python"])
        usable = [name for name in kernels.EVALUATORS if name in wanted]
        metafunc.parametrize("evaluator", usable or [
            pytest.param("none", marks=pytest.mark.skip("not for the kernel under test"))],
            scope="module", indirect=True)


def pytest_collection_modifyitems(items):
    for item in items:
        if kernels.FOREIGN and item.get_closest_marker("hilum"):
            item.add_marker(pytest.mark.skip("a decision of Hilum; another kernel is under test"))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.when == "call":
        item.failed = report.failed


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    """One alarm for everything that belongs to a test, so that not even a bug in the harness can
    hang the suite."""
    mark = item.get_closest_marker("time_limit")
    seconds = mark.args[0] * limits.SCALE if mark else limits.TEST

    def on_alarm(number, frame):
        raise limits.TimeLimit(f"the test took more than {seconds:g} s")
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


class Shared:
    """The kernel that the tests of a module share. A test that fails takes it down, so that the
    next test starts from a good one."""

    def __init__(self, evaluator):
        self.evaluator = evaluator
        self.current = None

    def get(self):
        if self.current is None or not self.current.alive:
            self.discard()
            self.current = kernels.Kernel(self.evaluator)
            try:
                self.current.settle()
            except BaseException:
                self.discard()
                raise
        return self.current

    def discard(self):
        if self.current is not None:
            self.current.dispose()
            self.current = None


@pytest.fixture(scope="module")
def evaluator(request):
    """The name of the evaluator. Indirect, so that pytest groups the tests by it."""
    return request.param


@pytest.fixture(scope="module")
def shared(evaluator):
    shared = Shared(evaluator)
    try:
        yield shared
        if shared.current is not None:
            shared.current.finish()
    finally:
        shared.discard()


@pytest.fixture
def kernel(shared, request):
    """The module's kernel, audited after the test."""
    kernel = shared.get()
    yield kernel
    if getattr(request.node, "failed", True):
        shared.discard()
        return
    try:
        kernel.audit()
    except BaseException:
        shared.discard()
        raise


@pytest.fixture
def client(kernel):
    with kernel.client() as client:
        yield client


@pytest.fixture
def start_kernel(request, evaluator):
    """Starts kernels that belong to one test: start_kernel(evaluator, **options of Kernel). Those
    that still run at its end are shut down; all are audited."""
    started = []

    def start(name=evaluator, **options):
        kernel = kernels.Kernel(name, **options)
        started.append(kernel)
        return kernel
    try:
        yield start
        if not getattr(request.node, "failed", True):
            for kernel in started:
                kernel.finish()
    finally:
        for kernel in started:
            kernel.dispose()


@pytest.fixture
def snippet(evaluator):
    """snippet("spin"): a program in the language of the kernel, or a skip."""
    def find(name):
        try:
            return kernels.LANGUAGES[evaluator][name]
        except KeyError:
            pytest.skip(f"{evaluator} has no {name!r}")
    return find
