"""Vector instructions and arithmetic with them; independent of networks."""
