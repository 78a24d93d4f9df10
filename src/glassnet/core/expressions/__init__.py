"""Formulas as small immutable trees: evaluated, differentiated, parsed and printed, never executed. Floor 1.

`tree` defines the nodes. `evaluation`, `derivatives`, `stable` and `branches` compute with them; `parsing` reads
users' formulas; `dialects` writes formulas, one file per notation.
"""
