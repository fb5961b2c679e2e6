"""Units by period: declared, read, checked, planned before outcomes are opened."""
