"""The subject of an explanation: one row in one network, with all names."""
