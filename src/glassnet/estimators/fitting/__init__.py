"""Fitting: preparation, presets, calibration and members of an ensemble."""
