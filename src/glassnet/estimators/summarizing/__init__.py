"""What a fitted model is, in words."""
