"""The explanation as a workbook, one module per sheet."""
