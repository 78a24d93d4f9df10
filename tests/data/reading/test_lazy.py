"""A frame without rows is refused in one sentence that says how to get them."""

import re
import sys
import types

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import glassnet as gn
from glassnet.data.reading.lazy import refuse_lazy
from glassnet.data.reading.tabular import table_from
from glassnet.errors import DataError

A, Y = [1.0, 2.0, 3.0, 4.0] * 5, ["u", "v"] * 10


def sentence(name, kind, library, method):
    return (
        f"^{name} is a {kind} of {library}, which has no rows until it is computed; call {name}.{method}\\(\\) first.$"
    )


def lazy_class(library, *methods):
    """Return an object as another library would have it: pyspark and dask are not needed to be refused."""
    members = {method: lambda self: None for method in methods} | {"columns": ["a"], "__module__": f"{library}.frame"}
    return types.new_class("DataFrame", (), {}, lambda body: body.update(members))()


LAZY = [
    (pl.LazyFrame({"a": A}), "LazyFrame", "polars", "collect"),
    (duckdb.sql("SELECT range::DOUBLE AS a FROM range(20)"), "DuckDBPyRelation", "duckdb", "df"),
    (lazy_class("dask", "compute", "persist"), "DataFrame", "dask", "compute"),
    (lazy_class("pyspark", "collect", "toPandas"), "DataFrame", "pyspark", "toPandas"),
    (lazy_class("ibis", "execute", "to_pandas"), "DataFrame", "ibis", "execute"),
]


@pytest.mark.parametrize(("frame", "kind", "library", "method"), LAZY, ids=[case[2] for case in LAZY])
def test_lazy_frames_are_refused(frame, kind, library, method):
    library = library if library != "duckdb" else "_?duckdb"
    with pytest.raises(DataError, match=sentence("X", kind, library, method)):
        gn.GlassClassifier((2,), max_iter=1).fit(frame, Y)
    with pytest.raises(DataError, match=sentence("y", kind, library, method)):
        gn.GlassRegressor((2,), max_iter=1).fit(pl.DataFrame({"a": A}), frame)
    with pytest.raises(DataError, match=sentence("X", kind, library, method)):
        table_from(frame)


def test_a_fitted_model_refuses_them_too():
    clf = gn.GlassClassifier((2,), max_iter=1, random_state=0).fit(pl.DataFrame({"a": A}), Y)
    lazy = pl.LazyFrame({"a": A})
    for ask in (clf.predict, clf.predict_proba, lambda X: clf.score(X, Y), lambda X: gn.explain(clf, X)):
        with pytest.raises(DataError, match=re.escape("call X.collect() first.")):
            ask(lazy)


@pytest.mark.parametrize(
    "X",
    [
        pl.DataFrame({"a": A}),
        pa.table({"a": A}),
        pd.DataFrame({"collect": A}),
        {"a": A},
        np.ones((20, 1)),
        [[1.0]],
        "abc",
    ],
    ids=lambda X: type(X).__name__,
)
def test_what_has_rows_is_let_be(X):
    """Also a frame with a column that is called like a method."""
    refuse_lazy(X)
    assert "dask" not in sys.modules
