"""Which configurations are tried, by how many workers and for how long: one Optuna study."""
