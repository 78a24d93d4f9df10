"""Formulas as small immutable trees: evaluated, differentiated, parsed and printed, never run as code. Floor 1.

`tree` holds the nodes. `evaluation`, `derivatives`, `stable` and `branches` compute with them; `parsing` reads the
formulas of users; `dialects` writes them, one file per way of writing.
"""
