"""Measures a server under attack, overload, idle connections and a long mixed run. It starts the server itself."""
