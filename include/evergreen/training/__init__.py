"""From a dataset version to a challenger.

| package | answers |
|---|---|
| `split` | which rows are learned from, and which never |
| `candidates`, `imbalance` | what can be tried: families of estimators, ways to treat rare classes |
| `trial` | how good is one configuration? |
| `search` | which configurations are tried, and for how long? |
| `choose` | which trial or mix wins? |
| `fit` | the winner, fitted on all rows |

The loop calls `split.snapshot` → `search.search` → `fit.winner`. `in_memory` is all three without a database, for one
file. `nested_score` says what a whole search comes to on rows it has not seen.
"""
