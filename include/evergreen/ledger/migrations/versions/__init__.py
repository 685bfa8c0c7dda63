"""The steps, oldest first; the number in a file's name is its revision."""
