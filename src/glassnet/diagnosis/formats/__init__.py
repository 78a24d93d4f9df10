"""Findings as text and as HTML."""
