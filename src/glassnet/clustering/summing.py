"""Sums over the processes of a cluster, in an order that depends neither on their number nor on the transport."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from glassnet.typing import Array

WORD = np.uint32

Additions = tuple[tuple[int, int], ...]
"""Pairs (i, j): add part j to part i. In the end part 0 is the sum."""


class Transport(Protocol):
    """Moves words of 32 bits between processes; what they mean, and that they are added, it does not know."""

    rank: int
    world: int

    def exchange(self, message: Array) -> Array:
        """Send row r of a message (world, n_words) to rank r, and return the rows received, one per rank."""

    def gather(self, message: Array) -> Array:
        """Return the messages (n_words,) of all ranks, one per row, on each of them."""


def pairwise(n: int) -> Additions:
    """Return the additions of n parts as a balanced tree: neighbors first, then neighbors of these sums.

    >>> pairwise(5)
    ((0, 1), (2, 3), (0, 2), (0, 4))
    """
    found, step = [], 1
    while step < n:
        found += [(i, i + step) for i in range(0, n - step, 2 * step)]
        step *= 2
    return tuple(found)


def summed(parts: Array, additions: Additions) -> Array:
    """Return the sum of the rows of `parts`, added in the given order.

    >>> summed(np.asarray([[1.0], [2.0], [4.0]]), pairwise(3))
    array([7.])
    """
    sums: dict[int, Array] = {}
    with np.errstate(all="ignore"):  # a sum that is not finite is found by whoever takes the step
        for i, j in additions:
            sums[i] = sums.get(i, parts[i]) + sums.get(j, parts[j])
    total: Array = sums.get(0, parts[0])
    return total


def allreduced(transport: Transport, buffers: Sequence[Array], additions: Additions | None) -> list[Array]:
    """Return the sums over all ranks of some buffers, on each rank.

    Each rank adds up one piece of every buffer: the pieces are exchanged, added in the given order, and the sums
    gathered. This moves as many bytes as a ring does, but the order of the additions, and so each bit of the result,
    is the same for all transports.

    Parameters
    ----------
    transport : Transport
    buffers : sequence of arrays (n_parts, n)
        Of 32 or 64 bits per number; every rank has as many parts.
    additions : Additions or None
        Part i of rank r is number ``r * n_parts + i``. By default all parts are added pairwise.
    """
    world, n_parts = transport.world, len(buffers[0])
    order = pairwise(world * n_parts) if additions is None else additions
    lengths = [-(-each.shape[1] // world) for each in buffers]  # of a piece
    sent = np.concatenate([_pieces(each, world, length) for each, length in zip(buffers, lengths)], axis=1)
    received = transport.exchange(sent)
    widths = [n_parts * length * (each.itemsize // 4) for each, length in zip(buffers, lengths)]
    sums, start = [], 0
    for each, length, width in zip(buffers, lengths, widths):
        words = np.ascontiguousarray(received[:, start : start + width])
        sums.append(summed(words.view(each.dtype).reshape(world * n_parts, length), order))
        start += width
    gathered = transport.gather(np.concatenate([each.view(WORD) for each in sums]))
    totals, start = [], 0
    for each, total in zip(buffers, sums):
        width = total.view(WORD).size
        words = np.ascontiguousarray(gathered[:, start : start + width])
        totals.append(words.view(each.dtype).reshape(-1)[: each.shape[1]])
        start += width
    return totals


def as_parts(buffer: Array) -> Array:
    """Return a buffer (n,) or (n_parts, n) as parts."""
    array = np.ascontiguousarray(buffer)
    return array[None] if array.ndim == 1 else array


def _pieces(buffer: Array, world: int, length: int) -> Array:
    """Return the words of a buffer (n_parts, n), one row for each rank."""
    n_parts, n = buffer.shape
    padded = np.zeros((n_parts, world * length), buffer.dtype)
    padded[:, :n] = buffer
    pieces = np.ascontiguousarray(padded.reshape(n_parts, world, length).transpose(1, 0, 2))  # (world, n_parts, length)
    return pieces.reshape(world, n_parts * length).view(WORD)
