"""Pictures of a finished search and of its winner."""
