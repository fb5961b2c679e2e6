"""What the public site and the desk share: template words, base page, stylesheet, fonts."""
