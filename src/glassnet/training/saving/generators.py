"""The place in the stream of sample orders, as a record."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from glassnet.engines.seeding import StreamPosition
from glassnet.errors import ParameterError
from glassnet.training.saving.records import (
    GeneratorRecord,
    MT19937Record,
    PCG64DXSMRecord,
    PCG64Record,
    PhiloxRecord,
    PositionRecord,
    SFC64Record,
)


def describe_position(position: StreamPosition) -> PositionRecord:
    """Return a place as a record.

    Raises
    ------
    ParameterError
        If it is of a bit generator that is not NumPy's.
    """
    return PositionRecord(_described(position.bits, position.state), position.numbers, position.taken)


def position_from(record: PositionRecord) -> StreamPosition:
    """Return the place of a record.

    >>> bits = np.random.PCG64(7)
    >>> position = StreamPosition(np.random.PCG64, bits.state, 8192, 3)
    >>> position_from(describe_position(position)) == position
    True
    """
    bits, state = _restored(record.generator)
    return StreamPosition(bits, state, record.numbers, record.taken)


def _described(bits: type, state: Any) -> GeneratorRecord:
    if bits is np.random.PCG64 or bits is np.random.PCG64DXSM:
        inner = state["state"]
        make = PCG64Record if bits is np.random.PCG64 else PCG64DXSMRecord
        return make(f"{inner['state']:x}", f"{inner['inc']:x}", *_half(state))
    if bits is np.random.MT19937:
        return MT19937Record(_words(state["state"]["key"]), int(state["state"]["pos"]))
    if bits is np.random.Philox:
        inner = state["state"]
        buffer, position = _words(state["buffer"]), int(state["buffer_pos"])
        return PhiloxRecord(_words(inner["counter"]), _words(inner["key"]), buffer, position, *_half(state))
    if bits is np.random.SFC64:
        return SFC64Record(_words(state["state"]["state"]), *_half(state))
    raise ParameterError(
        f"a checkpoint cannot hold the state of the bit generator {bits.__name__!r}, which is not one of NumPy's; "
        f"pass a number as seed, or a numpy.random.default_rng(...)."
    )


def _restored(record: GeneratorRecord) -> tuple[type, Any]:
    if isinstance(record, MT19937Record):
        key = _array(record.key, np.uint32)
        return np.random.MT19937, {"bit_generator": "MT19937", "state": {"key": key, "pos": record.position}}
    half = {"has_uint32": int(record.has_uint32), "uinteger": int(record.uinteger, 16)}
    if isinstance(record, PCG64Record):
        bits: type = np.random.PCG64DXSM if isinstance(record, PCG64DXSMRecord) else np.random.PCG64
        inner: Any = {"state": int(record.state, 16), "inc": int(record.increment, 16)}
        return bits, {"bit_generator": bits.__name__, "state": inner, **half}
    if isinstance(record, SFC64Record):
        inner = {"state": _array(record.state, np.uint64)}
        return np.random.SFC64, {"bit_generator": "SFC64", "state": inner, **half}
    inner = {"counter": _array(record.counter, np.uint64), "key": _array(record.key, np.uint64)}
    buffer = {"buffer": _array(record.buffer, np.uint64), "buffer_pos": record.position}
    return np.random.Philox, {"bit_generator": "Philox", "state": inner, **buffer, **half}


def _half(state: Any) -> tuple[bool, str]:
    """Return the 32 bits that are left of a number of 64."""
    return bool(state["has_uint32"]), f"{state['uinteger']:x}"


def _words(numbers: Any) -> list[str]:
    return [f"{number:x}" for number in numbers.tolist()]


def _array(words: Sequence[str], dtype: Any) -> Any:
    return np.asarray([int(word, 16) for word in words], dtype=dtype)
