"""Schema and encoders in a model file: records with ranges, and what must agree."""
