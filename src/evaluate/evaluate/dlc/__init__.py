"""DLC-Bench: attributes that a caption should and should not mention, scored by questions to a language model."""
