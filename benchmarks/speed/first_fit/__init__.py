"""Scripts that train on iris once: imports, 100 epochs, the share of right answers. Each runs in a fresh process."""
