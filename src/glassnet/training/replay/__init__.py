"""Replay of a finished run at any step."""
