"""Estimators of effects and the checks that can refuse them."""
