"""Evaluates region captioners behind any OpenAI-compatible endpoint."""
