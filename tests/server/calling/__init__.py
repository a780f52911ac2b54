"""Tests of `viva call`."""
