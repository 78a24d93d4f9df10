"""Without the extra, a sweep says how to install it, before it reads anything."""

import sys

import pytest

import glassnet as gn
from glassnet.errors import MissingExtraError


def test_the_line_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"a sweep needs the package optuna, which is not installed; try: pip"):
        gn.sweep(gn.GlassClassifier(), None, None)
