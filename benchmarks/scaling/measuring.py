"""All measurements: the all-reduce and the steps of training on simulated hosts, and computing and reading alone."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.scaling.hosts import connected
from benchmarks.scaling.model import NETWORKS
from benchmarks.scaling.switch import Link
from benchmarks.scaling.worker import least
from benchmarks.speed.machine import describe
from glassnet.data.encoding.encoder import Encoder
from glassnet.data.rows.parquet import ParquetSource

GIGABIT = 125e6  # bytes per second
LINKS = (
    Link("none"),
    Link("1 ms", 1e-3),
    Link("10 ms", 1e-2),
    Link("0.1 ms, 1 Gbit/s", 1e-4, GIGABIT),
    Link("1 ms, 1 Gbit/s", 1e-3, GIGABIT),
    Link("10 ms, 1 Gbit/s", 1e-2, GIGABIT),
)
WORLDS = (2, 4)
SIZES = (1_000, 10_000, 50_000, 200_000, 1_000_000, 2_000_000)
ROWS = 256  # of each host, in a step
ROWS_ALONE = (32, 64, 256, 1024)
PORT = 7077
LONGEST = 240  # seconds that a measurement of one link may take


def on_hosts(n_hosts: int, link: Link, task: dict[str, Any]) -> dict[str, Any]:
    """Return what the workers measure, one on each of some connected hosts."""
    with connected(n_hosts, link) as hosts:
        workers = []
        for rank, host in enumerate(hosts):
            cluster = f"jax://{hosts[0].address}:{PORT}?rank={rank}&world={n_hosts}"
            words = (sys.executable, "-m", "benchmarks.scaling.worker", json.dumps({**task, "cluster": cluster}))
            workers.append(host.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        said = [worker.communicate(timeout=LONGEST) for worker in workers]
    for worker, (_, complaint) in zip(workers, said):
        if worker.returncode:
            raise RuntimeError(f"a worker ended with {worker.returncode}:\n{complaint[-2000:]}")
    return dict(json.loads(said[0][0]))


def alone(task: dict[str, Any]) -> dict[str, Any]:
    """Return what one worker measures by itself."""
    words = (sys.executable, "-m", "benchmarks.scaling.worker", json.dumps({**task, "cluster": "local"}))
    return dict(json.loads(subprocess.run(words, text=True, stdout=subprocess.PIPE, check=True).stdout))


def reading(n_rows: int = 200_000, n_columns: int = 50) -> float:
    """Return the least seconds that it takes to read a number of Parquet into the array that a network trains on."""
    rng = np.random.default_rng(0)
    with TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        columns = {f"x{k}": rng.standard_normal(n_rows, dtype=np.float32) for k in range(n_columns)}
        pq.write_table(pa.table(columns), path, row_group_size=n_rows // 4)
        source, encoder = ParquetSource.open([path]), Encoder.identity(n_columns)
        X = np.empty((source.group_sizes[0], n_columns), np.float32)
        return least(lambda: encoder.fill(X, source.group(0)), 5) / X.size


def measured(repeats: int, show: Callable[[str], Any] = print) -> dict[str, Any]:
    """Return all measurements, as plain data."""
    load = os.getloadavg()[1]  # before the own processes count
    tasks = [(name, ROWS) for name in NETWORKS]
    entries: dict[str, list[dict[str, Any]]] = {"allreduce": [], "steps": [], "computing": []}
    combinations = [(name, n_rows) for name in NETWORKS for n_rows in ROWS_ALONE]
    found = alone({"sizes": [], "steps": combinations, "repeats": repeats})
    for (name, n_rows), seconds in zip(combinations, found["computing"]):
        entries["computing"].append({"network": name, "rows": n_rows, "seconds": seconds})
    for link, n_hosts in _places():
        show(f"{n_hosts} hosts, link: {link.name}")
        found = on_hosts(n_hosts, link, {"sizes": SIZES, "steps": tasks, "repeats": repeats})
        where = {"link": link.name, "hosts": n_hosts}
        for n, seconds in zip(SIZES, found["allreduce"]):
            entries["allreduce"].append({**where, "numbers": n, "seconds": seconds})
        for (name, n_rows), seconds in zip(tasks, found["steps"]):
            entries["steps"].append({**where, "network": name, "rows": n_rows, "seconds": seconds})
    machine = describe()
    machine["congestion_control"] = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()
    machine["load"] = load
    return {"date": date.today().isoformat(), "machine": machine, "reading": reading(), **entries}


def _places() -> Iterator[tuple[Link, int]]:
    return ((link, n_hosts) for link in LINKS for n_hosts in WORLDS)
