"""The pages: one file each, each with a function `page()` that draws it."""
