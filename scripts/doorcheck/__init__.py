"""Runs the real nginx configuration before two servers on loopback, and looks whether callers lose anything."""
