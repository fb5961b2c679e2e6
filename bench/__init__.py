"""Speed as ratios between koga and a plain way to do the same, measured in one run."""
