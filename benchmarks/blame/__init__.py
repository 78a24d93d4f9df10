"""How well blame finds wrong labels."""
