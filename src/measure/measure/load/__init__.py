"""A load generator for OpenAI-compatible servers. Uses only their HTTP API."""
