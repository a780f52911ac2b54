"""The stores of the edges in PostgreSQL: accounts, plans, interviews, tickets, calls, monitors."""
