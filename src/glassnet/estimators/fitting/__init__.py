"""Everything between a table and trained networks."""
