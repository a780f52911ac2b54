"""Monitoring: what viewers of a running interview see and hear, and what they may ask for."""
