"""What a reader can take away: files, pictures, and programs that train the network of the page again."""
