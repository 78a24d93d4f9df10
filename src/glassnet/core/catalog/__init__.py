"""The tables: activations, costs, solvers, schedules, penalties and initializers, one entry each."""
