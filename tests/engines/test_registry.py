import inspect

import pytest

from glassnet.engines.base import Engine
from glassnet.engines.registry import resolve_engine
from glassnet.errors import ParameterError


def test_an_engine_is_found_by_its_name(engine_name):
    assert resolve_engine(engine_name).name == engine_name


def parameters(function):
    """Return names, defaults and kinds, without `self` and annotations."""
    every = inspect.signature(function).parameters.values()
    return [(each.name, each.default, each.kind) for each in every if each.name != "self"]


def test_engines_have_the_same_face(engine_name, make_engine, make_network, samples):
    """Method names, arguments and defaults of the protocol."""
    engine = make_engine(make_network(), *samples)

    assert parameters(type(engine).__init__) == parameters(Engine.__init__)
    for name in ("start", "forward", "evaluate", "gradients", "run"):
        assert parameters(getattr(engine, name)) == parameters(getattr(Engine, name))


def test_an_unknown_engine_is_refused():
    with pytest.raises(ParameterError, match=r"^engine='gpu' is not known\. Choose from: .*reference"):
        resolve_engine("gpu")
