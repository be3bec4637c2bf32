"""Behind the answer: what was filed by its head is looked at, described and compared."""
