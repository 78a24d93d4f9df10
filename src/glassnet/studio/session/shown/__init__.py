"""What the page sees: frames, curves, criteria and cards of neurons."""
