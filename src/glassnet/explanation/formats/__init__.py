"""How an explanation is written: one folder a format; what is shown is decided once, here."""
