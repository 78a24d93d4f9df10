"""Remedies put to the test: refits that show whether a fix helps."""
