"""The benches of a live server, in real time: one answer's latency, and many sessions."""
