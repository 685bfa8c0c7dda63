"""The embedded services of one machine, and the supervisor that keeps them running."""
