"""Predictions and scores of files that may be larger than the memory."""
