"""`make fuzz`, or `python -m fuzz models --cases 1000 --seed 7`: attack glassnet and say what came of it."""

import argparse
import sys
from importlib import import_module

CASES = {
    "models": 100_000,
    "tables": 100_000,
    "queries": 10_000,
    "studio": 10_000,
    "interrupts": 100,
    "kills": 200,
    "sweeps": 5,
}
"""What is attacked, each in the module of that name, and how often by default."""


def main() -> int:
    """Run the attacks that were asked for; return 1 if a case failed."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*CASES, []], help="what to attack; everything by default")
    parser.add_argument("--cases", type=int, help="how many cases of each")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other cases")
    asked = parser.parse_args()
    failed = False
    for what in asked.what or CASES:
        tally = import_module(f"fuzz.{what}").run(asked.cases or CASES[what], asked.seed)
        print(tally, flush=True)
        failed |= bool(tally.failures)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
