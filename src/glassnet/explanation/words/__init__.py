"""Formatting of numbers, formulas and lines."""
