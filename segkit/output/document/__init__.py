"""Documents of sections, as HTML and PDF."""
