"""The decoder beside llama.cpp, on random models of the same shape, in turns. Run by scripts/llama-compare."""
