"""One thin file per page: controls, a service, a figure, words."""
