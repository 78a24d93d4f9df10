"""From a file, frame, array or SQL query to a float matrix, and back. Floor 2: imports only floors 0 and 1.

`sources.read` and `tabular.table_from` return a `Table`; `infer_schema` infers its columns; `split` splits its rows;
`Encoder` encodes the inputs and `TargetEncoder` the target.
DuckDB, narwhals and SciPy are imported inside the functions that need them, so that `import glassnet` stays light.
"""
