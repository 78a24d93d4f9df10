"""Rows of a table wherever they are: in memory, or in files that are larger than the memory."""
