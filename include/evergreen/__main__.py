"""`python -m evergreen`."""

from evergreen.cli.main import main

raise SystemExit(main())
