"""Times the decoder against llama.cpp with random weights of the same shape."""
