"""A small Describe Anything model, from drawn pictures to a checkpoint in the published layout."""
