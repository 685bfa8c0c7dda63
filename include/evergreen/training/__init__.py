"""From a dataset version to a challenger: `snapshot.snapshot` → `search.search` → `winner.fit_winner`."""
