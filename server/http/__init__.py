"""HTTP: middleware, rate limits, problem documents, addresses, and the page of the API."""
