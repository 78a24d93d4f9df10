"""The numbers behind the charts: plain records, computed here and drawn elsewhere."""
