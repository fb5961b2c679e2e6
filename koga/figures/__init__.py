"""Charts as SVG text, each with the sentence it is read by and the numbers it draws."""
