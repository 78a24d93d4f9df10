"""Training runs: the plan, the epoch loop, the stopping rules and the history. Floor 3."""
