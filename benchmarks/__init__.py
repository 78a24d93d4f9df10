"""The speed suite: glassnet beside its peers on identical work. `make bench` runs it; README.md says what it does."""
