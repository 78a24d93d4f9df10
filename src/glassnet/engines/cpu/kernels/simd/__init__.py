"""Vector instructions and the arithmetic made of them; knows no network."""
