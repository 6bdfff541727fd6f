"""kubectl: a client of the API server."""
