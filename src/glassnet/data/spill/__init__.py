"""Columns of large tables in a temporary file, read one at a time, so that the memory holds the encoded rows alone."""
