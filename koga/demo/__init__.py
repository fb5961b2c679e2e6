"""A fictional city, 한누리시: two years of support, a small fund, two signed releases."""
