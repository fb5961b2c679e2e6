"""What it costs the budget: bonds, subsidies, guarantees, risk, stress, the cost estimate."""
