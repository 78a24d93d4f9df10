"""What was measured, in words and pictures."""
