"""What helps to work on the source."""
