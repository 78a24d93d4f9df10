"""What is measured, one question a file. Each has a function `measure` that returns plain data for the JSON file."""
