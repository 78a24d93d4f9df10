"""Runs of many steps: the plan, the epoch loop, when to stop, and the history of it all. Floor 3."""
