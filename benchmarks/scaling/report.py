"""Write the figures of docs/scaling.md from results.json: no number between two markers is written by hand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.scaling.measuring import LINKS, ROWS
from benchmarks.scaling.model import (
    BYTES,
    NETWORKS,
    CostModel,
    Step,
    allreduce_terms,
    computing_terms,
    fitted,
    n_params,
    relative_errors,
    sharing,
)
from benchmarks.scaling.switch import Link

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "scaling.md"
RESULTS = Path(__file__).parent / "results.json"
BEGIN = "<!-- {name}: from benchmarks/scaling/results.json, by python -m benchmarks.scaling -->"
END = "<!-- end of {name} -->"
BY_NAME = {link.name: link for link in LINKS}
FAR = (Link("1 Gbit/s, 0.1 ms", 1e-4, 125e6), Link("25 Gbit/s, 0.02 ms", 2e-5, 3.125e9))
HOSTS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
GLOBAL_BATCH = 16_384
MANY = 64  # hosts
ENOUGH = 0.5  # efficiency below which more hosts cost more than they bring


def step_of(entry: dict[str, Any], n_cores: int) -> Step:
    """Return the step of one measurement."""
    n_hosts = entry.get("hosts", 1)
    size = entry["numbers"] if "numbers" in entry else n_params(NETWORKS[entry["network"]])
    link = BY_NAME[entry["link"]] if "link" in entry else Link("none")
    return Step(n_hosts, entry.get("rows", 0), size, link, sharing(n_hosts, n_cores))


def halves(entries: Sequence[dict[str, Any]]) -> np.ndarray:
    """Return which configurations the model is fitted to, like the white fields of a chessboard; the others judge it.

    So each half has every link, every number of hosts and every size.
    """
    keys = [name for name in ("link", "hosts", "numbers", "network", "rows") if name in entries[0]]
    places = {key: list(dict.fromkeys(entry[key] for entry in entries)) for key in keys}
    return np.asarray([sum(places[key].index(entry[key]) for key in keys) % 2 == 0 for entry in entries])


def model_from(results: dict[str, Any]) -> CostModel:
    """Return the model fitted to half of the measurements of the all-reduce, and of computing alone; never to steps."""
    n_cores = results["machine"]["cores"]

    def coefficients(name: str, terms: Callable[[Step], list[float]]) -> tuple[float, ...]:
        entries = results[name]
        used = [entry for entry, chosen in zip(entries, halves(entries)) if chosen]
        return fitted([terms(step_of(entry, n_cores)) for entry in used], [entry["seconds"] for entry in used])

    return CostModel(
        coefficients("computing", computing_terms), coefficients("allreduce", allreduce_terms), results["reading"]
    )


def errors_of(model: CostModel, results: dict[str, Any]) -> list[tuple[str, np.ndarray]]:
    """Return the relative errors of the predictions, in words and numbers."""
    n_cores = results["machine"]["cores"]

    def errors(name: str, predict: Callable[[Step], float]) -> np.ndarray:
        entries = results[name]
        predicted = [predict(step_of(entry, n_cores)) for entry in entries]
        return relative_errors(predicted, [entry["seconds"] for entry in entries])

    summing, computing = errors("allreduce", model.allreduce), errors("computing", model.compute)
    used, used_alone = halves(results["allreduce"]), halves(results["computing"])
    return [
        ("all-reduce, fitted", summing[used]),
        ("all-reduce, judged", summing[~used]),
        ("computing, fitted", computing[used_alone]),
        ("computing, judged", computing[~used_alone]),
        ("whole steps, none of them fitted", errors("steps", model.seconds)),
    ]


def error_table(model: CostModel, results: dict[str, Any]) -> list[str]:
    rows = [
        [name, str(len(each)), percent(np.median(each)), percent(np.quantile(each, 0.9)), percent(each.max())]
        for name, each in errors_of(model, results)
    ]
    return grid(["relative error of the prediction", "configurations", "median", "nine in ten below", "largest"], rows)


def allreduce_table(model: CostModel, results: dict[str, Any]) -> list[str]:
    n_cores, entries = results["machine"]["cores"], results["allreduce"]
    rows = []
    for entry, used in zip(entries, halves(entries)):
        step = step_of(entry, n_cores)
        predicted = model.allreduce(step)
        rows.append([
            entry["link"], str(entry["hosts"]), f"{BYTES * entry['numbers']:,}", milliseconds(entry["seconds"]),
            milliseconds(predicted), signed(predicted / entry["seconds"] - 1), "fitted" if used else "judged",
        ])  # fmt: skip
    return grid(["link", "hosts", "bytes", "measured, ms", "predicted, ms", "off by", ""], rows)


def step_table(model: CostModel, results: dict[str, Any]) -> list[str]:
    n_cores = results["machine"]["cores"]
    alone = {entry["network"]: entry["seconds"] for entry in results["computing"] if entry["rows"] == ROWS}
    rows = [
        ["none", "1", name, "0", milliseconds(seconds), milliseconds(model.compute(_alone(name))), "100%", ""]
        for name, seconds in alone.items()
    ]
    for entry in results["steps"]:
        step = step_of(entry, n_cores)
        measured, predicted = entry["seconds"], model.seconds(step)
        rows.append([
            entry["link"], str(entry["hosts"]), entry["network"], f"{BYTES * step.n_params:,}", milliseconds(measured),
            milliseconds(predicted), percent(alone[entry["network"]] / measured),
            percent(alone[entry["network"]] * step.sharing / measured) if step.sharing > 1 else "",
        ])  # fmt: skip
    head = ["link", "hosts", "network", "bytes", "measured, ms", "predicted, ms", "efficiency", "with a core each"]
    return grid(head, rows)


def _alone(name: str) -> Step:
    return Step(1, ROWS, n_params(NETWORKS[name]), Link("none"))


def prediction_table(model: CostModel, link: Link) -> list[str]:
    """Return rows per second beside one host's, with a fixed batch per host, and with a fixed batch of all hosts."""
    rows = []
    for n_hosts in HOSTS:
        cells = [str(n_hosts)]
        for sizes in NETWORKS.values():
            step = Step(n_hosts, ROWS, n_params(sizes), link)
            cells += [times(speedup(model, step, sizes)), times(speedup(model, step, sizes, tree=True))]
            cells += [times(speedup_of_fixed(model, step, sizes))]
        rows.append(cells)
    head = ["hosts"]
    for name in NETWORKS:
        head += [f"{name}: {ROWS} rows each", "as a tree", f"{GLOBAL_BATCH:,} rows in all"]
    return grid(head, rows)


