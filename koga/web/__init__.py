"""Settings, addresses and the doors: the desk with the books, the public site with a release."""
