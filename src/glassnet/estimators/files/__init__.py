"""Model files: saving, reading, validating and inspecting fitted models."""
