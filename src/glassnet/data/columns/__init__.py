"""What the columns are, inferred once and checked afterwards."""
