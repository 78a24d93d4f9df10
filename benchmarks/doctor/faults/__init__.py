"""Faults, each seeded into an otherwise healthy fit: what was done, which rule should find it, and where."""

from collections.abc import Callable, Iterator

from benchmarks.accuracy.tables import Table
from benchmarks.doctor.cases import Case, rows_of
from benchmarks.doctor.faults import columns, parts, rows, structure, targets, training, weights
from benchmarks.doctor.faults.fault import Fault

N_ROWS = 800
FAULTS: tuple[Fault, ...] = (
    *training.FAULTS,
    *structure.FAULTS,
    *weights.FAULTS,
    *columns.FAULTS,
    *targets.FAULTS,
    *rows.FAULTS,
    *parts.FAULTS,
)


def seeded_faults(table: Table, seeds: range) -> Iterator[tuple[Fault, str, Callable[[], Case | None]]]:
    """Yield the faults of a table, their names, and what makes the broken fits."""
    for fault in FAULTS:
        for strength in fault.strengths:
            for seed in seeds:
                name = f"{table.name}, {fault.name} {strength}, seed {seed}"
                yield fault, name, lambda f=fault, k=strength, s=seed: f.make(rows_of(table, N_ROWS, 1000 + s), s, k)
