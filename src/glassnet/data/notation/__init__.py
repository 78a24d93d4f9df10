"""Notations of numbers and dates, and their detection per column."""
