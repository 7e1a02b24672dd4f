"""Train, distil and compare translators: the published recipe and the controlled experiment."""
