"""Every sentence that a reader sees, and the only place where a number is written."""
