"""How often the doctor is right: healthy fits that it should leave alone, and faults that it should find."""
