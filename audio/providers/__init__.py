"""Remote speech providers: adapters of their wires, retries, and chains of them."""
