"""Reading of sources: finds, identifies and unpacks files, and validates queries."""
