"""Time glassnet beside its peers."""
