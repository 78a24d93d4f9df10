"""A finished run, opened at any step."""
