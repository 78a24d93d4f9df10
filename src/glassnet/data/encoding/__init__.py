"""Encoding of tables as numbers and decoding, one module per kind of column."""
