"""Attacks on glassnet: many strange inputs, each tried in a process whose memory and time are limited."""
