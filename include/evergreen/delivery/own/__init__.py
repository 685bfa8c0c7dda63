"""A release in a process of its own: with the code packed in its bento and, where they differ, its own libraries."""
