"""Which rows are learned from, which judge a trial, and which nobody sees before the gate."""
