"""What a query may contain, which files it names, and its table."""
