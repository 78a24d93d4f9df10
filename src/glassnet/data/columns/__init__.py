"""The schema of a table: inference and validation."""
