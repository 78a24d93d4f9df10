"""SQL queries over files: validation, file names and execution."""
