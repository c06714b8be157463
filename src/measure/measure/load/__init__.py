"""A load client for OpenAI-compatible servers. It knows HTTP and the clock, and nothing of the server's internals."""
