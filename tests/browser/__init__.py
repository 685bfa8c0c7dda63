"""The web UI in a real browser; a package, so that its servers and the loop of Playwright end with it."""
