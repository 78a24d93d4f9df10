"""The speed suite: glassnet beside its peers on identical work. Run it with `make bench`; README.md says what it does."""
