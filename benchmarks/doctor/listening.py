"""How often a doctor that listens to a training is right.

    python -m benchmarks.doctor.listening --half report

The healthy fits of the suite, and its faults of training, are fitted with a `LiveDoctor` that looks after each epoch.
Whatever it tells of a healthy fit is a false alarm; a fault counts as heard if a rule that it names, or one of its
consequences, speaks before training has ended. Faults that name no rule that listens are left out, as are those of
weights, columns and rows, which are not those of a training.
"""

import argparse
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks.doctor.cases import Case
from benchmarks.doctor.faults import seeded_faults, training
from benchmarks.doctor.faults.fault import Fault
from benchmarks.doctor.healthy import healthy_fits
from benchmarks.doctor.tables import NAMES, half, load
from glassnet.diagnosis.live_doctor import LISTENING, LiveDoctor

LISTENS = {rule.name for rule in LISTENING} - {"stopped-early"}  # which nobody can know before the end


def main() -> None:
    """Listen to all fits that are asked for, and print what was told."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=("choose", "report"), default="report")
    parser.add_argument("--tables", nargs="+", choices=NAMES, help="only these")
    parser.add_argument("--seeds", type=int, default=2, help="of each healthy fit, and of each fault")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    n: Counter[str] = Counter()
    told: dict[str, Counter[str]] = {}
    for table in asked.tables or half(asked.half):
        for fault, case in fits(table, asked.seeds):
            name, rules = (fault.name, heard(case) & {*fault.rules, *fault.also}) if fault else ("healthy", heard(case))
            n[name] += 1
            told.setdefault(name, Counter()).update(rules or {"nothing": 1})
            if fault is None and rules:
                print(f"{table}: a healthy fit was said to have {', '.join(sorted(rules))}", flush=True)
        print(f"{table}: {n['healthy']} healthy fits and {sum(n.values()) - n['healthy']} faults so far", flush=True)
    print("\n| Fits | Heard | By rule |\n|---|--:|---|")
    for name, rules in told.items():
        words = ", ".join(f"{rule} {count}" for rule, count in rules.most_common() if rule != "nothing")
        print(f"| {name} | {n[name] - rules['nothing']} of {n[name]} | {words} |")


def fits(table: str, seeds: int) -> Iterator[tuple[Fault | None, Case]]:
    """Yield the healthy fits of a table and its faults of training, as estimators that can be fitted again."""
    found = load(table)
    kinds = [each for each in training.FAULTS if LISTENS & {*each.rules}]
    cases = [(None, name, make) for name, make in healthy_fits(found, range(seeds)) if "scikit-learn" not in name]
    cases += [each for each in seeded_faults(found, range(seeds)) if each[0] in kinds]
    for fault, _, make in cases:
        case = make()
        if case is not None and case.refit is not None:
            yield fault, case


def heard(case: Case) -> set[str]:
    """Return the rules that speak while the model of a case is trained again."""
    rules: set[str] = set()

    def tell(sentence: str) -> Any:
        mark, _, words = sentence.partition(" ")
        if mark != "✓":
            rules.add(words.split(": ")[1].split(" (")[0])

    case.refit(case.rows, callback=LiveDoctor("epoch", tell=tell))
    return rules


if __name__ == "__main__":
    main()
