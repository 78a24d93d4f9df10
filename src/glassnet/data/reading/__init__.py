"""From the words that name a source to plain local files: finding, recognizing, unpacking, and checking queries."""
