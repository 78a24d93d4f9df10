"""The content of a page, whatever it is written in."""
