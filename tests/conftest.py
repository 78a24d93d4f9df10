"""What every test may use: `require` for programs that a machine may lack, and how hypothesis draws."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator

import hypothesis
import pytest

REQUIRE_ALL = os.environ.get("GLASSNET_REQUIRE_ALL", "") not in {"", "0"}

# One slow moment of a busy machine is no failure, so no deadline; with derandomize a run can be repeated.
hypothesis.settings.register_profile("explore", deadline=None)
hypothesis.settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("repeatable" if REQUIRE_ALL or "CI" in os.environ else "explore")


def require_program(program: str, reason: str) -> str:
    """Return the path of `program`; without it skip the test, or fail it where GLASSNET_REQUIRE_ALL is set."""
    path = shutil.which(program)
    if path is None:
        message = f"'{program}' is not installed: {reason}"
        if REQUIRE_ALL:
            pytest.fail(f"{message} (GLASSNET_REQUIRE_ALL is set)")
        pytest.skip(message)
    return path


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in the background of a shell, for child processes too
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def require() -> Callable[[str, str], str]:
    """`require("git", "lists the files")` is the program's path, a skip, or under GLASSNET_REQUIRE_ALL a failure."""
    return require_program


@pytest.fixture(autouse=True)
def ctrl_c_is_left_alone() -> Iterator[None]:
    """Fail a test that leaves another handler for Ctrl-C, which the tests after it would no longer hear."""
    before = signal.getsignal(signal.SIGINT)
    yield
    after = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)
    assert after is before


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for marker in item.iter_markers("slow"):
            if not (marker.args or marker.kwargs.get("reason")):
                raise pytest.UsageError(f"{item.nodeid}: say why it is slow: @pytest.mark.slow('...')")
