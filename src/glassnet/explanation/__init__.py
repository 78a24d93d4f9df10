"""The arithmetic of one row: forward pass, cost, backward pass and update. Floor 5, never trains."""
