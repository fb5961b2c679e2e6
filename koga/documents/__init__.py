"""Documents for people: workbooks, letters. No Django, no queries: they take rows."""
