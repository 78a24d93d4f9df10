"""Checkpoint files: a run on disk, written while it trains and continued from there."""
