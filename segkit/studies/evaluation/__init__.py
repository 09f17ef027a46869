"""The study of whether an effort worked."""
