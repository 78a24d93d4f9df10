"""What is wrong with a network or its data: rules, each with its evidence, and what to do."""
