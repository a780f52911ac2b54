"""Browser dialect: the subprotocol `viva.v1` of the candidate's page. Pure."""
