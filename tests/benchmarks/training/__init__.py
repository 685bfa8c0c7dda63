"""Evergreen's training against its peers on data that packages ship. Start it with `make bench-training`."""
