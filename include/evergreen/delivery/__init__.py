"""From a fitted model to predictions people use: package, smoke test, service, rollout, batch scoring."""
