"""How accurate are the defaults? See docs/accuracy.md."""
