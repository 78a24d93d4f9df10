"""The numbers behind the charts, as plain records."""
