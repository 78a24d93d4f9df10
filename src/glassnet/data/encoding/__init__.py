"""From a table to numbers and back; one file a kind of column."""
