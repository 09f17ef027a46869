"""What a folder says about itself, and the one reader for every table."""

from segkit.frame.draft import Draft, prepare
from segkit.frame.reading import Reading, read
from segkit.frame.texts import FrameError, UnansweredError

__all__ = ["Draft", "FrameError", "Reading", "UnansweredError", "prepare", "read"]
