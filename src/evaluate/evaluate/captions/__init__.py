"""Ref-L4, Flickr30k Entities and others: captions compared with references by n-grams, scene graphs or a judge."""
