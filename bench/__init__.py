"""Benches: measurements of Viva under load. Tools of development, run by `python -m bench`."""
