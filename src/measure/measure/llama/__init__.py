"""The decoder against llama.cpp, on random models of the same shape."""
