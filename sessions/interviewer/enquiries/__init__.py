"""Enquiries and requests: what a candidate asks for within an interview, by its words."""
