"""Views of a trained network as plain data: what it has learned, where it is wrong, and on which rows."""