def speedup(model: CostModel, step: Step, sizes: Sequence[int], *, tree: bool = False) -> float:
    """Return how many times the rows per second of one host all hosts have, each with the same number of rows."""
    return step.n_hosts * model.efficiency(step, n_columns=sizes[0], tree=tree)


def speedup_of_fixed(model: CostModel, step: Step, sizes: Sequence[int]) -> float:
    """Return the same where the hosts share a minibatch of fixed size."""
    shared = step._replace(n_rows=-(-GLOBAL_BATCH // step.n_hosts))
    one = model.seconds(Step(1, GLOBAL_BATCH, step.n_params, step.link), n_columns=sizes[0])
    return one / model.seconds(shared, n_columns=sizes[0])


def limit_table(model: CostModel) -> list[str]:
    """Return the most hosts that still train at half of their speed, by the rows that each has per message."""
    rows = []
    for link in FAR:
        for name, sizes in NETWORKS.items():
            cells = [link.name, name]
            for n_rows in (ROWS, 4096, 65_536):
                cells.append(most_hosts(model, Step(2, n_rows, n_params(sizes), link), sizes[0]))
            cells.append(most_hosts(model, Step(2, 4096, n_params(sizes), link), sizes[0], tree=True))
            rows.append(cells)
    head = ["link", "network", f"{ROWS} rows per message", "4,096", "65,536", "4,096, as a tree"]
    return grid(head, rows)


def most_hosts(model: CostModel, step: Step, n_columns: int, *, tree: bool = False) -> str:
    """Return the most hosts, a power of two up to 1,024, whose efficiency is enough."""
    enough = [n for n in HOSTS if model.efficiency(step._replace(n_hosts=n), n_columns=n_columns, tree=tree) >= ENOUGH]
    if not enough:
        return "1"
    return f"{max(enough):,}" if max(enough) < HOSTS[-1] else f"{HOSTS[-1]:,} or more"


def remedy_table(model: CostModel) -> list[str]:
    """Return the efficiency of many hosts with what sends less often, fewer bytes, or in fewer messages."""
    rows = []
    for link in FAR:
        for name, sizes in NETWORKS.items():
            step = Step(MANY, ROWS, n_params(sizes), link)
            compute, allreduce = model.compute(step), model.allreduce(step)

            def share(times_computed: float, seconds: float, compute: float = compute) -> str:
                return percent(times_computed * compute / (times_computed * compute + seconds))

            halved = model.allreduce(step._replace(n_params=step.n_params // 2))
            hundredth = model.allreduce(step._replace(n_params=step.n_params // 100))
            rows.append([
                link.name, name, share(1, allreduce), share(16, allreduce), share(256, allreduce), share(1, halved),
                share(1, hundredth), share(1, model.allreduce(step, tree=True)),
                share(16, model.allreduce(step, tree=True)),
            ])  # fmt: skip
    head = [
        "link", "network", f"{ROWS} rows per message", "16 times as many (more rows, accumulation or local steps)",
        "256 times as many", "half of the bytes", "a hundredth of the bytes", "a tree", "a tree, and 16 times the rows",
    ]  # fmt: skip
    return grid(head, rows)


def coefficient_table(model: CostModel) -> list[str]:
    """Return the coefficients in units that can be judged."""
    call, per_byte, message, exchange, hop, long, cable = model.summing
    start, product, parameter = model.computing
    rows = [
        ["computing: each step", f"{1e6 * start:.0f} µs"],
        ["computing: each row and parameter", f"{1e9 * product:.2f} ns"],
        ["computing: each parameter (solver)", f"{1e9 * parameter:.2f} ns"],
        ["all-reduce: each call", f"{1e3 * call:.2f} ms"],
        ["all-reduce: each byte, on a processor", f"{1e9 * per_byte:.2f} ns"],
        ["all-reduce: each message in a row, on a processor", f"{1e3 * message:.2f} ms"],
        ["all-reduce: delays of the link, for the exchange", f"{exchange:.1f}"],
        ["all-reduce: delays of the link, for each message of the ring", f"{hop:.1f}"],
        ["all-reduce: delays of the link, for pieces longer than TCP's first window", f"{long:.1f}"],
        ["all-reduce: bytes through the cable, for each byte", f"{cable:.2f}"],
        ["reading Parquet: each number", f"{1e9 * model.reading:.0f} ns"],
    ]
    return grid(["", ""], rows)


def machine_lines(results: dict[str, Any]) -> list[str]:
    machine = results["machine"]
    lines = [
        f"{machine['cpu']}, {machine['cores']} cores, {machine['system']}; {results['date']}. TCP with "
        f"{machine['congestion_control']}.",
        "",
    ]
    if machine["load"] > machine["cores"] / 2:
        lines += [
            f"The load of the five minutes before the measurement was {machine['load']:.1f}. If other programs kept "
            f"the cores busy meanwhile, too, single times may be twice what they would be on a quiet machine, those of "
            f"one host as well as those of four.",
            "",
        ]
    return lines


def parts_of(results: dict[str, Any]) -> dict[str, list[str]]:
    """Return what stands between the markers of each name."""
    model = model_from(results)
    predictions = [line for link in FAR for line in (f"**{link.name}**", "", *prediction_table(model, link))]
    return {
        "steps": machine_lines(results) + step_table(model, results),
        "errors": error_table(model, results),
        "allreduce": allreduce_table(model, results),
        "coefficients": coefficient_table(model),
        "predictions": predictions,
        "limits": limit_table(model),
        "remedies": remedy_table(model),
    }


def page_with(text: str, parts: dict[str, list[str]]) -> str:
    """Return a page with its figures replaced."""
    for name, lines in parts.items():
        begin, end = BEGIN.format(name=name), END.format(name=name)
        before, found, rest = text.partition(begin)
        _, found_end, after = rest.partition(end)
        if not (found and found_end):
            raise ValueError(f"docs/scaling.md lacks the markers of {name}: {begin} ... {end}")
        text = f"{before}{begin}\n\n" + "\n".join(lines).rstrip() + f"\n\n{end}{after}"
    return text


def read(path: Path = RESULTS) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table; all columns but the first are numbers."""
    marks = ["---", *["--:"] * (len(head) - 1)]
    return [f"| {' | '.join(cells)} |" for cells in (head, marks, *rows)] + [""]


def milliseconds(seconds: float) -> str:
    """Return a time in three digits.

    >>> [milliseconds(seconds) for seconds in (0.0001234, 0.012345, 1.2345)]
    ['0.123', '12.3', '1,234']
    """
    number = 1e3 * seconds
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def signed(share: float) -> str:
    return f"{100 * share:+.0f}%"


def times(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"
