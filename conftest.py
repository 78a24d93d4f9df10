"""What the doctests of src find around them; the tests have their own conftest.py."""

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def doctest_surroundings(request):
    """Give each docstring `np`, `gn` and a directory of its own that holds the examples."""
    if not isinstance(request.node, pytest.DoctestItem):  # thousands of tests, which need none
        return
    import glassnet as gn

    doctest_namespace, tmp_path, monkeypatch = map(
        request.getfixturevalue, ("doctest_namespace", "tmp_path", "monkeypatch")
    )
    doctest_namespace.update(np=np, gn=gn)
    (tmp_path / "examples").symlink_to(Path(__file__).parent / "examples")
    monkeypatch.chdir(tmp_path)
