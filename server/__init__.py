"""The edges: HTTP, WebSockets, sign-in, web pages, the command line, and the composition root."""
