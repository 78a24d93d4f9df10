"""What all errors have in common."""

import pickle

import pytest

from glassnet import errors
from glassnet.data.columns.schema_inference import infer_schema
from glassnet.data.reading.tabular import table_from


def test_the_sentence_around_a_name_as_long_as_a_book_is_seen() -> None:
    name = "9" * 100_000
    with pytest.raises(errors.DataError) as raised:
        infer_schema(table_from({name: ["5", "5", "5"]}))
    message = str(raised.value)
    assert len(message) < 300
    assert message.startswith("no input column is left to learn from; left out: '999")
    assert message.endswith("999' (constant). Try keeping one of them by name.")


def test_also_around_a_name_of_many_words() -> None:
    with pytest.raises(errors.DataError) as raised:
        infer_schema(table_from({"to be or not to be " * 10_000: ["5", "5", "5"]}))
    message = str(raised.value)
    assert len(message) < 2100
    assert message.startswith("no input column is left to learn from; left out: 'to be or not")
    assert message.endswith("to be ' (constant). Try keeping one of them by name.")


@pytest.mark.parametrize("kind", [errors.DataError, errors.ColumnError, errors.MissingExtraError])
def test_a_message_that_fits_stays_whole(kind: type[Exception]) -> None:
    error = kind("x " * 1000)
    assert str(error) == str(pickle.loads(pickle.dumps(error))) == "x " * 1000
