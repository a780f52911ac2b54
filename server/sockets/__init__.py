"""WebSockets: the one pump, who is admitted, and what is sent to and read from each peer."""
