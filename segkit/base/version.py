"""The version of segkit."""

__version__ = "0.1.0"
