"""Microseconds per step: every contender on one case, interleaved."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from time import sleep
from typing import Any

from benchmarks.speed.agreement import Yardstick, compare, yardstick
from benchmarks.speed.cases import Case
from benchmarks.speed.options import Options
from benchmarks.speed.processes.neighbor import VISIT_SECONDS, neighbors
from benchmarks.speed.processes.roster import Entrant
from benchmarks.speed.processes.worker import MISSING, PAUSE, Worker, WorkerError
from benchmarks.speed.sgemm import Sgemm, flops_of_run
from benchmarks.speed.task import Task

TRIALS = 2
BUDGET = 30.0  # seconds of timed runs after which a slow contender has run often enough,
FEWEST = 3  # if it has run so often
OK, REFUSED, OTHER_WORK = "ok", "refused", "not the same work"
WITH_SGEMM = ("L", "XL")
SETTLE_SECONDS = 0.3
"""Idle threads of OpenMP and BLAS go on looking for work for 200 ms: that is not the machine's next owner's fault."""


class Unfit(Exception):
    """A contender without a time: refused the task, or did other work."""

    def __init__(self, status: str, reason: str, agreement: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.agreement = status, reason, agreement


@dataclass
class Runner:
    """A worker with the task in it, and what it took to get there."""

    worker: Worker
    variant: dict[str, Any]
    first_call: float
    agreement: dict[str, Any]
    trials: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def run(self, pause: float = PAUSE) -> float:
        """Return the seconds of one run from the start weights, that begins after a pause."""
        self.worker.call("task", "start")
        return self.worker.time("task", "run", pause=pause)

    @property
    def is_spent(self) -> bool:
        """Whether it has had its share of the time."""
        return len(self.seconds) >= FEWEST and sum(self.seconds) > BUDGET


@dataclass(frozen=True)
class Arena:
    """One case, ready for contenders."""

    task: Task
    yardstick: Yardstick
    path: Path  # of the task
    probe_path: Path

    @classmethod
    def of(cls, case: Case, folder: Path) -> "Arena":
        """Draw the case's data, compute its yardstick, and lay task and probe where workers find them."""
        task = case.task()
        arena = cls(task, yardstick(task), folder / "task.npz", folder / "probe.npz")
        task.save(arena.path)
        task.probe().save(arena.probe_path)
        return arena

    def runner(self, target: str, variant: dict[str, Any]) -> Runner:
        """Start a worker, run task and probe once, and check that they come out right."""
        worker = Worker(target, threads=variant.get("threads"))
        with ExitStack() as stack:
            stack.callback(worker.close)
            refusal = worker.ask("ask_class", "refuses", self.task.settings)
            if refusal:
                raise Unfit(REFUSED, refusal)
            worker.make("task", "seated", path=self.path, **variant)
            worker.call("task", "start")
            first_call = worker.time("task", "run")
            final = worker.call("task", "layers")
            worker.make("probe", "seated", path=self.probe_path, **variant)
            worker.call("probe", "start")
            worker.call("probe", "run")
            agreement = compare(self.task, self.yardstick, worker.call("probe", "layers"), final)
            worker.ask("drop", "probe")
            if agreement.problem:
                raise Unfit(OTHER_WORK, agreement.problem, asdict(agreement))
            stack.pop_all()
        return Runner(worker, variant, first_call, asdict(agreement))

    def fastest(self, entrant: Entrant) -> tuple[Runner, list[dict[str, Any]]]:
        """Return the fastest variant of a contender, and what all of them took in trial runs."""
        best, tried = None, []
        for variant in entrant.variants:
            runner = self.runner(entrant.target, variant)
            if len(entrant.variants) > 1:
                runner.trials = [runner.run() for _ in range(TRIALS)]
            tried.append({"variant": variant, "first_call_seconds": runner.first_call, "seconds": runner.trials})
            if best is None or min(runner.trials) < min(best.trials):
                best, runner = runner, best
            if runner is not None:
                runner.worker.close()
        assert best is not None
        return best, tried


