"""Stores in PostgreSQL: accounts, plans, interviews, tickets, calls and monitors."""
