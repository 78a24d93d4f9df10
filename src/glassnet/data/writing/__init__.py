"""Writing of tables, whole or some rows after the others."""