@dataclass(frozen=True)
class Conditions:
    """What goes on beside a run."""

    name: str = ""
    neighbors: int = 0  # other processes that need a core
    away: float = 0.0  # seconds that they are away in turn
    settle: float = SETTLE_SECONDS

    @property
    def pause(self) -> float:
        """Seconds before a run."""
        return min(PAUSE, self.settle)


QUIET = Conditions()
BUSY = Conditions("busy", neighbors=1)
VISITED = Conditions("visited", neighbors=1, away=VISIT_SECONDS)
WATCHED = Conditions("watched")
IN_TURN = Conditions("in turn", settle=0.0)  # each run begins while the threads of the one before still spin


def measure(case: Case, entrants: list[Entrant], options: Options, conditions: Conditions = QUIET) -> dict[str, Any]:
    """Time all contenders on one case."""
    arena = Arena.of(case, options.folder)
    results: dict[str, dict[str, Any]] = {}
    runners: dict[str, Runner] = {}
    with ExitStack() as stack:
        stack.enter_context(neighbors(conditions.neighbors, conditions.away))
        for entrant in entrants:
            options.say(f"{case.name}: {entrant.name}")
            results[entrant.name], runner = admit(arena, entrant)
            if runner is not None:
                runners[entrant.name] = runner
                stack.callback(runner.worker.close)
        sgemm = stack.enter_context(product_worker(case, options, conditions))
        products = interleave(list(runners.values()), sgemm, options.repeats, conditions)
        for name, runner in runners.items():
            results[name] |= {
                "seconds": runner.seconds,
                "microseconds_per_step": median(runner.seconds) / arena.task.n_steps * 1e6,
                "peak_bytes": runner.worker.ask("memory"),
                "import_bytes": runner.worker.import_bytes,
            }
    return {
        "case": asdict(arena.task.settings),
        "steps_per_run": arena.task.n_steps,
        "flops_per_run": flops_of_run(arena.task),
        "neighbors": conditions.neighbors,
        "conditions": conditions.name,
        "cost_of_reference": arena.yardstick.cost,
        "sgemm_gflops": [Sgemm.flops / seconds / 1e9 for seconds in products],
        "contenders": results,
    }


def admit(arena: Arena, entrant: Entrant) -> tuple[dict[str, Any], Runner | None]:
    """Return what is known of a contender before the timed runs, and its runner if it may take part."""
    if entrant.missing:
        return {"status": MISSING, "reason": entrant.missing}, None
    try:
        runner, tried = arena.fastest(entrant)
    except WorkerError as error:
        return {"status": error.kind, "reason": error.reason}, None
    except Unfit as error:
        return {"status": error.status, "reason": error.reason, "agreement": error.agreement}, None
    known = {"status": OK, "variant": runner.variant, "tried": tried, "agreement": runner.agreement}
    return known | {"first_call_seconds": runner.first_call}, runner


@contextmanager
def product_worker(case: Case, options: Options, conditions: Conditions) -> Iterator[Worker | None]:
    """Give a worker that measures the machine's matrix product in the same minutes, where that is asked for."""
    if case.name not in WITH_SGEMM or conditions != QUIET or options.quick:
        yield None
        return
    worker = Worker("benchmarks.speed.sgemm:Sgemm", threads=options.cores)
    try:
        worker.make("task")
        worker.call("task", "run")
        yield worker
    finally:
        worker.close()


def interleave(runners: list[Runner], sgemm: Worker | None, repeats: int, conditions: Conditions) -> list[float]:
    """Let all run in turn, each round beginning with another one; return the seconds of the matrix product."""
    products = []
    for turn in range(repeats):
        first = turn % max(1, len(runners))
        for runner in runners[first:] + runners[:first]:
            if not runner.is_spent:
                sleep(conditions.settle)
                runner.seconds.append(runner.run(conditions.pause))
        if sgemm is not None:
            sleep(conditions.settle)
            products.append(sgemm.time("task", "run"))
    return products
