"""What a run is made of; each file works without a run."""
