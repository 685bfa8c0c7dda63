"""What was chosen, fitted on all rows to learn from; and the baselines it has to beat."""
