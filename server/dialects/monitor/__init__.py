"""The subprotocol `viva.monitor.v1` of a recruiter's monitor: messages and dialect. Pure."""
