"""WebSockets: who is admitted, the loops that read from peers and send to them, the limits."""
