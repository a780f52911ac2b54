"""Benches: measurements of Viva under load, and the stand-ins they and the tests run against."""
