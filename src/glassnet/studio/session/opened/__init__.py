"""What is open: tables, models and bundled examples."""
