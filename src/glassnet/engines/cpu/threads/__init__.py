"""Threads: how many run, on which cores, and how they wait."""
