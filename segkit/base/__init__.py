"""What every room stands on: the gate for input, files, blocks of draws, tidy columns."""
