"""Writes the documents that are made from the code: diagrams, protocols, the table of modules."""
