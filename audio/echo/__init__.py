"""Echo: our own voice that a telephone line returns, found by its delay and subtracted."""
