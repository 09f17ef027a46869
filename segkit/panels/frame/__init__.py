"""What a folder says about itself, and the one reader for every table."""

from segkit.base.boundary import guard
from segkit.base.namespace import public
from segkit.panels.frame.draft import Draft, prepare
from segkit.panels.frame.reading import Reading, read
from segkit.panels.frame.texts import FrameError, UnansweredError

__all__ = ["Draft", "FrameError", "Reading", "UnansweredError", "prepare", "read"]

__dir__ = public(__all__)

guard(__name__)
