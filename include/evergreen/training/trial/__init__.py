"""One trial: a configuration fitted and judged on every fold, in a process that can be ended."""
