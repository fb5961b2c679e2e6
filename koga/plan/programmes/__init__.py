"""What it buys beside the fund: talents, GPU time, space, regulations removed."""
