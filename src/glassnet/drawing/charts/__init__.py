"""Charts of records, by altair, which is imported when a chart is rendered."""
