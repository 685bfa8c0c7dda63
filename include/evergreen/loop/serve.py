"""The prediction service over the ledger: which releases take which share of the traffic, and how rows are filled."""
