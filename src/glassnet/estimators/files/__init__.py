"""Model files: a fitted model as plain data, written, read, judged and shown."""
