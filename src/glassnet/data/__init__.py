"""From a file, frame, array or SQL query to a float matrix, and back to words. Floor 2: imports floors 0 and 1 at most.

The way of the data: `sources.read` or `table.table_from` make a `Table`; `schema.infer_schema` says what its columns
are;
`split.split` deals its rows out; `encoder.Encoder` turns the training part into numbers; `targets.TargetEncoder` the
target.
DuckDB, narwhals and SciPy are imported inside the functions that need them, so that `import glassnet` stays light.
"""
