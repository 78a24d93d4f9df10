"""How people write numbers and dates, and which way a column is written."""
