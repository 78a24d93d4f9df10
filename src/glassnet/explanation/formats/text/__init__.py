"""The explanation as text for a terminal."""
