"""The spreadsheet: one file a sheet."""
