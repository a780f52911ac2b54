"""What every HTTP request passes: middleware, rate limits, problem documents, the API's page."""
