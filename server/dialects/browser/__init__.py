"""The subprotocol `viva.v1` of the candidate's page: messages and dialect. Pure."""
