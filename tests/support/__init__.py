"""Doubles and clocks that tests and benches share. Nothing of the product imports them."""
